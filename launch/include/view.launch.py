"""What people see of a run: nodes that listen, and that a run can do without."""

from launch import LaunchDescription
from launch.actions import OpaqueFunction

from ur5_rl_graph.launching import run_node

WITH_VIEW = ()
"""Nodes of ur5_rl_monitor that start with view:=true."""


def generate_launch_description():
    """Returns the nodes; takes what begin.launch.py has set."""
    return LaunchDescription([OpaqueFunction(function=nodes)])


def nodes(context):
    """Returns the nodes that were asked for."""
    if context.launch_configurations['view'] != 'true':
        return []
    return [run_node('ur5_rl_monitor', name) for name in WITH_VIEW]
