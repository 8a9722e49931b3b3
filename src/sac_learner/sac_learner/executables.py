"""The executables of this package, one for each node."""

from functools import partial

from ur5_rl_graph.entry import execute

actor = partial(execute, 'sac_learner.nodes.actor')
learner = partial(execute, 'sac_learner.nodes.learner')
