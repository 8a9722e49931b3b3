"""Times of gradient updates; needs torch, but neither ROS 2 nor rendering."""

import time

import numpy as np

from cost_profile.stopwatch import times
from sac_learner.config import AgentConfig
from sac_learner.learner import SacLearner
from ur5_rl_graph.data import JOINTS, PROPRIO, MiniBatch


def gradient_times(config: AgentConfig, device: str, seconds: float) -> np.ndarray:
    """Gradient update: all networks, as means of two, because the actor learns at every second one."""
    return update_times(SacLearner(config, 0, device), mini_batch(config), seconds)


def update_times(learner: SacLearner, batch: MiniBatch, seconds: float) -> np.ndarray:
    """Returns (n, 2) times [ms] of an update as means of two, n at least 3, as `stopwatch.times` does."""
    learner.prepare()

    def update_twice() -> None:
        learner.update(batch)
        learner.update(batch)
        learner.statistics()  # waits for a GPU

    measured, end = [times(update_twice, 3)], time.monotonic() + seconds
    while time.monotonic() < end:
        measured.append(times(update_twice, 1, warm_up=0))
    return np.concatenate(measured) / 2


def mini_batch(config: AgentConfig) -> MiniBatch:
    """Returns a mini-batch of noise."""
    rng = np.random.default_rng(0)
    batch = config.batch_size
    return MiniBatch(
        images=rng.integers(0, 256, (2, batch, *config.image_shape), np.uint8),
        proprio=rng.random((2, batch, PROPRIO), np.float32),
        action=rng.uniform(-1.0, 1.0, (batch, JOINTS)).astype(np.float32),
        reward=rng.random(batch, np.float32),
        discount=np.ones(batch, np.float32),
    )
