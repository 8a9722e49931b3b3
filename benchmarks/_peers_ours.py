"""This project's learner, replay buffer and policy, to be timed beside others."""

import tempfile
from pathlib import Path

import numpy as np

from buffer_sampler.replay import Replay
from buffer_sampler.sampler import MiniBatchSampler
from buffer_sampler.slots import SlotPool
from cost_profile.gradient import mini_batch
from cost_profile.sampling import fill
from sac_learner.agent_config import AgentConfig
from sac_learner.learner import SacLearner
from sac_learner.policy import Policy
from ur5_rl_graph.allocator import keep_freed_memory


class Ours:
    """As the nodes run them: the buffer in files, mini-batches in shared memory, random crops."""

    def __init__(self, config: AgentConfig, device: str, transitions: int, frame: tuple[int, int]) -> None:
        """Fills the buffer with noise.

        Args:
            config: sizes.
            device: of the learner; sampler and policy are on the CPU.
            transitions: in the buffer.
            frame: height and width of what it stores [pixel]; crops of them are drawn.
        """
        keep_freed_memory()  # as every node does
        self._batch = mini_batch(config)
        self._learner = SacLearner(config, 0, device)
        self._policy, self._rng = Policy(config), np.random.default_rng(0)
        crop = config.crop_height, config.crop_width
        self._folder = tempfile.TemporaryDirectory()
        size = {'height': frame[0], 'width': frame[1]}
        self._replay = Replay(Path(self._folder.name), capacity=max(transitions, 100), **size)
        fill(self._replay, transitions)
        self._pool = SlotPool(2, config.batch_size, *crop)
        self._sampler = MiniBatchSampler(self._replay, config.batch_size, *crop, self._rng)
        self._drawn = 0

    def update(self) -> None:
        """One gradient update; the actor learns at every second one. Waits for a GPU."""
        self._learner.update(self._batch)
        self._learner.statistics()

    def draw(self) -> None:
        """Draws a mini-batch and its crops into a slot."""
        slot = self._pool.take()
        self._sampler.sample_into(slot.views)
        self._pool.hand_out(slot, self._drawn)
        self._pool.done(self._drawn)
        self._drawn += 1

    def act(self) -> None:
        """One observation to one action."""
        self._policy.act(self._batch.images[0, 0], self._batch.proprio[0, 0], self._rng)

    def close(self) -> None:
        """Removes the buffer's files."""
        self._replay.close()
        self._pool.close()
        self._folder.cleanup()
