"""What the processors did during a run: timing says something only where nobody took them away."""

from pathlib import Path
from typing import NamedTuple

STAT = Path('/proc/stat')
NOTABLE = 0.01
"""Share taken by the host from which on timing suffers."""


class Shares(NamedTuple):
    """Shares of the time of all processors, each 0 to 1."""

    processors_busy_fraction: float
    processors_stolen_fraction: float  # the host of a virtual machine ran something else

    def __str__(self) -> str:
        """One line for the summary of a run."""
        busy, stolen = (100.0 * share for share in self)
        line = f'processors: {busy:.0f} % busy, {stolen:.1f} % taken by the host of this virtual machine'
        return line + (': the timing above suffers from it' if stolen > 100.0 * NOTABLE else '')


class Processors:
    """Counts from the moment it is made."""

    def __init__(self, stat: Path = STAT) -> None:
        """Reads the kernel's counters in `stat`."""
        self._stat = stat
        self._start = self._read()

    def shares(self) -> Shares:
        """Returns the shares since the start."""
        user, nice, system, idle, iowait, irq, softirq, stolen = (
            now - then for now, then in zip(self._read(), self._start, strict=True)
        )
        busy = user + nice + system + irq + softirq
        total = max(1, busy + idle + iowait + stolen)
        return Shares(busy / total, stolen / total)

    def _read(self) -> list[int]:
        """The first eight counters of all processors together [ticks]."""
        return [int(count) for count in self._stat.read_text(encoding='utf-8').split('\n', 1)[0].split()[1:9]]
