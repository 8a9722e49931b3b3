"""When what a bag holds is published: in the distances of its times, at a rate. Knows no graph."""

import math
import time
from collections.abc import Callable, Collection
from itertools import chain

from ur5_rl_bags.bag_contents import BagError, Recorded
from ur5_rl_bags.reader import Bag

NS = 1_000_000_000
SLICE_S = 0.05
"""Between two looks at whether it is to pause or to end."""


class BagTime:
    """The time of a bag that is played: `rate` times as fast as a clock; it stands while paused.

    It is reckoned from the beginning, or the last pause, each time: nothing adds up.
    """

    def __init__(self, start_ns: int, rate: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Starts at `start_ns`; `monotonic` is the clock [s]."""
        self._from_ns, self._rate, self._monotonic = start_ns, rate, monotonic
        self._since_s = monotonic()
        self.paused = False

    def now_ns(self) -> int:
        """The bag's time."""
        passed_s = 0.0 if self.paused else self._monotonic() - self._since_s
        return self._from_ns + round(passed_s * self._rate * NS)

    def toggle(self) -> None:
        """Pauses, or goes on."""
        self._from_ns = self.now_ns()
        self._since_s = self._monotonic()
        self.paused = not self.paused

    def until_s(self, time_ns: int) -> float:
        """How long it takes until the bag's time is `time_ns` [s]; infinite while paused."""
        return math.inf if self.paused else (time_ns - self.now_ns()) / NS / self._rate


class Ticks:
    """The bag's time, told so many times a second of the clock."""

    def __init__(
        self, rate_hz: float, tell: Callable[[int], None], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Takes how often, and what gets the time [ns]."""
        self._period_s, self._tell, self._monotonic = 1.0 / rate_hz, tell, monotonic
        self._next_s = monotonic()

    def begin(self, now: BagTime) -> None:
        """Tells it before anything is played, of a bag that is played again, too."""
        self._next_s = self._monotonic()
        self.tick(now, now.now_ns())

    def tick(self, now: BagTime, next_ns: int) -> float:
        """Tells it where that is due, not beyond the next message, which may be late.

        Returns:
            How long it is until the next time [s].
        """
        if (left_s := self._next_s - self._monotonic()) > 0.0:
            return left_s
        self._tell(min(now.now_ns(), next_ns))
        self._next_s = max(self._next_s + self._period_s, self._monotonic())
        return self._next_s - self._monotonic()


class Playing:
    """Plays topics of a bag, once or again and again.

    Attributes:
        late_s: the most that a message was published after its time [s].
    """

    def __init__(
        self,
        bag: Bag,
        topics: Collection[str],
        publish: Callable[[Recorded], None],
        *,
        rate: float = 1.0,
        start_offset_s: float = 0.0,
        ticks: Ticks | None = None,
        turn: Callable[[BagTime], None] = lambda now: None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Takes what is played and how.

        Args:
            bag: an open one.
            topics: of it, that are played.
            publish: gets each message when it is time.
            rate: so many times as fast as it was.
            start_offset_s: what comes before is left out, but for the last word of each latched topic [s].
            ticks: tell the bag's time.
            turn: called some times a second; may pause, and ends it by an exception.
            monotonic: a clock that is never set back [s].
            sleep: waits so many seconds of it.

        Raises:
            BagError: nothing of these topics is behind `start_offset_s`.
        """
        self._bag, self._topics, self._publish = bag, list(topics), publish
        self._rate, self._ticks, self._turn = rate, ticks, turn
        self._monotonic, self._sleep = monotonic, sleep
        self._start_ns = next(bag.messages()).receive_time_ns + round(start_offset_s * NS)
        self.late_s = 0.0
        if not any(message.receive_time_ns >= self._start_ns for message in bag.messages(self._topics)):
            named = ', '.join(sorted(self._topics)) or 'a topic that is known here'
            raise BagError(
                f'nothing to play: {bag.folder} holds no message of {named} from {start_offset_s:g} s on'
            )

    def once(self, paused: bool = False) -> int:
        """Plays it to its end; returns how many messages there were."""
        known = self._known_before()
        following = (m for m in self._bag.messages(self._topics) if m.receive_time_ns >= self._start_ns)
        first = next(following)  # before the clock runs: what has to be read for it takes its time
        now = BagTime(self._start_ns, self._rate, self._monotonic)
        if paused:
            now.toggle()
        if self._ticks is not None:
            self._ticks.begin(now)
        for message in known:
            self._publish(message)
        played = len(known)
        for message in chain([first], following):
            self._wait(message.receive_time_ns, now)
            self._publish(message)
            played += 1
        return played

    def _known_before(self) -> list[Recorded]:
        """The last words of latched topics before the start: state that somebody who comes then knows."""
        latched = [name for name in self._topics if _is_latched(self._bag.topics[name].qos)]
        newest: dict[str, Recorded] = {}
        for message in self._bag.messages(latched):
            if message.receive_time_ns >= self._start_ns:
                break
            newest[message.topic] = message
        return list(newest.values())

    def _wait(self, time_ns: int, now: BagTime) -> None:
        while True:
            self._turn(now)
            left_s = now.until_s(time_ns)
            tick_s = self._ticks.tick(now, time_ns) if self._ticks is not None else math.inf
            if left_s <= 0.0:
                self.late_s = max(self.late_s, -left_s)
                return
            self._sleep(max(0.0, min(left_s, SLICE_S, tick_s)))


def _is_latched(offered: list[dict]) -> bool:
    return bool(offered) and all(profile.get('durability') == 'transient_local' for profile in offered)
