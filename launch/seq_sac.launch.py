"""Seq-SAC (thesis 4.2): store, sample, update, act, one after the other in each action cycle."""

from ur5_rl_graph.launching import INIT, LEARNING, learning_run, run_process


def generate_launch_description():
    """Returns the graph with actor, sampler and learner in one thread."""
    return learning_run(
        __file__,
        run_process(
            'agent',
            'sac_learner/learner',  # first: an episode begins once the actor is there, and CUDA takes seconds
            'buffer_sampler/buffer_sampler',
            'sac_learner/actor',
            parameters=INIT | LEARNING,
        ),
    )
