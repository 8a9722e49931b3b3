"""Node that keeps the experience and hands out mini-batches."""

import secrets
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from rclpy.node import Node
from std_msgs.msg import UInt64

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.rate_governor import RateGovernor
from buffer_sampler.replay import Replay
from buffer_sampler.sampler import MiniBatchSampler
from buffer_sampler.slots import SlotPool
from ur5_rl_graph import data, parameters, topics
from ur5_rl_graph.data import ANY_STEP
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import bytes_field, time_from_ns, transition_from_msg
from ur5_rl_graph.random_streams import Stream, generator
from ur5_rl_graph.span_publisher import SpanPublisher
from ur5_rl_graph.writing import Writing
from ur5_rl_interfaces.msg import BufferStatus, MiniBatch, MiniBatchDone, Transition

SILENCE_S = 60.0
"""Mini-batches that the learner has not mentioned for so long never reached it [s]."""


class BufferSamplerNode(Node):
    """Stores transitions as they come and keeps the slots filled as far as the governor lets it.

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
        self._replay = Replay(
            Path(config.run_folder) / 'replay',
            capacity=config.capacity,
            height=config.observation_height,
            width=config.observation_width,
            frames_per_transition=config.frames_per_transition,
        )
        kind = 'warning: ' if self._replay.damaged else ''
        print(f'buffer_sampler: {kind}{self._replay.recovered}', flush=True)
        self._reserve()
        # The count of steps makes a restarted sampler go on with other draws than it began with.
        rng = generator(config.seed, Stream.MINI_BATCHES, self._replay.total_steps)
        crop = config.crop_height, config.crop_width
        self._sampler = MiniBatchSampler(self._replay, config.batch_size, *crop, rng, config.action_feedback)
        self._pool = self._new_pool()
        self._heard_s = time.monotonic()
        self._governor = RateGovernor(
            config.updates_per_step, config.random_steps, config.governor == 'exactly', config.error_band
        )
        self._received_step = 0  # the environment's count in the newest transition
        self._spans = SpanPublisher(self, self._losses)
        self._id = secrets.randbits(63) + 1
        self._learner_id = self._updates = self._mini_batches = self._waits = 0
        self._full = self._waiting = False
        self._sampling_s: list[float] = []
        self._refused, self._refusal = 0, ''
        self._writing = Writing()
        self._frames = self._replay.folder / 'frames.bin'  # stands for what the disk has not taken yet
        self._syncing: Future | None = None
        self._disk = ThreadPoolExecutor(1)
        self._work = self.create_guard_condition(self._make_mini_batch)
        self._mini_batch = topics.MINI_BATCH.publisher(self)
        self._status = topics.BUFFER_STATUS.publisher(self)
        self._updated_step = topics.UPDATED_STEP.publisher(self)
        self._announced_step: int | None = None
        self._transitions = topics.TRANSITION.subscription(self, self._on_transition)
        topics.MINI_BATCH_DONE.subscription(self, self._on_done)
        topics.SAVE_BUFFER.server(self, self._on_save)
        parameters.on_change(self, BufferSamplerConfig, self._on_parameters)
        self.create_timer(1.0, self._on_second)
        self._announce()

    def _reserve(self) -> None:
        """Refuses a run that could not begin to learn; says where the room is less than wanted."""
        self._replay.reserve(self._config.random_steps)
        room = self._replay.room
        if room < self._config.capacity:
            print(
                f'buffer_sampler: {self._replay.folder} has room for {room} of {self._config.capacity} '
                'transitions; what comes when the disk is full is not stored',
                flush=True,
            )

    def _new_pool(self) -> SlotPool:
        config = self._config
        return SlotPool(config.slots, config.batch_size, config.crop_height, config.crop_width)

    def _on_transition(self, message: Transition) -> None:
        self._store(message)
        self._announce()
        self._work.trigger()

    def _store_waiting(self) -> None:
        """Stores what has come meanwhile.

        An executor takes one message of a topic at a time: beside a learner in the same process, whose
        updates may last several cycles, transitions would pile up until the middleware drops them.
        """
        while (message := topics.take(self._transitions)) is not None:
            self._store(message)
            self._announce()

    def _store(self, message: Transition) -> None:
        began = time.perf_counter_ns()
        self._received_step = message.total_steps
        try:
            transition = transition_from_msg(message)
        except ValueError as error:
            self._replay.count_lost()
            self._refuse(str(error))
            return
        try:
            self._writing.attempt(self._replay.folder, lambda: self._append(transition))
        except ValueError as error:
            self._refuse(str(error))
        self._spans.add('store', began)

    def _give_up_debt(self) -> None:
        known = self._governor.given_up
        if self._governor.give_up(self._replay.total_steps, self._updates) and not known:
            print(
                f'buffer_sampler: learning is {self._config.error_band} updates behind (error_band): what '
                'the steps earn beyond that is given up',
                flush=True,
            )

    def _append(self, transition: data.Transition) -> None:
        if not self._replay.append(transition):
            self._refuse('frames that it names never came or were overwritten')

    def _refuse(self, why: str) -> None:
        self._refused, self._refusal = self._refused + 1, why

    def _on_done(self, message: MiniBatchDone) -> None:
        self._heard_s = time.monotonic()
        ours = message.sampler_id == self._id
        if message.learner_id != self._learner_id:
            if ours:
                return  # a last word of a learner that another has replaced
            self._welcome(message)
        if ours:
            self._pool.done(message.batch_id)
            self._full |= message.wants_full
        self._updates = message.updates
        self._give_up_debt()
        self._announce()
        self._work.trigger()

    def _welcome(self, message: MiniBatchDone) -> None:
        """Takes the slots back from the learner before this one."""
        self._pool.reclaim()
        self._learner_id = message.learner_id
        self._full = message.sampler_id == 0 and message.wants_full
        self._governor.begin(self._replay.total_steps, message.updates)

    def _announce(self) -> None:
        """Tells the actor for which step the updates are done. Before the first learner nothing is owed."""
        if self._learner_id and not self._governor.settled(self._replay.total_steps, self._updates):
            return
        step = self._received_step if self._governor.waits else ANY_STEP
        if step != self._announced_step:
            self._announced_step = step
            self._updated_step.publish(UInt64(data=step))

    def _make_mini_batch(self) -> None:
        """Makes one mini-batch if somebody waits for it, there is a slot and it is paid for."""
        self._store_waiting()
        wanted = self._learner_id and self._mini_batch.get_subscription_count() and self._pool.has_free
        if not wanted or not len(self._replay):
            return
        steps = self._replay.total_steps
        if not self._governor.allows(steps, self._updates, self._pool.handed_out):
            self._waits += not self._waiting
            self._waiting = True
            return
        self._waiting = False
        began = time.perf_counter_ns()
        slot = self._pool.take()
        self._sampler.sample_into(slot.views)
        self._sampling_s.append(1e-9 * (time.perf_counter_ns() - began))
        self._mini_batches += 1
        if not self._pool.handed_out:
            self._heard_s = time.monotonic()  # nothing was expected before
        self._pool.hand_out(slot, self._mini_batches)
        message = MiniBatch(
            sampler_id=self._id,
            batch_id=self._mini_batches,
            learner_id=self._learner_id,
            batch_size=self._config.batch_size,
            height=self._config.crop_height,
            width=self._config.crop_width,
            slot=slot.index,
            total_steps=steps,
        )
        if self._full:
            message.data = bytes_field(self._pool.data(slot))
        else:
            message.memory = self._pool.path
            message.memory_token = self._pool.token
            message.offset = slot.offset
        message.header.stamp = time_from_ns(time.time_ns())
        self._mini_batch.publish(message)
        self._spans.add('sample', began)
        self._work.trigger()

    def _on_parameters(self, changed: dict) -> None:
        steps = self._replay.total_steps
        if 'updates_per_step' in changed:
            self._governor.set_rate(changed['updates_per_step'], steps, self._updates)
        if 'governor' in changed:
            self._governor.set_exactly(changed['governor'] == 'exactly', steps, self._updates)
        self._announce()
        self._work.trigger()

    def _on_second(self) -> None:
        """Reports, sends new data to the disk in the background, looks for a learner's subscription."""
        if self._refused:
            print(f'buffer_sampler: {self._refused} transitions not stored: {self._refusal}', flush=True)
            self._refused = 0
        status = BufferStatus(
            transitions=len(self._replay),
            capacity=self._config.capacity,
            total_steps=self._replay.total_steps,
            transitions_lost=self._replay.lost,
            mini_batches=self._mini_batches,
            waiting_for_steps=self._waits,
            sampling_ms=1e3 * float(np.mean(self._sampling_s or [0.0])),
            bytes_per_transition=self._replay.bytes_in_use / max(1, len(self._replay)),
        )
        self._sampling_s.clear()
        status.header.stamp = time_from_ns(time.time_ns())
        self._status.publish(status)
        self._spans.publish_if_due()
        if self._syncing is None or self._syncing.done():
            if self._syncing is not None:
                self._writing.attempt(self._frames, self._syncing.result, count=0)
            self._syncing = self._disk.submit(self._replay.sync)
        self._replace_silent_pool()
        self._work.trigger()

    def _losses(self) -> dict[str, int]:
        """What no other message counts."""
        frames = self._replay.frames
        return {
            'transitions given up for want of room for frames': self._replay.evicted,
            'frames came twice': frames.duplicates,
            'frames under the time of another since a clock was set back': frames.renamed,
            'updates given up as the learner was too slow': round(self._governor.given_up),
        } | self._writing.unwritten

    def _replace_silent_pool(self) -> None:
        """Begins with new memory if the learner does not answer: its messages were lost, or it hangs.

        A message can be lost when another subscriber (a bag) was there before the learner's was discovered.
        The old memory is left to the learner, so that nothing is overwritten should it still read there.
        """
        silence_s = time.monotonic() - self._heard_s
        if not self._pool.handed_out or silence_s < SILENCE_S:
            return
        print(
            f'buffer_sampler: no word from the learner on {self._pool.handed_out} mini-batches for '
            f'{silence_s:.0f} s; sends new ones',
            flush=True,
        )
        self._pool.close()
        self._pool = self._new_pool()

    def _on_save(self, _request: object, response: object) -> object:
        try:
            self._replay.sync()
        except OSError as error:
            response.success, response.message = False, f'replay not written: {error}'
        else:
            response.success = True
            response.message = f'{len(self._replay)} transitions are on the disk'
        return response

    def destroy_node(self) -> None:
        """Writes everything to the disk."""
        self._disk.shutdown()
        replay = self._replay
        self._writing.attempt(self._frames, replay.close, count=0)
        self._pool.close()
        print(
            f'buffer_sampler: {len(replay)} transitions stored, {replay.lost} lost, {replay.evicted} given '
            f'up for want of room for frames, {replay.frames.duplicates} frames came twice, '
            f'{replay.frames.renamed} under the time of another since a clock was set back, '
            f'{self._mini_batches} mini-batches, {self._governor.given_up:.0f} updates given up as the '
            'learner was too slow',
            flush=True,
        )
        super().destroy_node()


def main() -> int:
    """Runs the node."""
    return run(BufferSamplerNode)
