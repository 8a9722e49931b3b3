"""The two clocks of the environment: one to pace by, one to stamp with."""

import time
from collections.abc import Callable
from typing import NamedTuple


class Clock(NamedTuple):
    """Tests put a fake in its place."""

    now: Callable[[], float] = time.monotonic
    """Seconds, never set back: pacing and time-outs."""
    stamp: Callable[[], int] = time.time_ns
    """Nanoseconds since the epoch, comparable with the stamps of sensors and messages."""
