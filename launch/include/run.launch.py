"""The arguments that every run shares."""

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
from ur5_rl_graph import shipped
from ur5_rl_graph.architectures import TASKS

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
            DeclareLaunchArgument(
                'view',
                default_value='false',
                choices=['true', 'false'],
                description='true = also the nodes that show people what goes on, for rviz2, rqt and others',
            ),
            DeclareLaunchArgument(
                'monitor',
                default_value='false',
                choices=['true', 'false'],
                description='true = also those, and a live view of the run in a browser (./ur5rl monitor)',
            ),
            DeclareLaunchArgument(
                'record',
                default_value='false',
                choices=['false', 'true', 'all'],
                description='true = the run folder gets a bag of what a replay needs; '
                'all = observations, mini-batches and weights, too',
            ),
            SetEnvironmentVariable(
                'ROS_AUTOMATIC_DISCOVERY_RANGE',
                EnvironmentVariable('ROS_AUTOMATIC_DISCOVERY_RANGE', default_value='LOCALHOST'),
            ),
        ]
    )


def take_up(context):
    """Sets the arguments of a run that is resumed to its own."""
    given = dict(context.launch_configurations)
    if not given.get('resume'):
        return []
    own = resume.arguments(Path(given['resume']).absolute(), given)
    return [SetLaunchConfiguration(name, value) for name, value in own.items()]
