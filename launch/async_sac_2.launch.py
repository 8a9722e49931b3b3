"""Async-SAC-2 (thesis 4.4): interaction, sampling and gradient updates all run at once."""

from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, SetLaunchConfiguration
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration

from ur5_rl_graph.launching import run_node

INCLUDE = Path(__file__).resolve().parent / 'include'


def generate_launch_description():
    """Returns the graph with every node in a process of its own."""
    return LaunchDescription(
        [
            SetLaunchConfiguration('architecture', 'async_sac_2'),
            include('run'),
            DeclareLaunchArgument(
                'init', default_value='', description='checkpoint to start from; none = untrained'
            ),
            include('environment'),
            run_node('sac_learner', 'learner', {'init': LaunchConfiguration('init')}),
            run_node('sac_learner', 'actor'),
            run_node('buffer_sampler', 'buffer_sampler'),
        ]
    )


def include(name):
    """Returns the inclusion of include/<name>.launch.py."""
    return IncludeLaunchDescription(PythonLaunchDescriptionSource(str(INCLUDE / f'{name}.launch.py')))
