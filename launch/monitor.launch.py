"""Opens rviz2 and rqt with the layouts of config/, where they are installed; touches no run."""

from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction

from ur5_rl_graph.launch_arguments import refuse_unknown
from ur5_rl_graph.launching import included, on_this_host


def generate_launch_description():
    """Returns the viewers, or one line on each that cannot be opened."""
    path = Path(__file__).resolve()
    return LaunchDescription(
        [
            OpaqueFunction(function=refuse_unknown, args=[path, {'namespace'}]),
            DeclareLaunchArgument(
                'namespace',
                default_value='',
                description='of the run that is looked at; none = as the run has none',
            ),
            on_this_host(),
            included(path, 'viewers'),
        ]
    )
