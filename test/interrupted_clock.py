"""A process that is set aside between two readings of its clocks, as a busy machine does."""

import pytest

from ur5_rl_graph.clock import Clock

EPOCH_S = 1e9

AFTER_EITHER = pytest.mark.parametrize('reading', ['now', 'stamp'])
"""Which reading of the two clocks is the last before it is set aside."""


class InterruptedClock:
    """Both clocks of a process; time passes only while it is set aside.

    Attributes:
        s: monotonic time [s].
        epoch_s: system time at its 0 [s].
        clock: both.
    """

    def __init__(self) -> None:
        self.s, self.epoch_s, self._aside = 500.0, EPOCH_S, ('', 0.0)
        self.clock = Clock(lambda: self._read('now'), self._stamp)

    def set_aside(self, seconds: float, reading: str) -> None:
        """Sets the process aside once, when it has next read `now` or `stamp`."""
        self._aside = reading, seconds

    def _stamp(self) -> int:
        return round(1e9 * (self.epoch_s + self._read('stamp')))

    def _read(self, name: str) -> float:
        read = self.s
        if self._aside[0] == name:
            self.s, self._aside = self.s + self._aside[1], ('', 0.0)
        return read
