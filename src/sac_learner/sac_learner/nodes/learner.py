"""Node that learns: one gradient update for each mini-batch, weights and checkpoints in between."""

import math
import random
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import torch
from rclpy.node import Node
from std_msgs.msg import Float32

from buffer_sampler.slots import MiniBatchReader
from sac_learner.allocator import keep_freed_memory
from sac_learner.checkpoint import load_own, load_start
from sac_learner.checkpoint_writer import CheckpointWriter
from sac_learner.config import AgentConfig
from sac_learner.device_clock import DeviceClock
from sac_learner.learner import SacLearner
from sac_learner.learner_config import LearnerConfig
from sac_learner.meter import UpdateMeter
from sac_learner.saved_setting import saved_setting
from sac_learner.weights import not_finite, weights_to_bytes
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import parameters, topics
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import bytes_field, time_from_ns
from ur5_rl_graph.span_publisher import SpanPublisher
from ur5_rl_interfaces.msg import LearnerStatus, MiniBatchDone, PolicyWeights

CHECKPOINT = 'learner.safetensors'
# The slots are mapped read-only, and the learner only reads them.
warnings.filterwarnings('ignore', message='The given NumPy array is not writable')


class LearnerNode(Node):
    """Updates inside the callback of a mini-batch: one thread, so that any composition keeps its order."""

    def __init__(self) -> None:
        """Makes the learner, resumes the run's checkpoint if there is one, announces itself.

        Raises:
            ValueError, OSError: a parameter out of range, a checkpoint missing or of another setting.
        """
        super().__init__('learner')
        self._config = parameters.declare(self, LearnerConfig)
        agent = parameters.declare(self, AgentConfig)
        torch.set_num_threads(self._config.threads)
        keep_freed_memory()
        device = self._device()
        self._learner = SacLearner(
            agent, self._config.seed, device, self._config.graph, self._config.precision
        )
        self._device_clock = DeviceClock(torch.device(device))
        setting = saved_setting(agent, parameters.declare(self, TaskConfig))
        self._writer: CheckpointWriter | None = None
        if self._config.run_folder:
            own = Path(self._config.run_folder) / 'checkpoints' / CHECKPOINT
            self._writer = CheckpointWriter(own, setting)
        self._resume(setting)
        self._learner.prepare()  # before anybody knows of this node: no update of an episode waits for it
        self._meter = UpdateMeter(time.monotonic)
        self._spans = SpanPublisher(self, self._losses)
        self._metrics: dict[str, float] = {}
        self._fit = True
        self._version = self._learner.updates
        self._published_s = 0.0
        self._reader = MiniBatchReader()
        self._id = random.getrandbits(63)
        self._weights = topics.POLICY_WEIGHTS.publisher(self)
        self._done = topics.MINI_BATCH_DONE.publisher(self)
        self._status = topics.LEARNER_STATUS.publisher(self)
        self._rate = topics.MONITOR_UPDATE_RATE.publisher(self)
        self._plotted = {
            'temperature': topics.MONITOR_TEMPERATURE.publisher(self),
            'entropy': topics.MONITOR_ENTROPY.publisher(self),
        }
        topics.MINI_BATCH.subscription(self, self._on_mini_batch)
        topics.SAVE_CHECKPOINT.server(self, self._on_save)
        self.create_timer(1.0, self._report)
        self.create_timer(self._config.checkpoint_period_s, self._save)
        self._publish_weights()
        self._done.publish(MiniBatchDone(learner_id=self._id, updates=self._learner.updates))

    def _device(self) -> str:
        if self._config.device != 'auto':
            return self._config.device
        return 'cuda' if torch.cuda.is_available() else 'cpu'

    def _resume(self, setting: dict[str, Any]) -> None:
        """Loads the newest checkpoint of this run, or the one that a new run starts from."""
        if self._writer is not None and self._writer.path.exists():
            own = self._writer.path
            goes_on = self._learner.set_state(load_own(own, setting))
            self._writer.written = str(own)
            print(f'learner: resumes {own} at update {self._learner.updates}', flush=True)
            if not goes_on:
                print('learner: its noise is that of another device: seeded anew', flush=True)
        elif self._config.init:
            anyway = self._config.init_from_other_setting
            state, differing = load_start(Path(self._config.init), setting, anyway)
            self._learner.start_from(state)
            but = f', saved in another setting: {differing}' if differing else ''
            print(f'learner: starts from {self._config.init}{but}', flush=True)

    def _on_mini_batch(self, message: object) -> None:
        if message.learner_id != self._id:
            return  # for a learner that is no more
        received = time.perf_counter_ns()
        done = MiniBatchDone(
            learner_id=self._id, sampler_id=message.sampler_id, batch_id=message.batch_id, slot=message.slot
        )
        try:
            batch = self._reader.read(message)
        except OSError as error:
            print(f'learner: {error}; asks for whole mini-batches', file=sys.stderr, flush=True)
            done.wants_full = True
        except ValueError as error:
            print(f'learner: refused mini-batch {message.batch_id}: {error}', file=sys.stderr, flush=True)
        else:
            ready = time.perf_counter_ns()
            with self._device_clock.measure((received, ready)):
                self._learner.update(batch)
            self._count_updates()
        done.updates = self._learner.updates
        done.header.stamp = time_from_ns(time.time_ns())
        self._done.publish(done)
        if time.monotonic() - self._published_s >= self._config.weights_period_s:
            self._publish_weights()

    def _count_updates(self) -> None:
        """Those that the device has ended."""
        for (received, ready), began_s, seconds in self._device_clock.finished():
            self._spans.add('handover', received, ready)
            self._spans.add('update', round(1e9 * began_s), round(1e9 * (began_s + seconds)))
            self._meter.add(1e-9 * (ready - received), seconds)

    def _stop_if_diverged(self) -> None:
        """Before anything leaves the learner, not after each update: it waits for a GPU."""
        if wrong := self._divergence():
            self._diverged(wrong)

    def _divergence(self) -> str:
        """Which of the statistics is not finite, '' where none is."""
        self._metrics = self._learner.statistics()
        wrong = [name for name, value in self._metrics.items() if not math.isfinite(value)]
        return f'{wrong[0]} is not finite' if wrong else ''

    def _diverged(self, why: str) -> None:
        self._fit = False  # nothing of it may reach the disk
        print(
            f'learner: {why} after {self._learner.updates} updates; starts again from its last checkpoint',
            file=sys.stderr,
            flush=True,
        )
        raise SystemExit(1)

    def _publish_weights(self) -> None:
        began = time.perf_counter_ns()
        self._stop_if_diverged()
        arrays = self._learner.policy_weights()
        wrong = not_finite(arrays)
        if wrong:
            self._diverged(f'{wrong} is not finite')
        self._version += 1
        self._published_s = time.monotonic()
        weights = PolicyWeights(
            version=self._version,
            updates=self._learner.updates,
            safetensors=bytes_field(weights_to_bytes(arrays)),
        )
        weights.header.stamp = time_from_ns(time.time_ns())
        self._weights.publish(weights)
        self._spans.add('weights', began)

    def _report(self) -> None:
        if self._writer is not None and self._writer.refusal:
            self._diverged(self._writer.refusal)
        self._stop_if_diverged()
        self._count_updates()
        reading = self._meter.read()
        status = LearnerStatus(
            updates=self._learner.updates,
            weights_version=self._version,
            metric_names=list(self._metrics),
            metric_values=list(self._metrics.values()),
            checkpoint=self._written,
            **reading._asdict(),
        )
        status.header.stamp = time_from_ns(time.time_ns())
        self._status.publish(status)
        self._rate.publish(Float32(data=reading.updates_per_s))
        for name in self._plotted.keys() & self._metrics.keys():
            self._plotted[name].publish(Float32(data=self._metrics[name]))
        self._spans.publish_if_due()

    def _losses(self) -> dict[str, int]:
        return {'checkpoints not written': self._writer.unwritten if self._writer is not None else 0}

    @property
    def _written(self) -> str:
        return self._writer.written if self._writer is not None else ''

    def _begin_checkpoint(self) -> None:
        """Takes the state; it is written beside the updates."""
        if self._writer is not None:
            self._stop_if_diverged()
            began = time.perf_counter_ns()
            self._writer.begin(self._learner.get_state())
            self._spans.add('checkpoint', began)

    def _save(self) -> None:
        if self._writer is not None and not self._writer.busy:  # a slow disk gets the next one
            self._begin_checkpoint()

    def _on_save(self, _request: object, response: object) -> object:
        self._begin_checkpoint()
        if self._writer is None:
            response.message = 'no run_folder is set: nothing was written'
        else:
            response.success = self._writer.finish()
            unwritten = self._writer.refusal or f'{self._writer.path} could not be written'
            response.message = str(self._writer.path) if response.success else unwritten
        return response

    def destroy_node(self) -> None:
        """Saves a last checkpoint and waits until it is there."""
        last = 'not written'
        if self._writer is not None:
            wrong = self._divergence() if self._fit else ''
            if self._fit and not wrong:
                self._begin_checkpoint()
            self._writer.close()
            last = self._writer.written or last
            if wrong:
                last += f'; {wrong} after it'
            if self._writer.unwritten:
                last += f'; {self._writer.unwritten} could not be written'
            if self._writer.refusal:
                last += f'; {self._writer.refusal}'
        print(f'learner: {self._learner.updates} updates; checkpoint {last}', flush=True)
        super().destroy_node()


def main() -> int:
    """Runs the node."""
    return run(LearnerNode)
