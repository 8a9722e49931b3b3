"""Async-SAC-1 (thesis 4.3): sampling and gradient updates alternate, both beside the interaction."""

from ur5_rl_graph.launching import INIT, LEARNING, learning_run, run_node, run_process


def generate_launch_description():
    """Returns the graph with sampler and learner in one thread, the actor in a process of its own."""
    return learning_run(
        __file__,
        run_node('sac_learner', 'actor', LEARNING),
        run_process(
            'sampler_and_learner', 'buffer_sampler/buffer_sampler', 'sac_learner/learner', parameters=INIT
        ),
    )
