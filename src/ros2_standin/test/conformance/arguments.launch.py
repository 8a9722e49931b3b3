"""Arguments as --show-args lists them."""

from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription
from launch.conditions import IfCondition
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import EnvironmentVariable, LaunchConfiguration


def generate_launch_description():
    """Returns arguments of each kind."""
    inner = PythonLaunchDescriptionSource(str(Path(__file__).parent / 'included.launch.py'))
    joined = ['x_', LaunchConfiguration('task'), EnvironmentVariable('HOME')]
    return LaunchDescription(
        [
            DeclareLaunchArgument('task', default_value='a', description='Task', choices=['a', 'b']),
            DeclareLaunchArgument('joined', default_value=joined, description='is put together'),
            DeclareLaunchArgument('needed', description='has no default'),
            DeclareLaunchArgument('empty', default_value=''),
            GroupAction([DeclareLaunchArgument('rare', choices=['1'])], condition=IfCondition('false')),
            IncludeLaunchDescription(inner),
        ]
    )
