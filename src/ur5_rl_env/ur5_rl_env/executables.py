"""The executables of this package, one for each node."""

from functools import partial

from ur5_rl_graph.entry import execute

arm_driver = partial(execute, 'ur5_rl_env.nodes.arm_driver')
camera = partial(execute, 'ur5_rl_env.nodes.camera')
environment = partial(execute, 'ur5_rl_env.nodes.environment')
target_monitor = partial(execute, 'ur5_rl_env.nodes.target_monitor')
