"""Compares what the graph published with its replay, whichever of the two comes first."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ur5_rl_bags.differences import Difference, as_received, fields_that_differ
from ur5_rl_bags.life import Noted
from ur5_rl_bags.past_environment import Replayed
from ur5_rl_env.digest import ObservationDigest
from ur5_rl_graph import topics
from ur5_rl_graph.clock import Reading
from ur5_rl_graph.messages import ns_from_time


def _step(message: Any) -> tuple[int, ...]:
    return message.episode, message.step


def _identity(topic: str, message: Any) -> tuple[tuple[int, ...], int]:
    return KEYS[topic](message), ns_from_time(message.header.stamp)


KEYS: dict[str, Callable[[Any], tuple[int, ...]]] = {
    topics.OBSERVATION.name: _step,
    topics.CYCLE_TIMING.name: _step,
    topics.TRANSITION.name: _step,
    topics.EPISODE.name: lambda message: (message.episode,),
    topics.VELOCITY_COMMAND.name: lambda message: (ns_from_time(message.header.stamp),),
    topics.TARGET_START.name: lambda message: (message.seed, message.start_stamp),
}
"""What is compared, and what of a message says which one it is, besides its stamp."""
PENDING = 300
"""So many messages of a topic wait for their counterpart; an older one is taken to have none."""


Key = tuple[int, ...]


class _Lone(NamedTuple):
    """A message of the bag without a counterpart."""

    topic: str
    key: Key
    stamp_ns: int
    message: Any | None  # None: it has waited for too long


class _Waiting:
    """Messages that wait for their counterpart, oldest first, known by key and stamp."""

    def __init__(self) -> None:
        self._all: dict[tuple[Key, int], deque[Any]] = {}

    def add(self, key: Key, stamp_ns: int, what: Any) -> tuple[Key, int] | None:
        """Has `what` wait. Returns key and stamp of what has waited for too long and is forgotten."""
        self._all.setdefault((key, stamp_ns), deque()).append(what)
        if len(self._all) <= PENDING:
            return None
        oldest = next(iter(self._all))
        del self._all[oldest]
        return oldest

    def take(self, key: Key, stamp_ns: int) -> Any | None:
        """Returns the oldest of these that waits, once, or None."""
        here = self._all.get((key, stamp_ns))
        if here is None:
            return None
        what = here.popleft()
        if not here:
            del self._all[key, stamp_ns]
        return what

    def rest(self) -> Iterator[tuple[Key, int, Any]]:
        """Yields key, stamp and message of what waits still."""
        for (key, stamp_ns), messages in self._all.items():
            yield from ((key, stamp_ns, message) for message in messages)


class Comparison:
    """Takes both sides in any order. `finish` tells what has no counterpart."""

    def __init__(self, recorded_topics: set[str]) -> None:
        """Compares the topics of `KEYS` that are recorded, and the digests of all observations."""
        self.differences: list[Difference] = []
        self.compared: Counter[str] = Counter()
        """By topic; an observation also where only its digest is known."""
        self.replayed_count: Counter[str] = Counter()
        self.partly: Counter[str] = Counter()
        """Compared but for fields that depend on what is not in the bag."""
        self.anew = 0
        """Transitions that carry frames again: the actor or the buffer had begun anew."""
        self.outside = 0
        """Recorded messages from a time of which the journal is not in the bag."""
        names = [name for name in KEYS if name in recorded_topics]
        self._replayed = {name: _Waiting() for name in names}
        self._recorded = {name: _Waiting() for name in names}
        self._alone: list[_Lone] = []
        self._digest = ObservationDigest()
        self._by_digest: dict[Key, list[Difference]] = {}
        self._seen: set[Key] = set()  # observations of which the message was compared

    def replayed(self, what: Replayed | Noted) -> None:
        """Takes what the replay says."""
        if isinstance(what, Noted):
            self._compare_digests(what)
            return
        if what.topic not in KEYS:
            return
        self.replayed_count[what.topic] += 1
        if what.topic not in self._recorded:
            return
        key, stamp = _identity(what.topic, what.message)
        recorded = self._recorded[what.topic].take(key, stamp)
        if recorded is not None:
            self._compare(key, recorded, what)
        else:
            self._replayed[what.topic].add(key, stamp, what)

    def recorded(self, topic: str, message: Any) -> None:
        """Takes a message of the bag."""
        key, stamp = _identity(topic, message)
        replayed = self._replayed[topic].take(key, stamp)
        if replayed is not None:
            self._compare(key, message, replayed)
        elif (old := self._recorded[topic].add(key, stamp, message)) is not None:
            self._alone.append(_Lone(topic, *old, None))

    def finish(self, covered: list[list[Reading]]) -> None:
        """Takes note of what has no counterpart; of one that only has another stamp, of what differs.

        Args:
            covered: first and last reading of each stretch of time that was replayed. At the first itself
                nothing is published, or it belongs to what was before a reset.
        """
        left: dict[tuple[str, Key], deque[Replayed]] = {}
        for topic, waiting in self._replayed.items():
            for key, _, replayed in waiting.rest():
                left.setdefault((topic, key), deque()).append(replayed)
        for topic, waiting in self._recorded.items():
            self._alone += [_Lone(topic, *rest) for rest in waiting.rest()]
        for lone in self._alone:
            if not any(first.stamp < lone.stamp_ns <= last.stamp for first, last in covered):
                self.outside += 1
            elif lone.message is not None and left.get((lone.topic, lone.key)):
                self._compare(lone.key, lone.message, left[lone.topic, lone.key].popleft())
            else:
                text = 'recorded, but not replayed'
                self.differences.append(Difference(lone.stamp_ns, lone.topic, lone.key, '', text))
            if lone.topic == topics.OBSERVATION.name:
                self._seen.add(lone.key)
        for key, differences in self._by_digest.items():
            if key not in self._seen:
                self.differences += differences
        self.differences.sort(key=lambda difference: difference.order)

    def _compare(self, key: Key, recorded: Any, replayed: Replayed) -> None:
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
        observation = observed and observed.observation
        if not observed or not observation or key != (observation.episode, observation.step):
            text = 'recorded, but not replayed'
            self._by_digest[key] = [Difference(noted.at.stamp, topic, key, '', text)]
            return
        pixels, numbers = self._digest(observation)
        digests = [('pixels', noted.pixels, pixels), ('numbers', noted.numbers, numbers)]
        if topic not in self._recorded:
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
