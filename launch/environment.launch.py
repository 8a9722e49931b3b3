"""Devices and environment without an agent: one of your own acts, through Gymnasium or on the topics."""

from launch.actions import DeclareLaunchArgument

from ur5_rl_graph.launching import run


def generate_launch_description():
    """Returns the graph of every run, with no agent."""
    return run(
        __file__,
        DeclareLaunchArgument('duration', default_value='0.0', description='time limit [s]; 0 = none'),
        agent=(),
    )
