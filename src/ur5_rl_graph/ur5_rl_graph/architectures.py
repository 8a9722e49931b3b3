"""The three architectures: which nodes of the agent share a process, by the name of the launch file."""

SHARED_PROCESS = {
    'seq_sac': ('actor', 'buffer_sampler', 'learner'),
    'async_sac_1': ('buffer_sampler', 'learner'),
    'async_sac_2': (),
}
"""Nodes that take turns in one thread (thesis 4.2 to 4.4); every other node has a process of its own."""
