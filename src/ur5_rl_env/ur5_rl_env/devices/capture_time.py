"""When a frame of a real camera was captured: as its driver says, where what it says can be believed.

V4L2 stamps a buffer when the transfer of its frame begins, by the clock that is never set (CLOCK_MONOTONIC,
the one of time.monotonic), some drivers by the system's. Others give 0, one time for ever, or a place in a
stream.
"""

import math
from enum import Enum

from ur5_rl_graph.clock import Clock, offset_ns

OLDEST_S = 1.0
"""A frame cannot be older on arrival: another clock, or none."""
DOUBTS = 5
"""After so many frames in a row whose time cannot be, the driver's times are no longer used."""


class Source(Enum):
    """Where capture times come from."""

    UNKNOWN = 'unknown'
    MONOTONIC = 'its driver, in the monotonic clock'
    SYSTEM = "its driver, in the system's clock"
    LATENCY = 'arrival less camera_latency_ms'


class CaptureTime:
    """Times of one opened device, frame by frame.

    Attributes:
        source: where they come from now.
        age_s: of the newest frame when it arrived [s].
        doubted_ms: what the driver said last that cannot be [ms], None = nothing.
    """

    def __init__(self, latency_s: float, clock: Clock) -> None:
        """Begins without an opinion; `latency_s` is the age of a frame whose driver gives no time [s]."""
        self.source = Source.UNKNOWN
        self.age_s = 0.0
        self.doubted_ms: float | None = None
        self._latency, self._clock = latency_s, clock
        self._last_ms = -math.inf  # of the driver
        self._doubts = 0

    def of_frame(self, driver_ms: float, now: float) -> int | None:
        """Returns the capture time of a frame [ns since the epoch].

        None: what the driver says cannot be (0, the time of the frame before, a leap, another clock); the
        frame has no time. After a few such frames in a row the latency takes over, until the device is opened
        again.

        Args:
            driver_ms: what the driver says of this frame [ms], in a clock of its own.
            now: when it arrived [s], by the clock of this one.
        """
        stamp = round(1e9 * now) + offset_ns(self._clock)
        age = self._age(driver_ms, now, 1e-9 * stamp)
        if age is not None:
            self._last_ms, self._doubts = driver_ms, 0
        else:
            self._doubt(driver_ms)
            if self.source is not Source.LATENCY:
                return None
            age = self._latency
        self.age_s = age
        return stamp - round(1e9 * age)

    def _age(self, driver_ms: float, now_s: float, system_s: float) -> float | None:
        """Returns the age of a frame [s], None where it cannot be; the first that can be says which clock."""
        if not driver_ms > self._last_ms:  # nor a number that is none
            return None
        for source, clock_s in ((Source.MONOTONIC, now_s), (Source.SYSTEM, system_s)):
            age = clock_s - 1e-3 * driver_ms
            if self.source in (Source.UNKNOWN, source) and 0.0 <= age <= OLDEST_S:
                self.source = source
                return age
        return None

    def _doubt(self, driver_ms: float) -> None:
        self.doubted_ms = driver_ms
        self._doubts += 1
        if self._doubts >= DOUBTS:
            self.source = Source.LATENCY
