"""Times of gradient updates; needs torch, but neither ROS 2 nor rendering."""

import time

import numpy as np

from buffer_sampler.slots import SlotPool, SlotReader
from cost_profile.stopwatch import times
from sac_learner.agent_config import AgentConfig
from sac_learner.learner import SacLearner
from sac_learner.learner_config import LearnerConfig
from sac_learner.pinned_memory import PinnedMemory
from ur5_rl_graph.data import JOINTS, PROPRIO, MiniBatch

PINNED = PinnedMemory('cuda')
"""Of the slots that are measured."""


def gradient_times(config: AgentConfig, learning: LearnerConfig, device: str, seconds: float) -> np.ndarray:
    """Gradient update: all networks, as means of two, because the actor learns at every second one."""
    batch = mini_batch(config)
    if device == 'cuda':
        batch = in_a_slot(batch)
    return update_times(SacLearner(config, 0, device, learning.graph, learning.precision), batch, seconds)


def update_times(learner: SacLearner, batch: MiniBatch, seconds: float, together: int = 2) -> np.ndarray:
    """Returns (n, 2) times [ms] of an update, n at least 3, as `stopwatch.times` does.

    Args:
        learner: whose updates.
        batch: arrays, or tensors on its device.
        seconds: least time of measuring.
        together: each time is the mean of so many updates, an even number. A GPU is waited for after them
            only, as the node does not wait, either.
    """

    def update_several() -> None:
        for _ in range(together):
            learner.update(batch)
        learner.statistics()  # waits for a GPU

    measured, end = [times(update_several, 3)], time.monotonic() + seconds
    while time.monotonic() < end:
        measured.append(times(update_several, 1, warm_up=0))
    return np.concatenate(measured) / together


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


def reader_of(pool: SlotPool, device: str) -> SlotReader:
    """Returns the learner's reader of slots, which are pinned for a GPU instead of those before."""
    reader = SlotReader(pool.path, pool.token)
    if device == 'cuda':
        PINNED(reader.memory)
    return reader


def in_a_slot(batch: MiniBatch) -> MiniBatch:
    """Returns a mini-batch as a learner on CUDA finds it in a slot of the sampler."""
    crop = batch.images.shape[3:5]
    pool = SlotPool(1, len(batch.reward), *crop)
    slot = pool.take()
    for part, values in zip(slot.views, batch, strict=True):
        part[...] = values
    reader = reader_of(pool, 'cuda')
    pool.close()
    return reader.views(slot.offset, len(batch.reward), *crop)
