"""The two clocks of a process: one to pace by, one to stamp with."""

import time
from collections.abc import Callable
from typing import NamedTuple


class Clock(NamedTuple):
    """Tests put a fake in its place."""

    now: Callable[[], float] = time.monotonic
    """Seconds, never set back: pacing and time-outs."""
    stamp: Callable[[], int] = time.time_ns
    """Nanoseconds since the epoch, comparable with the stamps of sensors and messages. It may be set."""


def offset_ns(clock: Clock) -> int:
    """Returns `stamp` minus `now` [ns], from the tightest of a few readings.

    Two single readings would be off by however long the process was set aside between them.
    """
    readings = []
    for _ in range(5):
        before, stamp, after = clock.now(), clock.stamp(), clock.now()
        readings.append((after - before, stamp - round(1e9 * (before + after) / 2)))
    return min(readings)[1]


class Reading(NamedTuple):
    """Both clocks at one instant."""

    now: float  # monotonic [s]
    stamp: int  # [ns since the epoch]


def read(clock: Clock) -> Reading:
    """Returns both clocks as they stand, however long the process is set aside meanwhile."""
    offset, now = offset_ns(clock), clock.now()
    return Reading(now, round(1e9 * now) + offset)


class HeldClock:
    """A clock that stands still while one event is handled: whoever knows its readings can do so again."""

    def __init__(self, reading: Reading) -> None:
        """Starts at `reading`."""
        self.reading = reading
        """What both clocks say until it is set anew."""
        self.clock = Clock(lambda: self.reading.now, lambda: self.reading.stamp)
        """For those who take a clock."""
