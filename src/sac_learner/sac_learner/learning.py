"""What a learner does, without ROS: mini-batches in; the words on them, weights and reports out.

Pure: events come in as method calls, each returns what the shell has to send or say, in this order.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from buffer_sampler.serving import FALLBACKS, Done, Wants
from sac_learner.device_clock import WorkClock
from sac_learner.frame_mirror import MirrorError
from sac_learner.learner import SacLearner
from sac_learner.meter import UpdateMeter
from sac_learner.weights import PolicyWeights, not_finite
from ur5_rl_graph.data import MiniBatch
from ur5_rl_graph.say import End, Say

NS = 1_000_000_000
MOST_REFUSED = 10
"""Mini-batches in a row that name places which cannot be had; then images are asked for."""
REFUSED = 'mini-batches refused'


class BatchName(NamedTuple):
    """What the learner is told of a mini-batch, and says again when it has finished with it."""

    sampler_id: int
    batch_id: int
    slot: int


class Updated(NamedTuple):
    """An update that the device has ended. Times are seconds of the clock."""

    received_s: float  # its mini-batch
    ready_s: float  # could be read
    began_s: float
    seconds: float


class Status(NamedTuple):
    """The fields of LearnerStatus.msg but for the checkpoint, which the node knows."""

    updates: int
    weights_version: int
    metrics: dict[str, float]
    updates_per_s: float
    update_ms: float
    handover_ms: float
    waiting_fraction: float


Output = Done | PolicyWeights | Updated | Status | Say | End


class Learning:
    """One update for each mini-batch, weights now and then.

    What is not finite never leaves it: it ends, and the shell says what then.

    Attributes:
        fit: False once something of it was not finite, and it has ended.
    """

    def __init__(
        self,
        learner: SacLearner,
        device_clock: WorkClock,
        weights_period_s: float,
        identity: int,
        now_ns: Callable[[], int],
        wants: Wants = Wants.IMAGES,
    ) -> None:
        """Makes a learner that has told nobody of itself.

        Args:
            learner: updates.
            device_clock: how long that takes.
            weights_period_s: least time between two publications of weights [s].
            identity: of this life of the learner.
            now_ns: a clock that is never set back.
            wants: how mini-batches shall come at first.
        """
        self._learner, self._device_clock, self._id, self._now_ns = learner, device_clock, identity, now_ns
        self._period_ns = round(weights_period_s * NS)
        self._wants, self._refused = wants, 0
        self._unreadable_id = 0  # of a sampler whose memory cannot be read; the next one's may be
        self._read_id = 0  # of the sampler of the last mini-batch that could be
        self.losses = {REFUSED: 0, FALLBACKS: 0}
        """What no message counts."""
        self._meter = UpdateMeter(lambda: now_ns() / NS)
        self._metrics: dict[str, float] = {}
        self.fit = True
        self._version = learner.updates
        self._published_ns, self._published = 0, -1  # when, after how many updates

    # --- events ---

    def begin(self) -> list[Output]:
        """Sends the first weights, then announces itself."""
        return [*self.publish(), Done(self._id, self._learner.updates, wants=self._wants)]

    def is_mine(self, learner_id: int) -> bool:
        """Whether a mini-batch for this learner is for this life of it."""
        return learner_id == self._id

    def on_mini_batch(
        self, name: BatchName, batch: MiniBatch, received_s: float, ready_s: float
    ) -> list[Output]:
        """Takes a mini-batch that came at `received_s` of the clock and could be read at `ready_s`."""
        try:
            self._learner.check(batch)
        except ValueError as error:
            return self.on_unreadable(name, error)
        self._refused, self._read_id = 0, name.sampler_id
        with self._device_clock.measure((received_s, ready_s)):
            self._learner.update(batch)
        return [*self._ended(), self._done(name)]

    def on_unreadable(self, name: BatchName, error: OSError | ValueError) -> list[Output]:
        """Takes the news that a mini-batch cannot be read or used; asks for the next ones in another way.

        One that is merely wrong is refused; of several in a row the first is said, all are counted.
        """
        images = isinstance(error, MirrorError)
        # A sampler that found this learner silent has given up the memory of its mini-batches.
        given_up = isinstance(error, OSError) and not images and name.sampler_id == self._read_id
        if (given_up and self._refused < MOST_REFUSED) or not isinstance(error, OSError):
            self._refused += 1
            self.losses[REFUSED] += 1
            places = self._wants_of(name.sampler_id) is Wants.PLACES
            if given_up or not places or self._refused < MOST_REFUSED:
                refused = Say('warning', f'refused mini-batch {name.batch_id}: {error}')
                return [*([refused] if self._refused == 1 else []), self._done(name)]
            error = MirrorError(f'{self._refused} mini-batches in a row were refused, the last since {error}')
            images = True
        before = self._wants, self._unreadable_id
        if images:
            self._wants = Wants.IMAGES
        else:
            self._unreadable_id = name.sampler_id
        if (self._wants, self._unreadable_id) == before:
            return [self._done(name)]
        asks = 'images in slots' if images else 'whole mini-batches'
        self.losses[FALLBACKS] += 1
        return [Say('warning', f'{error}; asks for {asks}'), self._done(name)]

    def publish_if_due(self) -> list[Output]:
        """Sends new weights if the period since the last time is over; after the word on a mini-batch."""
        return self.publish() if self._due else []

    def publish(self) -> list[Output]:
        """Sends the present weights."""
        return self.check() or self._send()

    def _send(self) -> list[Output]:
        arrays = self._learner.policy_weights()
        if wrong := not_finite(arrays):
            return self.end(f'{wrong} is not finite')
        self._version += 1
        self._published_ns, self._published = self._now_ns(), self._learner.updates
        return [PolicyWeights(arrays, self._version, self._learner.updates)]

    def on_second(self) -> list[Output]:
        """Reports; sends weights that no mini-batch sends out, as between two episodes none may come."""
        if end := self.check():
            return end
        sent, ended = self._send() if self._due else [], self._ended()
        reading = self._meter.read()
        return [*sent, *ended, Status(self._learner.updates, self._version, self._metrics, *reading)]

    def check(self) -> list[Output]:
        """Before anything leaves the learner, not after each update: it waits for a GPU."""
        wrong = self.divergence()
        return self.end(wrong) if wrong else []

    def divergence(self) -> str:
        """Which of the statistics is not finite, '' where none is."""
        self._metrics = self._learner.statistics()
        wrong = [name for name, value in self._metrics.items() if not math.isfinite(value)]
        return f'{wrong[0]} is not finite' if wrong else ''

    def end(self, why: str) -> list[Output]:
        """Ends this learner, of which nothing may reach the disk any more."""
        self.fit = False
        return [End(1, f'{why} after {self._learner.updates} updates')]

    # --- what they have in common ---

    def _ended(self) -> list[Output]:
        """Those updates that the device has ended."""
        ended: list[Output] = []
        for (received_s, ready_s), began_s, seconds in self._device_clock.finished():
            self._meter.add(ready_s - received_s, seconds)
            ended.append(Updated(received_s, ready_s, began_s, seconds))
        return ended

    @property
    def _due(self) -> bool:
        over = self._now_ns() - self._published_ns >= self._period_ns
        return over and self._learner.updates != self._published

    def _wants_of(self, sampler_id: int) -> Wants:
        return Wants.DATA if sampler_id == self._unreadable_id else self._wants

    def _done(self, name: BatchName) -> Done:
        return Done(self._id, self._learner.updates, *name, self._wants_of(name.sampler_id))
