"""Async-SAC-2 (thesis 4.4): interaction, sampling and gradient updates all run at once."""

from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, SetLaunchConfiguration
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

INCLUDE = Path(__file__).resolve().parent / 'include'


def generate_launch_description():
    """Returns the graph with every node in a process of its own."""

    def agent(package, executable, *parameters):
        return Node(
            package=package,
            executable=executable,
            name=executable,
            output='screen',
            respawn=True,
            respawn_delay=1.0,
            sigterm_timeout='20',  # a last checkpoint on a busy disk
            parameters=[
                LaunchConfiguration('setting_file'),
                LaunchConfiguration('task_file'),
                {
                    'seed': ParameterValue(LaunchConfiguration('seed'), value_type=int),
                    'run_folder': LaunchConfiguration('run_folder'),
                },
                *parameters,
            ],
        )

    return LaunchDescription(
        [
            SetLaunchConfiguration('architecture', 'async_sac_2'),
            include('run'),
            DeclareLaunchArgument(
                'init', default_value='', description='checkpoint to start from; none = untrained'
            ),
            include('environment'),
            agent('sac_learner', 'learner', {'init': LaunchConfiguration('init')}),
            agent('sac_learner', 'actor'),
            agent('buffer_sampler', 'buffer_sampler'),
        ]
    )


def include(name):
    """Returns the inclusion of include/<name>.launch.py."""
    return IncludeLaunchDescription(PythonLaunchDescriptionSource(str(INCLUDE / f'{name}.launch.py')))
