"""Captures on an absolute schedule and delivers after a delay. Time is an argument."""

import threading
from collections.abc import Callable
from typing import Any

from ur5_cell.lateness import Lateness
from ur5_cell.sensor_delay import DelayLine
from ur5_rl_graph.clock import Clock, offset_ns


class CameraLoop:
    """Frame k is captured at start + k * period, however long the drawing and the sleeping take.

    Args:
        period_s: time between two frames [s].
        capture: called with the capture time [ns] by the system clock, which stamps the frame, and by the
            monotonic one, on which the arm is looked up; returns the frame, or None.
        deliver: called with each frame when its delay is over.
        line: the delay.
        clock: a fake one in tests.
    """

    def __init__(
        self,
        period_s: float,
        capture: Callable[[int, int], Any],
        deliver: Callable[[Any], None],
        line: DelayLine,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or Clock()
        self._period = period_s
        self._capture, self._deliver, self._line = capture, deliver, line
        self._start = self._clock.now()
        self._index = 0  # of the next frame
        self.delivered = 0
        self.skipped = 0
        """Frames left out because this process came a whole period late."""
        self.missing = 0
        """Frames that `capture` could not make."""
        self.lateness = Lateness()
        """Of deliveries."""

    def run(self, stop: threading.Event) -> None:
        """Works until `stop` is set."""
        wake = self._start
        while not stop.wait(max(wake - self._clock.now(), 0.0)):
            wake = self.advance()

    def advance(self) -> float:
        """Does what is due and returns the time of what is next [s]."""
        self._deliver_due()
        now, planned = self._clock.now(), self._start + self._index * self._period
        if now >= planned:
            missed = int((now - planned) / self._period)
            self.skipped += missed
            self._index += missed + 1
            planned += missed * self._period
            monotonic_ns = round(1e9 * planned)
            frame = self._capture(monotonic_ns + offset_ns(self._clock), monotonic_ns)
            if frame is None:
                self.missing += 1
            else:
                self._line.put(planned, frame)
                self._deliver_due()
        return min(self._start + self._index * self._period, self._line.next_due)

    def _deliver_due(self) -> None:
        for due, frame in self._line.take(self._clock.now()):
            self.lateness.add(round(1e9 * (self._clock.now() - due)))
            self._deliver(frame)
            self.delivered += 1

    def __str__(self) -> str:
        return (
            f'{self.delivered} frames, {self._line.dropped} dropped on purpose, {self.skipped} skipped, '
            f'{self.missing} without joint states; {self.lateness}'
        )
