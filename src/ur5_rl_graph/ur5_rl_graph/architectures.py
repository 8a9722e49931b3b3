"""The nodes of a run, and which of the agent's share a process in the three architectures."""

NODES = (
    'target_monitor',
    'arm_driver',
    'environment',
    'camera',
    'robot_cell',
    'actor',
    'buffer_sampler',
    'learner',
    'run_recorder',
)
"""Names of all nodes that a launch file may start."""

SHARED_PROCESS = {
    'seq_sac': ('actor', 'buffer_sampler', 'learner'),
    'async_sac_1': ('buffer_sampler', 'learner'),
    'async_sac_2': (),
}
"""Nodes that take turns in one thread, by the name of the launch file (thesis 4.2 to 4.4)."""
