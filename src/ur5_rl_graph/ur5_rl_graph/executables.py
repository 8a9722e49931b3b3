"""The executable of this package."""

from functools import partial

from ur5_rl_graph.entry import execute

process = partial(execute, 'ur5_rl_graph.shared_process')
