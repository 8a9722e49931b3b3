"""The executables of this package, one for each node."""

from functools import partial

from ur5_rl_graph.entry import execute

unawaited = partial(execute, awaited=False)  # they only show

diagnostics = partial(unawaited, 'ur5_rl_monitor.nodes.diagnostics')
live_view = partial(unawaited, 'ur5_rl_monitor.nodes.live_view')
network_view = partial(unawaited, 'ur5_rl_monitor.nodes.network_view')
robot_state_publisher = partial(unawaited, 'ur5_rl_monitor.nodes.robot_state_publisher')
scene_markers = partial(unawaited, 'ur5_rl_monitor.nodes.scene_markers')
