"""The executable of this package: its node."""

from functools import partial

from ur5_rl_graph.entry import execute

robot_cell = partial(execute, 'ur5_cell.nodes.robot_cell')
