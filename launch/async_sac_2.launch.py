"""Async-SAC-2 (thesis 4.4): interaction, sampling and gradient updates all run at once."""

from ur5_rl_graph.launching import INIT, LEARNING, learning_run, run_node


def generate_launch_description():
    """Returns the graph with every node in a process of its own."""
    return learning_run(
        __file__,
        run_node('sac_learner', 'learner', INIT),
        run_node('sac_learner', 'actor', LEARNING),
        run_node('buffer_sampler', 'buffer_sampler'),
    )
