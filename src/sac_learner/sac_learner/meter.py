"""How busy the learner is."""

from collections.abc import Callable
from typing import NamedTuple


class MeterReading(NamedTuple):
    """Means since the last reading."""

    updates_per_s: float
    update_ms: float
    handover_ms: float
    waiting_fraction: float  # share of the time in no hand-over and no update: without a mini-batch, mostly


class UpdateMeter:
    """Sums the time of updates and hand-overs between two readings."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Takes a clock that returns seconds."""
        self._clock = clock
        self._reset(clock())

    def add(self, handover_s: float, update_s: float) -> None:
        """Adds one update and the hand-over of its mini-batch."""
        self._count += 1
        self._handover_s += handover_s
        self._update_s += update_s

    def read(self) -> MeterReading:
        """Returns the means since the last reading and starts anew."""
        now = self._clock()
        elapsed = max(now - self._since, 1e-9)
        count = max(self._count, 1)
        busy = self._update_s + self._handover_s
        reading = MeterReading(
            updates_per_s=self._count / elapsed,
            update_ms=1e3 * self._update_s / count,
            handover_ms=1e3 * self._handover_s / count,
            waiting_fraction=max(0.0, 1.0 - busy / elapsed),
        )
        self._reset(now)
        return reading

    def _reset(self, since: float) -> None:
        self._since = since
        self._count = 0
        self._handover_s = self._update_s = 0.0
