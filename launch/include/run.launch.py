"""The arguments that every run and the calibration share."""

from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetLaunchConfiguration

from run_recorder import resume
from ur5_rl_graph import shipped
from ur5_rl_graph.architectures import TASKS
from ur5_rl_graph.launching import on_this_host

CONFIG = shipped.folder() / 'config'
SETTINGS = sorted(path.stem for path in (CONFIG / 'settings').glob('*.yaml'))


def generate_launch_description():
    """Returns the arguments; starts nothing."""
    return LaunchDescription(
        [
            OpaqueFunction(function=take_up),  # before there are defaults: what was given is still known
            DeclareLaunchArgument('task', default_value='reaching', choices=TASKS, description='the task'),
            DeclareLaunchArgument(
                'setting',
                default_value='small',
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
                'output',
                default_value='',
                description='run folder; none = results/<time>_<architecture>_<task>_<...>',
            ),
            DeclareLaunchArgument(
                'namespace',
                default_value='',
                description='of all nodes, topics and services; another for each run in one ROS domain',
            ),
            on_this_host(),
        ]
    )


def take_up(context):
    """Sets the arguments of a run that is resumed to its own."""
    given = dict(context.launch_configurations)
    if not given.get('resume'):
        return []
    own = resume.arguments(Path(given['resume']).absolute(), given)
    return [SetLaunchConfiguration(name, value) for name, value in own.items()]
