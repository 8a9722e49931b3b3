"""What a component did and when: the boxes of the thesis' figure 4.5."""

import time
from typing import NamedTuple

from ur5_rl_graph.clock import Clock, offset_ns

LIMIT = 4096
"""Spans that are kept at most; at 100 a second those of 40 s."""

CLOCK = Clock(time.perf_counter)
"""By which spans are added."""


class Span(NamedTuple):
    """One piece of work."""

    name: str
    start_ns: int  # since the epoch [ns]
    duration_ns: int  # [ns]


class Spans:
    """Keeps the spans of one component until they are taken. Adding one costs less than a microsecond."""

    def __init__(self, limit: int = LIMIT) -> None:
        """Begins without spans; keeps at most `limit`."""
        self.dropped = 0
        """Spans that were not kept because nobody took those before them."""
        self._limit = limit
        self._kept: list[tuple[str, int, int]] = []

    def add(self, name: str, began_ns: int, ended_ns: int | None = None) -> None:
        """Adds a span by the times of `time.perf_counter_ns`; it ends now where `ended_ns` is not given."""
        if len(self._kept) >= self._limit:
            self.dropped += 1
            return
        self._kept.append((name, began_ns, time.perf_counter_ns() if ended_ns is None else ended_ns))

    def take(self, clock: Clock = CLOCK) -> list[Span]:
        """Returns what has come since the last call, in the order of the ends.

        Args:
            clock: by whose `now` they were added.
        """
        offset = offset_ns(clock)
        taken, self._kept = self._kept, []
        return [Span(name, began + offset, ended - began) for name, began, ended in taken]
