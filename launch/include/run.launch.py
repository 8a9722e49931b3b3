"""What every run shares: arguments, settings, run folder, and the end of the run."""

import secrets
import time
from pathlib import Path

from launch import LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    EmitEvent,
    LogInfo,
    OpaqueFunction,
    RegisterEventHandler,
    SetEnvironmentVariable,
    SetLaunchConfiguration,
)
from launch.event_handlers import OnProcessExit
from launch.events import Shutdown
from launch.substitutions import EnvironmentVariable

from ur5_rl_graph import settings

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = sorted(path.stem for path in (ROOT / 'config/settings').glob('*.yaml'))
TASKS = sorted(path.stem for path in (ROOT / 'config/tasks').glob('*.yaml'))
ENDS_THE_RUN = {2: 'cannot work with what it was given', 3: 'ended the run'}
"""Exit codes of a node that no restart would mend."""


def generate_launch_description():
    """Returns the arguments; takes architecture, sets what nodes and recorder take; starts nothing."""
    default_setting = 'baseline' if Path('/dev/nvidia0').exists() else 'small'
    return LaunchDescription(
        [
            DeclareLaunchArgument('task', default_value='reaching', choices=TASKS, description='the task'),
            DeclareLaunchArgument(
                'setting',
                default_value=default_setting,
                description='image size, mini-batch size, hyper-parameters: '
                + ', '.join(SETTINGS)
                + ' (config/settings), or the path of a YAML file',
            ),
            DeclareLaunchArgument(
                'action_cycle',
                default_value='',
                description="action cycle [s], a multiple of 0.008; none = the setting's",
            ),
            DeclareLaunchArgument('seed', default_value='0', description='seed of the whole run, an integer'),
            DeclareLaunchArgument(
                'duration',
                default_value='7200.0',
                description='wall time after the random steps [s]; 0 = without end',
            ),
            DeclareLaunchArgument(
                'output',
                default_value='',
                description='run folder; none = results/<time>_<architecture>_<task>_<...>',
            ),
            SetEnvironmentVariable(
                'ROS_AUTOMATIC_DISCOVERY_RANGE',
                EnvironmentVariable('ROS_AUTOMATIC_DISCOVERY_RANGE', default_value='LOCALHOST'),
            ),
            OpaqueFunction(function=set_files),
            RegisterEventHandler(OnProcessExit(on_exit=end_if_over_or_hopeless)),
        ]
    )


def set_files(context):
    """Sets the run folder and writes the parameters that all nodes of the run get into it."""
    chosen = context.launch_configurations
    setting = settings.setting_file(ROOT / 'config', chosen['setting'])
    name = '_'.join([chosen['architecture'], chosen['task'], setting.stem, chosen['seed']])
    folder = Path(chosen['output'] or ROOT / 'results' / f'{time.strftime("%Y%m%d-%H%M%S")}_{name}')
    parameter_file = folder.absolute() / 'parameters.yaml'
    cycle_s = action_cycle_s(chosen['action_cycle'])
    nodes = settings.resolve(ROOT / 'config', chosen['architecture'], setting, chosen['task'], cycle_s)
    parameter_file.parent.mkdir(parents=True, exist_ok=True)
    settings.write(parameter_file, nodes)
    return [
        SetLaunchConfiguration('parameter_file', str(parameter_file)),
        SetLaunchConfiguration('setting_name', setting.stem),
        SetLaunchConfiguration('run_folder', str(parameter_file.parent)),
        SetLaunchConfiguration('run_identity', f'run_{secrets.token_hex(8)}'),  # YAML takes no number for it
        SetLaunchConfiguration('run_title', name.replace('_', ' ')),
    ]


def action_cycle_s(text):
    """Returns the action cycle that was asked for, None where the setting's is wanted."""
    try:
        seconds = float(text) if text else None
    except ValueError:
        seconds = 0.0
    if seconds is not None and not seconds > 0.0:
        raise RuntimeError(f"action_cycle is '{text}'; give seconds, such as 0.08")
    return seconds


def end_if_over_or_hopeless(event, _context):
    """Ends the launch when the recorder has seen the end of the run, or no restart would help a node."""
    if event.returncode == 0 and event.process_name.startswith('run_recorder'):
        return [EmitEvent(event=Shutdown(reason='the run is over'))]
    reason = ENDS_THE_RUN.get(event.returncode)
    if reason is None:
        return None
    return [
        LogInfo(msg=f'{event.process_name} {reason}: shutting down'),
        EmitEvent(event=Shutdown(reason=reason)),
    ]
