"""Gradient updates from a buffer that nobody adds to: as many as wanted, as fast as the machine is."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.replay import Replay
from buffer_sampler.sampler import MiniBatchSampler
from buffer_sampler.slots import batch_bytes, batch_views
from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import load_start
from sac_learner.checkpoint_writer import CheckpointWriter
from sac_learner.device_clock import DeviceClock
from sac_learner.learner import SacLearner
from sac_learner.learner_config import LearnerConfig
from sac_learner.learning import BatchName, Learning, Status
from sac_learner.saved_setting import saved_setting
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import run_files
from ur5_rl_graph.allocator import keep_freed_memory
from ur5_rl_graph.random_streams import Stream, generator
from ur5_rl_graph.say import End
from ur5_rl_graph.settings import configuration

IDENTITY = 1
"""Of the only life of this learner."""
NEVER_S = 1e9
"""Between two publications of weights, since nobody acts with them."""


class Diverged(ValueError):
    """Something of the learner is not finite: it has ended, and its last good checkpoint stays."""


class Limits(NamedTuple):
    """When training is over: whatever comes first. 0 = no limit."""

    updates: int
    duration_s: float


class Training:
    """The learner of a run, its mini-batches drawn from one buffer, its checkpoints.

    Attributes:
        learner: updates.
        batch_size: transitions in a mini-batch.
        setting: what its checkpoints remember.
        writer: writes them.
    """

    def __init__(
        self, replay: Replay, nodes: Mapping[str, Mapping[str, Any]], seed: int, folder: Path
    ) -> None:
        """Makes an untrained learner.

        Args:
            replay: what is learned from, at least one transition.
            nodes: parameters by the name of the node.
            seed: of weights, noise, draws and crops.
            folder: that gets the checkpoint.

        Raises:
            ValueError: a parameter out of range.
        """
        config = configuration(nodes, 'buffer_sampler', BufferSamplerConfig, run_folder=str(folder))
        agent = configuration(nodes, 'learner', AgentConfig)
        learning = configuration(nodes, 'learner', LearnerConfig, seed=seed)
        torch.set_num_threads(learning.threads)
        keep_freed_memory()
        self._period_s = learning.checkpoint_period_s
        self.setting = saved_setting(agent, configuration(nodes, 'learner', TaskConfig))
        crop = config.crop_height, config.crop_width
        rng = generator(seed, Stream.MINI_BATCHES)
        self._sampler = MiniBatchSampler(replay, config.batch_size, *crop, rng, config.action_feedback)
        shape = config.batch_size, *crop
        self.batch_size = config.batch_size
        self._batch = batch_views(bytearray(batch_bytes(*shape)), 0, *shape)
        device = learning.chosen_device
        self.learner = SacLearner(agent, seed, device, learning.graph, learning.precision)
        self.learner.check(self._batch)
        clock = DeviceClock(torch.device(device))
        self._learning = Learning(self.learner, clock, NEVER_S, IDENTITY, time.monotonic_ns)
        self.writer = CheckpointWriter(folder / run_files.CHECKPOINT, self.setting)

    def start_from(self, init: Path, anyway: bool = False) -> str:
        """Takes what another learner has learned; returns what differs in its setting.

        Raises:
            ValueError, OSError: no such checkpoint, or one of another setting.
        """
        state, differing = load_start(init, self.setting, anyway)
        self.learner.start_from(state)
        return differing

    def run(
        self,
        limits: Limits,
        stopped: Callable[[], bool],
        report: Callable[[Status, float], None],
        now_s: Callable[[], float] = time.monotonic,
    ) -> float:
        """Updates until a limit is reached or it is stopped; returns how long that took [s].

        Args:
            limits: one of them at least.
            stopped: asked before each update.
            report: gets the state of the learner and the time so far [s], about once a second.
            now_s: a clock that is never set back [s].

        Raises:
            Diverged: something of the learner is not finite.
        """
        self.learner.prepare()
        began = told = saved = now = now_s()
        while not stopped() and not _over(limits, self.learner.updates, now - began):
            self._update()
            now = now_s()
            if now - told >= 1.0:
                told = now
                report(self._status(), now - began)
            if now - saved >= self._period_s and not self.writer.busy:
                saved = now
                self._begin_checkpoint()
        report(self._status(), now - began)
        return now - began

    def save(self) -> bool:
        """Writes the last checkpoint; returns whether it is on the disk.

        Raises:
            Diverged: something of the learner is not finite.
        """
        self._begin_checkpoint()
        saved = self.writer.finish()
        self._heed_refusal()
        return saved

    def close(self) -> None:
        """Waits for what is being written."""
        self.writer.close()

    def _update(self) -> None:
        self._sampler.sample_into(self._batch)
        now_s = time.perf_counter()
        name = BatchName(IDENTITY, self.learner.updates + 1, 0)
        self._learning.on_mini_batch(name, self._batch, now_s, now_s)

    def _status(self) -> Status:
        outputs = self._learning.on_second()
        for output in outputs:
            if isinstance(output, End):
                raise Diverged(output.text)
        return next(output for output in outputs if isinstance(output, Status))

    def _begin_checkpoint(self) -> None:
        if wrong := self._learning.divergence():
            raise Diverged(f'{wrong} after {self.learner.updates} updates')
        self._heed_refusal()
        self.writer.begin(self.learner.get_state())

    def _heed_refusal(self) -> None:
        """Losses may be finite where a weight or a moment is not, which the writer finds."""
        if self.writer.refusal:
            raise Diverged(self.writer.refusal)


def _over(limits: Limits, updates: int, elapsed_s: float) -> bool:
    return bool(
        (limits.updates and updates >= limits.updates)
        or (limits.duration_s and elapsed_s >= limits.duration_s)
    )
