"""The executables of this package, one for each node."""

from functools import partial

from ur5_rl_graph.entry import execute

diagnostics = partial(execute, 'ur5_rl_monitor.nodes.diagnostics')
live_view = partial(execute, 'ur5_rl_monitor.nodes.live_view')
network_view = partial(execute, 'ur5_rl_monitor.nodes.network_view')
robot_state_publisher = partial(execute, 'ur5_rl_monitor.nodes.robot_state_publisher')
scene_markers = partial(execute, 'ur5_rl_monitor.nodes.scene_markers')
