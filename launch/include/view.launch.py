"""What people see of a run: nodes that listen, and that a run can do without."""

from launch import LaunchDescription
from launch.actions import OpaqueFunction
from launch.substitutions import LaunchConfiguration

from ur5_rl_graph.launching import run_node

WITH_VIEW = ('network_view', 'diagnostics')
"""Nodes of ur5_rl_monitor that start with view:=true."""
OF_RUN = ('architecture', 'robot_ip')
"""What of a run the diagnostics take."""


def generate_launch_description():
    """Returns the nodes; takes what begin.launch.py has set."""
    return LaunchDescription([OpaqueFunction(function=nodes)])


def nodes(context):
    """Returns the nodes that were asked for."""
    if context.launch_configurations['view'] != 'true':
        return []
    chosen = context.launch_configurations
    given = {
        'network_view': {'checkpoint': chosen.get('checkpoint_file') or chosen['own_checkpoint']},
        'diagnostics': {name: LaunchConfiguration(name) for name in OF_RUN},
    }
    return [run_node('ur5_rl_monitor', name, given.get(name, {})) for name in WITH_VIEW]
