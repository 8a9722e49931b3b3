"""What a buffer sampler does, without ROS: transitions and the learner's words in, mini-batches out.

Pure: events come in as method calls, each returns what the shell has to send or say, in this order. After
each of them the shell has `make` called as soon as what else has come meanwhile is served, and again after
each mini-batch: one at a time, so that transitions and the learner's words are served in between.
"""

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.rate_governor import RateGovernor
from buffer_sampler.replay import Replay
from buffer_sampler.sampler import MiniBatchSampler
from buffer_sampler.slots import Slot, SlotPool
from ur5_rl_graph.data import ANY_STEP, FramesAt, Transition
from ur5_rl_graph.random_streams import Stream, generator
from ur5_rl_graph.say import Say, counted
from ur5_rl_graph.writing import Writing

SILENCE_S = 60.0
"""Mini-batches that the learner has not mentioned for so long never reached it [s]."""


FALLBACKS = 'times that mini-batches could not come as the learner wants them'
"""What a learner counts by this name, who looks at it knows by it."""


class Wants(IntEnum):
    """How mini-batches shall come, in numbers of MiniBatchDone.msg."""

    IMAGES = 0  # in slots
    DATA = 1  # in full, in the message
    PLACES = 2  # as the places of their images in the frame stores, in slots

    @classmethod
    def _missing_(cls, value: object) -> 'Wants':
        """A number that nobody knows asks for nothing special."""
        return cls.IMAGES


class Done(NamedTuple):
    """The learner's word that it has finished with a mini-batch; the first, of batch 0, that it is there."""

    learner_id: int
    updates: int
    sampler_id: int = 0
    batch_id: int = 0
    slot: int = 0
    wants: Wants = Wants.IMAGES


class NamedBatch(NamedTuple):
    """A mini-batch that is ready in a slot of the pool."""

    sampler_id: int
    batch_id: int
    learner_id: int
    slot: Slot
    total_steps: int  # environment steps stored when it was drawn
    wants: Wants  # by the learner
    frames: tuple[FramesAt, ...]  # where its places lie


class UpdatedStep(NamedTuple):
    """Up to which environment step the updates are done; ANY_STEP where no action waits."""

    step: int


class Status(NamedTuple):
    """The fields of BufferStatus.msg."""

    transitions: int
    capacity: int
    total_steps: int
    transitions_lost: int
    mini_batches: int
    waiting_for_steps: int
    sampling_ms: float
    bytes_per_transition: float


Output = NamedBatch | UpdatedStep | Status | Say


class Serving:
    """Stores transitions as they come and keeps the slots filled as far as the governor lets it.

    Attributes:
        replay: the buffer.
        pool: the slots; another one after `SILENCE_S`.
        governor: says how many mini-batches.
    """

    def __init__(
        self,
        replay: Replay,
        config: BufferSamplerConfig,
        identity: int,
        now_s: float,
        writing: Writing,
        past: Replay | None = None,
    ) -> None:
        """Makes a sampler that knows of no learner.

        Args:
            replay: the buffer.
            config: how mini-batches are made.
            identity: of this life of the sampler, at least 1.
            now_s: the time, by a clock that is never set back; that of all events.
            writing: tells of a buffer that cannot be written.
            past: what was experienced before this run, a share of each mini-batch; None = nothing.

        Raises:
            ValueError: the crop is larger than the frames, or those of `past` have another size.
        """
        self.replay, self._config, self._id, self._writing = replay, config, identity, writing
        # The count of steps makes a restarted sampler go on with other draws than it began with.
        rng = generator(config.seed, Stream.MINI_BATCHES, replay.total_steps)
        crop = config.crop_height, config.crop_width
        self._sampler = MiniBatchSampler(
            replay,
            config.batch_size,
            *crop,
            rng,
            config.action_feedback,
            past=past,
            past_share=config.replay_share,
            threads=config.threads,
        )
        self.governor = RateGovernor(
            config.updates_per_step, config.random_steps, config.governor == 'exactly', config.error_band
        )
        self.pool = self._new_pool()
        self._heard_s = now_s
        self._steps_before = replay.total_steps  # this life
        self._received_step = 0  # the environment's count in the newest transition
        self._learner_id = self._updates = self._mini_batches = self._waits = 0
        self._wants, self._waiting = Wants.IMAGES, False
        self._sampling_s: list[float] = []
        self._refused, self._refusal = 0, ''
        self._announced_step: int | None = None

    def _new_pool(self) -> SlotPool:
        config = self._config
        return SlotPool(config.slots, config.batch_size, config.crop_height, config.crop_width)

    # --- events ---

    def begin(self) -> list[Output]:
        """Tells the actor at once whether actions wait."""
        return self._announce()

    def on_transition(self, transition: Transition) -> list[Output]:
        """Takes a transition. What cannot be stored, and what never came before it, is counted."""
        try:
            self.replay.check(transition)
        except ValueError as error:
            return self.on_unreadable(transition.total_steps, error)
        self._came(transition.total_steps)
        self._count(transition.total_steps)
        self._writing.attempt(self.replay.folder, lambda: self._append(transition))
        return self._announce()

    def on_unreadable(self, total_steps: int, error: ValueError) -> list[Output]:
        """Takes the news that the transition up to environment step `total_steps` cannot be used.

        It counts as a step where it is the next one. Else nothing says that it is of this run, and the next
        transition in order tells what was lost before it.
        """
        self._came(total_steps)
        if total_steps == self.replay.environment_steps + 1:
            self._count(total_steps)
            self.replay.count_lost()
        self._refuse(str(error))
        return self._announce()

    def on_done(self, done: Done, now_s: float) -> list[Output]:
        """Takes a word of the learner."""
        self._heard_s = now_s
        ours = done.sampler_id == self._id
        if done.learner_id != self._learner_id:
            if ours:
                return []  # a last word of a learner that another has replaced
            self._welcome(done)
        if ours:
            self.pool.done(done.batch_id)
            self._wants = done.wants
        self._updates = done.updates
        return self._give_up_debt() + self._announce()

    def on_parameters(self, changed: dict[str, Any]) -> list[Output]:
        """Takes parameters that were set while running: updates_per_step, governor.

        Raises:
            ValueError: updates_per_step is negative or no number.
        """
        steps = self.replay.total_steps
        if 'updates_per_step' in changed:
            self.governor.set_rate(changed['updates_per_step'], steps, self._updates)
        if 'governor' in changed:
            self.governor.set_exactly(changed['governor'] == 'exactly', steps, self._updates)
        return self._announce()

    def make(self, listened: bool, now_s: float) -> list[Output]:
        """Makes one mini-batch if somebody waits for it, there is a slot and it is paid for.

        Args:
            listened: whether mini-batches reach anybody.
            now_s: the time.
        """
        if not (self._learner_id and listened and self.pool.has_free and len(self.replay)):
            return []
        steps = self.replay.total_steps
        if not self.governor.allows(steps, self._updates, self.pool.handed_out):
            self._waits += not self._waiting
            self._waiting = True
            return []
        self._waiting = False
        slot = self.pool.take()
        places = self._wants is Wants.PLACES
        self._sampler.sample_into(slot.places if places else slot.views)
        self._mini_batches += 1
        if not self.pool.handed_out:
            self._heard_s = now_s  # nothing was expected before
        self.pool.hand_out(slot, self._mini_batches)
        frames = self._sampler.stores if places else ()
        name = self._id, self._mini_batches, self._learner_id
        return [NamedBatch(*name, slot, steps, self._wants, frames)]

    def took(self, seconds: float) -> None:
        """Takes how long the making of a mini-batch has taken."""
        self._sampling_s.append(seconds)

    def on_second(self, now_s: float) -> list[Output]:
        """Reports; looks after a learner that says nothing any more."""
        outputs: list[Output] = []
        if self._refused:
            outputs.append(Say('info', f'{self._refused} transitions not stored: {self._refusal}'))
            self._refused = 0
        status = Status(
            transitions=len(self.replay),
            capacity=self._config.capacity,
            total_steps=self.replay.total_steps,
            transitions_lost=self.replay.lost,
            mini_batches=self._mini_batches,
            waiting_for_steps=self._waits,
            sampling_ms=1e3 * float(np.mean(self._sampling_s or [0.0])),
            bytes_per_transition=self.replay.bytes_in_use / max(1, len(self.replay)),
        )
        self._sampling_s.clear()
        return [*outputs, status, *self._replace_silent_pool(now_s)]

    @property
    def losses(self) -> dict[str, int]:
        """What no message counts."""
        frames = self.replay.frames
        return {
            'transitions given up for want of room for frames': self.replay.evicted,
            'frames came twice': frames.duplicates,
            'frames under the time of another since a clock was set back': frames.renamed,
            'updates given up as the learner was too slow': round(self.governor.given_up),
        }

    @property
    def lost(self) -> str:
        """One line on what is stored and what is not."""
        stored = f'{len(self.replay)} transitions stored, {self.replay.lost} lost'
        return f'{stored}, {self._mini_batches} mini-batches, {counted(self.losses)}'

    # --- what they have in common ---

    def _came(self, total_steps: int) -> None:
        self._received_step = total_steps
        if self.governor.waits:  # somebody waits for it, also where a restarted environment counts it again
            self._announced_step = None

    def _count(self, total_steps: int) -> None:
        before = self.replay.environment_steps
        if missed := self.replay.reached(total_steps):
            self._refuse(f'environment step {total_steps} came after {before}', missed)

    def _append(self, transition: Transition) -> None:
        if not self.replay.append(transition):
            self._refuse('frames that it names never came or were overwritten')

    def _refuse(self, why: str, count: int = 1) -> None:
        self._refused, self._refusal = self._refused + count, why

    def _welcome(self, done: Done) -> None:
        """Takes the slots back from the learner before this one."""
        self.pool.reclaim()
        first, self._learner_id = not self._learner_id, done.learner_id
        # That it could not open the memory of another sampler says nothing of ours.
        other = done.sampler_id != 0 and done.wants is Wants.DATA
        self._wants = Wants.IMAGES if other else done.wants
        self.governor.begin(self.replay.total_steps, done.updates)
        if first:
            self.governor.resume(self._steps_before, done.updates)

    def _give_up_debt(self) -> list[Output]:
        known = self.governor.given_up
        if not self.governor.give_up(self.replay.total_steps, self._updates) or known:
            return []
        behind = f'learning is {self._config.error_band} updates behind (error_band)'
        return [Say('info', f'{behind}: what the steps earn beyond that is given up')]

    def _announce(self) -> list[Output]:
        """Tells the actor for which step the updates are done. Before the first learner nothing is owed."""
        if self._learner_id and not self.governor.settled(self.replay.total_steps, self._updates):
            return []
        step = self._received_step if self.governor.waits else ANY_STEP
        if step == self._announced_step:
            return []
        self._announced_step = step
        return [UpdatedStep(step)]

    def _replace_silent_pool(self, now_s: float) -> list[Output]:
        """Begins with new memory if the learner does not answer: its messages were lost, or it hangs.

        A message can be lost when another subscriber (a bag) was there before the learner's was discovered.
        The old memory is left to the learner, so that nothing is overwritten should it still read there.
        """
        silence_s = now_s - self._heard_s
        if not self.pool.handed_out or silence_s < SILENCE_S:
            return []
        silent = f'no word from the learner on {self.pool.handed_out} mini-batches for {silence_s:.0f} s'
        self.pool.close()
        self.pool = self._new_pool()
        return [Say('info', f'{silent}; sends new ones')]
