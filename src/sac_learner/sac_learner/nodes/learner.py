"""Node that learns: one gradient update for each mini-batch, weights and checkpoints in between."""

import random
import time
from pathlib import Path
from typing import Any

import torch
from std_msgs.msg import Float32

from buffer_sampler.serving import Done, Wants
from buffer_sampler.slots import MiniBatchReader
from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import load_own, load_start
from sac_learner.checkpoint_writer import CheckpointWriter
from sac_learner.device_clock import DeviceClock
from sac_learner.frame_mirror import FrameMirror
from sac_learner.learner import SacLearner
from sac_learner.learner_config import LearnerConfig
from sac_learner.learning import BatchName, Learning, Output, Status, Updated
from sac_learner.pinned_memory import PinnedMemory
from sac_learner.precision import unfit
from sac_learner.saved_setting import saved_setting
from sac_learner.weights import PolicyWeights, weights_to_bytes
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import parameters, run_files, topics
from ur5_rl_graph.data import FramesAt, MiniBatch
from ur5_rl_graph.hung import still_works
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import bytes_field, time_from_ns
from ur5_rl_graph.node import Node
from ur5_rl_graph.say import End, Say, tell
from ur5_rl_graph.span_publisher import SpanPublisher
from ur5_rl_graph.steady import every
from ur5_rl_interfaces import msg
from ur5_rl_interfaces.msg import LearnerStatus, MiniBatchDone


class LearnerNode(Node):
    """A shell around `learning.Learning`: decodes what comes, sends what that answers, keeps checkpoints.

    It updates inside the callback of a mini-batch: one thread, so that any composition keeps its order.
    """

    def __init__(self) -> None:
        """Makes the learner, resumes the run's checkpoint if there is one, announces itself.

        Raises:
            ValueError, OSError: a parameter out of range, a checkpoint missing or of another setting.
        """
        super().__init__('learner')
        self._config = parameters.declare(self, LearnerConfig)
        agent = parameters.declare(self, AgentConfig)
        torch.set_num_threads(self._config.threads)
        device = self._config.chosen_device
        self._learner = SacLearner(
            agent, self._config.seed, device, self._config.graph, self._config.precision
        )
        if reason := unfit(self._learner.precision, torch.device(device)):
            print(f'learner: {reason}', flush=True)
        setting = saved_setting(agent, parameters.declare(self, TaskConfig))
        self._writer: CheckpointWriter | None = None
        if self._config.run_folder:
            own = Path(self._config.run_folder) / run_files.CHECKPOINT
            self._writer = CheckpointWriter(own, setting)
        self._resume(setting)
        self._learner.prepare()  # before anybody knows of this node: no update of an episode waits for it
        self._learning = Learning(
            self._learner,
            DeviceClock(torch.device(device)),
            self._config.weights_period_s,
            random.getrandbits(63),
            time.monotonic_ns,
            _wants(self._config.mini_batches, device),
        )
        self._spans = SpanPublisher(self, self._losses)
        self._event_ns = 0  # begin of the present event
        self._reader = MiniBatchReader(PinnedMemory(device))
        self._mirror = FrameMirror(torch.device(device), still_works)
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
        every(self, 1.0, self._report)
        every(self, self._config.checkpoint_period_s, self._save)
        self._event_ns = time.perf_counter_ns()
        self._do(self._learning.begin())

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

    # --- events ---

    def _on_mini_batch(self, message: msg.MiniBatch) -> None:
        if not self._learning.is_mine(message.learner_id):
            return  # for a learner that is no more
        received_s = time.perf_counter()
        name = BatchName(message.sampler_id, message.batch_id, message.slot)
        try:
            batch = self._read(message)
        except (OSError, ValueError) as error:
            self._do(self._learning.on_unreadable(name, error))
        else:
            self._do(self._learning.on_mini_batch(name, batch, received_s, time.perf_counter()))
        self._event_ns = time.perf_counter_ns()
        self._do(self._learning.publish_if_due())

    def _read(self, message: msg.MiniBatch) -> MiniBatch:
        batch = self._reader.read(message)
        if not message.frame_folders:
            return batch
        images = self._mirror.images(
            message.sampler_id,
            [FramesAt(*at) for at in zip(message.frame_folders, message.frames_newest, strict=True)],
            (message.frame_height, message.frame_width),
            batch.images,
            (message.height, message.width),
        )
        return batch._replace(images=images)

    def _report(self) -> None:
        if self._writer is not None and self._writer.refusal:
            self._do(self._learning.end(self._writer.refusal))
        self._event_ns = time.perf_counter_ns()
        self._do(self._learning.on_second())
        self._spans.publish_if_due()

    # --- outputs ---

    def _do(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Updated(received_s, ready_s, began_s, seconds):
                    self._spans.add('handover', _ns(received_s), _ns(ready_s))
                    self._spans.add('update', _ns(began_s), _ns(began_s + seconds))
                case Done():
                    self._publish_done(output)
                case PolicyWeights():
                    self._publish_weights(output)
                case Status():
                    self._publish_status(output)
                case Say():
                    tell('learner', output)
                case End(code, text):
                    tell('learner', Say('warning', f'{text}; starts again from its last checkpoint'))
                    raise SystemExit(code)

    def _publish_done(self, done: Done) -> None:
        message = MiniBatchDone(**done._asdict())
        message.header.stamp = time_from_ns(time.time_ns())
        self._done.publish(message)

    def _publish_weights(self, weights: PolicyWeights) -> None:
        message = msg.PolicyWeights(
            version=weights.version,
            updates=weights.updates,
            safetensors=bytes_field(weights_to_bytes(weights.arrays)),
        )
        message.header.stamp = time_from_ns(time.time_ns())
        self._weights.publish(message)
        self._spans.add('weights', self._event_ns)

    def _publish_status(self, status: Status) -> None:
        values = status._asdict()
        metrics = values.pop('metrics')
        message = LearnerStatus(
            metric_names=list(metrics),
            metric_values=list(metrics.values()),
            checkpoint=self._written,
            **values,
        )
        message.header.stamp = time_from_ns(time.time_ns())
        self._status.publish(message)
        self._rate.publish(Float32(data=status.updates_per_s))
        for name in self._plotted.keys() & metrics.keys():
            self._plotted[name].publish(Float32(data=metrics[name]))

    def _losses(self) -> dict[str, int]:
        unwritten = self._writer.unwritten if self._writer is not None else 0
        return {'checkpoints not written': unwritten} | self._learning.losses

    # --- checkpoints ---

    @property
    def _written(self) -> str:
        return self._writer.written if self._writer is not None else ''

    def _begin_checkpoint(self) -> None:
        """Takes the state; it is written beside the updates."""
        if self._writer is not None:
            self._do(self._learning.check())
            began = time.perf_counter_ns()
            self._writer.begin(self._learner.get_state())
            self._spans.add('checkpoint', began)

    def _save(self) -> None:
        if self._writer is not None and not self._writer.busy:  # a slow disk gets the next one
            self._begin_checkpoint()

    def _on_save(self, _request: object, response: Any) -> Any:
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
            wrong = self._learning.divergence() if self._learning.fit else ''
            if self._learning.fit and not wrong:
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


def _wants(mini_batches: str, device: str) -> Wants:
    if mini_batches == 'auto':
        mini_batches = 'device' if device == 'cuda' else 'slots'
    return {'device': Wants.PLACES, 'slots': Wants.IMAGES, 'full': Wants.DATA}[mini_batches]


def _ns(seconds: float) -> int:
    return round(1e9 * seconds)


def main() -> int:
    """Runs the node."""
    return run(LearnerNode)
