"""Which of the agent's nodes share a process in the three architectures, and what they learn."""

SHARED_PROCESS = {
    'seq_sac': ('actor', 'buffer_sampler', 'learner'),
    'async_sac_1': ('buffer_sampler', 'learner'),
    'async_sac_2': (),
}
"""Nodes that take turns in one thread, by the name of the launch file (thesis 4.2 to 4.4)."""

TASKS = ('reaching', 'tracking')
"""What is learned (thesis 3.3)."""
