"""Node that keeps the experience and hands out mini-batches."""

import secrets
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from std_msgs.msg import UInt64

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.opening import open_replay
from buffer_sampler.past import open_past
from buffer_sampler.serving import Done, NamedBatch, Output, Serving, Status, UpdatedStep, Wants
from ur5_rl_graph import parameters, topics
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import bytes_field, time_from_ns, transition_from_msg
from ur5_rl_graph.node import Node
from ur5_rl_graph.say import Say, tell
from ur5_rl_graph.span_publisher import SpanPublisher
from ur5_rl_graph.steady import every
from ur5_rl_graph.writing import Writing
from ur5_rl_interfaces import msg


class BufferSamplerNode(Node):
    """A shell around `serving.Serving`: decodes what comes, sends what that answers, minds the disk.

    Making a mini-batch is the work of a guard condition, one at a time, so that transitions and the
    learner's words are served in between.
    """

    def __init__(self) -> None:
        """Opens the buffer of the run.

        Raises:
            ValueError, OSError: a parameter out of range, a buffer of another shape, a disk without room.
        """
        super().__init__('buffer_sampler')
        config = self._config = parameters.declare(self, BufferSamplerConfig)
        self._replay, found = open_replay(config)
        self._past, told = open_past(config)
        self._do([*found, *told])
        self._writing = Writing()
        identity = secrets.randbits(63) + 1
        self._serving = Serving(self._replay, config, identity, time.monotonic(), self._writing, self._past)
        self._spans = SpanPublisher(self, self._losses)
        self._began_ns = 0  # when the present mini-batch was begun
        self._frames = self._replay.folder / 'frames.bin'  # stands for what the disk has not taken yet
        self._syncing: Future | None = None
        self._disk = ThreadPoolExecutor(1)
        self._work = self.create_guard_condition(self._make_mini_batch)
        self._mini_batch = topics.MINI_BATCH.publisher(self)
        self._status = topics.BUFFER_STATUS.publisher(self)
        self._updated_step = topics.UPDATED_STEP.publisher(self)
        self._transitions = topics.TRANSITION.subscription(self, self._on_transition)
        topics.MINI_BATCH_DONE.subscription(self, self._on_done)
        topics.SAVE_BUFFER.server(self, self._on_save)
        parameters.on_change(self, BufferSamplerConfig, self._on_parameters)
        every(self, 1.0, self._on_second)
        self._begin = self.create_guard_condition(lambda: self._do(self._serving.begin()))
        self._begin.trigger()  # when it is served: an actor takes the first word as a sign of that

    # --- events ---

    def _on_transition(self, message: msg.Transition) -> None:
        self._store(message)
        self._work.trigger()

    def _store_waiting(self) -> None:
        """Stores what has come meanwhile.

        An executor takes one message of a topic at a time: beside a learner in the same process, whose
        updates may last several cycles, transitions would pile up until the middleware drops them.
        """
        while (message := topics.take(self._transitions)) is not None:
            self._store(message)

    def _store(self, message: msg.Transition) -> None:
        began = time.perf_counter_ns()
        try:
            transition = transition_from_msg(message)
        except ValueError as error:
            self._do(self._serving.on_unreadable(message.total_steps, error))
            return
        outputs = self._serving.on_transition(transition)
        self._spans.add('store', began)
        self._do(outputs)

    def _on_done(self, message: msg.MiniBatchDone) -> None:
        done = Done(
            learner_id=message.learner_id,
            updates=message.updates,
            sampler_id=message.sampler_id,
            batch_id=message.batch_id,
            wants=Wants(message.wants),
        )
        self._do(self._serving.on_done(done, time.monotonic()))
        self._work.trigger()

    def _make_mini_batch(self) -> None:
        self._store_waiting()
        self._began_ns = time.perf_counter_ns()
        self._do(self._serving.make(self._mini_batch.get_subscription_count() > 0, time.monotonic()))

    def _on_parameters(self, changed: dict) -> None:
        self._do(self._serving.on_parameters(changed))
        self._work.trigger()

    def _on_second(self) -> None:
        """Reports, sends new data to the disk in the background, looks for a learner's subscription."""
        self._do(self._serving.on_second(time.monotonic()))
        self._spans.publish_if_due()
        if self._syncing is None or self._syncing.done():
            if self._syncing is not None:
                self._writing.attempt(self._frames, self._syncing.result, count=0)
            self._syncing = self._disk.submit(self._replay.sync)
        self._work.trigger()

    def _losses(self) -> dict[str, int]:
        return self._serving.losses | self._writing.unwritten

    def _on_save(self, _request: object, response: Any) -> Any:
        try:
            self._replay.sync()
        except OSError as error:
            response.success, response.message = False, f'replay not written: {error}'
        else:
            response.success = True
            response.message = f'{len(self._replay)} transitions are on the disk'
        return response

    # --- outputs ---

    def _do(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case NamedBatch():
                    self._serving.took(1e-9 * (time.perf_counter_ns() - self._began_ns))
                    self._publish_mini_batch(output)
                    self._spans.add('sample', self._began_ns)
                    self._work.trigger()
                case UpdatedStep(step):
                    self._updated_step.publish(UInt64(data=step))
                case Status():
                    status = msg.BufferStatus(**output._asdict())
                    status.header.stamp = time_from_ns(time.time_ns())
                    self._status.publish(status)
                case Say():
                    tell('buffer_sampler', output)

    def _publish_mini_batch(self, batch: NamedBatch) -> None:
        message = msg.MiniBatch(
            sampler_id=batch.sampler_id,
            batch_id=batch.batch_id,
            learner_id=batch.learner_id,
            batch_size=self._config.batch_size,
            height=self._config.crop_height,
            width=self._config.crop_width,
            slot=batch.slot.index,
            total_steps=batch.total_steps,
        )
        pool = self._serving.pool
        if batch.wants is Wants.DATA:
            message.data = bytes_field(pool.data(batch.slot))
        else:
            message.memory = pool.path
            message.memory_token = pool.token
            message.offset = batch.slot.offset
        if batch.frames:
            message.frame_folders = [store.folder for store in batch.frames]
            message.frames_newest = [store.newest for store in batch.frames]
            message.frame_height, message.frame_width = self._replay.frames.shape[:2]
        message.header.stamp = time_from_ns(time.time_ns())
        self._mini_batch.publish(message)

    def destroy_node(self) -> None:
        """Writes everything to the disk."""
        self._disk.shutdown()
        self._writing.attempt(self._frames, self._replay.close, count=0)
        if self._past is not None:
            self._past.close()
        self._serving.pool.close()
        print(f'buffer_sampler: {self._serving.lost}', flush=True)
        super().destroy_node()


def main() -> int:
    """Runs the node."""
    return run(BufferSamplerNode)
