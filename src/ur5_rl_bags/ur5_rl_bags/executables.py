"""The executables of this package, one for each node."""

from functools import partial

from ur5_rl_graph.entry import execute

bag_recorder = partial(execute, 'ur5_rl_bags.nodes.bag_recorder')
bag_player = partial(execute, 'ur5_rl_bags.nodes.bag_player')
