"""The executables of this package, one for each node."""

from functools import partial

from ur5_rl_graph.entry import execute

buffer_sampler = partial(execute, 'buffer_sampler.nodes.buffer_sampler')
