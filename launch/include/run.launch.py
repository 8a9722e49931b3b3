"""What every run shares: arguments, settings, run folder, and the end of the run."""

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

from run_recorder import resume
from ur5_rl_env.agreement import check_run
from ur5_rl_graph import settings
from ur5_rl_graph.run_of_launch import begin_run, take_folder

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = sorted(path.stem for path in (ROOT / 'config/settings').glob('*.yaml'))
TASKS = sorted(path.stem for path in (ROOT / 'config/tasks').glob('*.yaml'))


def generate_launch_description():
    """Returns the arguments; takes architecture, sets what nodes and recorder take; starts nothing."""
    default_setting = 'baseline' if Path('/dev/nvidia0').exists() else 'small'
    return LaunchDescription(
        [
            OpaqueFunction(function=take_up),  # before there are defaults: what was given is still known
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


def take_up(context):
    """Sets the arguments of a run that is resumed to its own."""
    given = dict(context.launch_configurations)
    if not given.get('resume'):
        return []
    own = resume.arguments(Path(given['resume']).absolute(), given)
    return [SetLaunchConfiguration(name, value) for name, value in own.items()]


def set_files(context):
    """Sets the run folder and writes the parameters that all nodes of the run get into it."""
    chosen = context.launch_configurations
    if chosen.get('resume'):
        setting_name, nodes = chosen['setting'], settings.read(Path(chosen['output']) / resume.PARAMETERS)
    else:
        setting = settings.setting_file(ROOT / 'config', chosen['setting'])
        cycle_s = action_cycle_s(chosen['action_cycle'])
        nodes = settings.resolve(ROOT / 'config', chosen['architecture'], setting, chosen['task'], cycle_s)
        setting_name = setting.stem
    check_run(nodes)
    parts = [chosen['architecture'], chosen['task'], setting_name, chosen['seed'], chosen['namespace']]
    name = '_'.join(part.strip('/').replace('/', '_') for part in parts if part)
    new = ROOT / 'results' / f'{time.strftime("%Y%m%d-%H%M%S")}_{name}'
    folder = Path(chosen['output'] or new).absolute()
    if not chosen.get('resume'):
        resume.refuse_used(folder)
    begun = begin_run(context)
    take_folder(folder)
    parameter_file = folder / resume.PARAMETERS
    if not chosen.get('resume'):
        folder.mkdir(parents=True, exist_ok=True)
        settings.write(parameter_file, nodes)
    own = (
        folder / 'checkpoints/learner.safetensors'
    )  # of a run that is resumed: it acts until the learner is there
    return [
        *begun,
        SetLaunchConfiguration('own_checkpoint', str(own) if own.is_file() else ''),
        SetLaunchConfiguration('parameter_file', str(parameter_file)),
        SetLaunchConfiguration('setting_name', setting_name),
        SetLaunchConfiguration('run_folder', str(folder)),
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
