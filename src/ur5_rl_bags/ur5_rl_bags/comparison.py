"""Compares what the graph published with its replay, whichever of the two comes first."""

from collections import Counter, deque
from collections.abc import Callable
from typing import Any, NamedTuple

from ur5_rl_bags.differences import Difference, as_received, fields_that_differ
from ur5_rl_bags.life import Noted, Replayed
from ur5_rl_env.clock import Reading
from ur5_rl_env.digest import ObservationDigest
from ur5_rl_graph import topics
from ur5_rl_graph.messages import ns_from_time


def _step(message: Any) -> tuple[int, ...]:
    return message.episode, message.step


KEYS: dict[str, Callable[[Any], tuple[int, ...]]] = {
    topics.OBSERVATION.name: _step,
    topics.CYCLE_TIMING.name: _step,
    topics.TRANSITION.name: _step,
    topics.EPISODE.name: lambda message: (message.episode,),
    topics.VELOCITY_COMMAND.name: lambda message: (ns_from_time(message.header.stamp),),
    topics.TARGET_START.name: lambda message: (message.seed, message.start_stamp),
}
"""What is compared, and what of a message says which one it is."""
PENDING = 2000
"""So many messages of a topic wait for their counterpart; an older one is taken to have none."""


class _Waiting(NamedTuple):
    key: tuple[int, ...]
    what: Any


class _Topic:
    """The messages of one topic that wait for their counterpart, oldest first."""

    def __init__(self) -> None:
        self.replayed: dict[tuple, deque[Replayed]] = {}
        self.recorded: dict[tuple, deque[Any]] = {}

    @staticmethod
    def add(waiting: dict, key: tuple, what: Any) -> list[_Waiting]:
        """Has `what` wait. Returns what has waited for too long."""
        waiting.setdefault(key, deque()).append(what)
        if len(waiting) <= PENDING:
            return []
        oldest = next(iter(waiting))
        return [_Waiting(oldest, each) for each in waiting.pop(oldest)]

    @staticmethod
    def take(waiting: dict, key: tuple) -> Any | None:
        """Returns the oldest of this key that waits, once, or None."""
        here = waiting.get(key)
        if here is None:
            return None
        what = here.popleft()
        if not here:
            del waiting[key]
        return what


class Comparison:
    """Takes both sides in any order. `finish` tells what has no counterpart."""

    def __init__(self, recorded_topics: set[str]) -> None:
        """Compares the topics of `KEYS` that are recorded, and the digests of all observations."""
        self.differences: list[Difference] = []
        self.compared: Counter[str] = Counter()
        """By topic; an observation also where only its digest is known."""
        self.replayed_count: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()
        """Replayed, but not in the bag."""
        self.partly: Counter[str] = Counter()
        """Compared but for fields that depend on what is not in the bag."""
        self.anew = 0
        """Transitions that carry frames again: the actor or the buffer had begun anew."""
        self.outside = 0
        """Recorded messages from a time of which the journal is not in the bag."""
        self._topics = {name: _Topic() for name in KEYS if name in recorded_topics}
        self._alone: list[tuple[str, _Waiting]] = []  # recorded, without a counterpart
        self._digest = ObservationDigest()
        self._by_digest: dict[tuple, list[Difference]] = {}
        self._seen: set[tuple] = set()  # observations of which the message was compared

    def replayed(self, what: Replayed | Noted) -> None:
        """Takes what the replay says."""
        if isinstance(what, Noted):
            self._compare_digests(what)
            return
        if what.topic not in KEYS:
            return
        self.replayed_count[what.topic] += 1
        if what.topic not in self._topics:
            return
        waiting, key = self._topics[what.topic], KEYS[what.topic](what.message)
        recorded = waiting.take(waiting.recorded, key)
        if recorded is not None:
            self._compare(key, recorded, what)
            return
        self.missing[what.topic] += len(waiting.add(waiting.replayed, key, what))

    def recorded(self, topic: str, message: Any) -> None:
        """Takes a message of the bag."""
        waiting, key = self._topics[topic], KEYS[topic](message)
        replayed = waiting.take(waiting.replayed, key)
        if replayed is not None:
            self._compare(key, message, replayed)
            return
        self._alone += [(topic, old) for old in waiting.add(waiting.recorded, key, message)]

    def finish(self, covered: list[list[Reading]]) -> None:
        """Takes note of what has no counterpart.

        Args:
            covered: first and last reading of each stretch of time that was replayed. At the first itself
                nothing is published, or it belongs to what was before a reset.
        """
        for topic, waiting in self._topics.items():
            self.missing[topic] += sum(map(len, waiting.replayed.values()))
            for key, messages in waiting.recorded.items():
                self._alone += [(topic, _Waiting(key, message)) for message in messages]
        for topic, (key, message) in self._alone:
            stamp = ns_from_time(message.header.stamp)
            if topic == topics.OBSERVATION.name:
                self._seen.add(key)
            if any(first.stamp < stamp <= last.stamp for first, last in covered):
                self.differences.append(Difference(stamp, topic, key, '', 'recorded, but not replayed'))
            else:
                self.outside += 1
        for key, differences in self._by_digest.items():
            if key not in self._seen:
                self.differences += differences
        self.differences.sort(key=lambda difference: difference.order)

    def _compare(self, key: tuple, recorded: Any, replayed: Replayed) -> None:
        topic, message = replayed.topic, as_received(replayed.message)
        if replayed.anew is not None and recorded.new_frame_ids != message.new_frame_ids:
            full = as_received(replayed.anew())
            if recorded.new_frame_ids == full.new_frame_ids:
                message = full
                self.anew += 1
        self.compared[topic] += 1
        self.partly[topic] += bool(replayed.unknown)
        found = fields_that_differ(recorded, message, replayed.unknown)
        stamp = replayed.at.stamp
        self.differences += [Difference(stamp, topic, key, *what) for what in found]
        if topic == topics.OBSERVATION.name:
            self._by_digest.pop(key, None)
            self._seen.add(key)

    def _compare_digests(self, noted: Noted) -> None:
        topic, key, observed = topics.OBSERVATION.name, (noted.episode, noted.step), noted.replayed
        if observed is None or key != (observed.observation.episode, observed.observation.step):
            text = 'recorded, but not replayed'
            self._by_digest[key] = [Difference(noted.at.stamp, topic, key, '', text)]
            return
        pixels, numbers = self._digest(observed.observation)
        digests = [('pixels', noted.pixels, pixels), ('numbers', noted.numbers, numbers)]
        if topic not in self._topics:
            self.compared[topic] += 1
            self.partly[topic] += bool(observed.unknown)
        if 'frames' in observed.unknown:
            del digests[0]
        if observed.unknown - {'frames'}:
            digests = [digest for digest in digests if digest[0] != 'numbers']
        found = [
            Difference(noted.at.stamp, topic, key, field, f'digest recorded {before}, replayed {after}')
            for field, before, after in digests
            if before != after
        ]
        if found and key not in self._seen:
            self._by_digest[key] = found
