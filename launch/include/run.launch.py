"""What every run shares: arguments, settings, run folder, and the end of the run."""

import math
import time
from pathlib import Path

from launch import LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    OpaqueFunction,
    SetEnvironmentVariable,
    SetLaunchConfiguration,
)
from launch.substitutions import EnvironmentVariable

from ur5_rl_env.agreement import check_run
from ur5_rl_graph import declared, parameter_file, settings
from ur5_rl_graph.launch_arguments import check_installed, check_numbers
from ur5_rl_graph.run_of_launch import begin_run, namespace

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = sorted(path.stem for path in (ROOT / 'config/settings').glob('*.yaml'))
TASKS = sorted(path.stem for path in (ROOT / 'config/tasks').glob('*.yaml'))


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
            DeclareLaunchArgument(
                'namespace',
                default_value='',
                description='of all nodes, topics and services; another for each run in one ROS domain',
            ),
            SetEnvironmentVariable(
                'ROS_AUTOMATIC_DISCOVERY_RANGE',
                EnvironmentVariable('ROS_AUTOMATIC_DISCOVERY_RANGE', default_value='LOCALHOST'),
            ),
            OpaqueFunction(function=set_files),
        ]
    )


def set_files(context):
    """Sets the run folder and writes the parameters that all nodes of the run get into it."""
    chosen = context.launch_configurations
    check_numbers(chosen)
    setting = settings.setting_file(ROOT / 'config', chosen['setting'])
    cycle_s = action_cycle_s(chosen['action_cycle'])
    nodes = settings.resolve(ROOT / 'config', chosen['architecture'], setting, chosen['task'], cycle_s)
    settings.check_nodes(nodes, running(chosen))
    check_run(nodes)
    check_installed(context)
    begun = begin_run(context)
    parts = [chosen['architecture'], chosen['task'], setting.stem, chosen['seed'], chosen['namespace']]
    name = '_'.join(part.strip('/').replace('/', '_') for part in parts if part)
    folder = Path(chosen['output'] or ROOT / 'results' / f'{time.strftime("%Y%m%d-%H%M%S")}_{name}')
    path = folder.absolute() / 'parameters.yaml'
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        parameter_file.write(path, nodes, namespace(context))
    except OSError as error:
        raise RuntimeError(f"output is '{folder}', which cannot be written: {error.strerror}") from None
    logs = context.environment.get('ROS_LOG_DIR') or str(path.parent / 'log')
    return [
        *begun,
        SetLaunchConfiguration('parameter_file', str(path)),
        SetLaunchConfiguration('setting_name', setting.stem),
        SetLaunchConfiguration('run_folder', str(path.parent)),
        SetLaunchConfiguration('log_folder', logs),
        SetLaunchConfiguration('run_title', name.replace('_', ' ')),
    ]


def running(chosen):
    """Returns the names of the nodes that this run is to have."""
    left_out = {'camera'} if not chosen['camera'] else set()
    if chosen['robot_ip']:
        left_out.add('robot_cell')
    if chosen['architecture'] == 'evaluate':
        left_out |= {'buffer_sampler', 'learner'}
    return tuple(node for node in declared.NODES if node not in left_out)


def action_cycle_s(text):
    """Returns the action cycle that was asked for, None where the setting's is wanted."""
    try:
        seconds = float(text) if text else None
    except ValueError:
        seconds = 0.0
    if seconds is not None and not 0.0 < seconds < math.inf:
        raise RuntimeError(f"action_cycle is '{text}'; give seconds, such as 0.08")
    return seconds
