"""What the processors did during a run: timing says something only where nobody took them away."""

import re
from pathlib import Path
from typing import NamedTuple

NOTABLE = 0.01
"""Share taken by the host, or periods of a limit, from which on timing suffers."""


class Shares(NamedTuple):
    """Shares, each 0 to 1."""

    processors_busy_fraction: float  # of the time of all processors
    processors_stolen_fraction: float  # of the same: the host of a virtual machine ran something else
    processors_throttled_fraction: float  # of the periods in which the limit of our control group counts

    def __str__(self) -> str:
        """One line for the summary of a run."""
        busy, stolen, throttled = (100.0 * share for share in self)
        line = f'processors: {busy:.0f} % busy, {stolen:.1f} % taken by the host of this virtual machine'
        if throttled:
            line += f', held back by the limit of this container in {throttled:.1f} % of its periods'
        notable = max(stolen, throttled) > 100.0 * NOTABLE
        return line + (': the timing above suffers from it' if notable else '')


class Processors:
    """Counts from the moment it is made."""

    def __init__(self, root: Path = Path('/')) -> None:
        """Reads the kernel's counters under `root`."""
        self._root = root
        self._start = self._read()

    def shares(self) -> Shares:
        """Returns the shares since the start."""
        since = (now - then for now, then in zip(self._read(), self._start, strict=True))
        user, nice, system, idle, iowait, irq, softirq, stolen, periods, throttled = since
        busy = user + nice + system + irq + softirq
        total = max(1, busy + idle + iowait + stolen)
        return Shares(busy / total, stolen / total, throttled / max(1, periods))

    def _read(self) -> list[int]:
        """The first eight counters of all processors together [ticks], then those of our group's limit."""
        first = (self._root / 'proc/stat').read_text(encoding='utf-8').split('\n', 1)[0]
        return [int(count) for count in first.split()[1:9]] + self._periods()

    def _periods(self) -> list[int]:
        """How many periods the limit of our control group has counted, and in how many it held us back.

        The two versions of control groups keep the same counters in two places; a container that does not see
        the groups of its host has its own where theirs begin.
        """
        groups = self._root / 'sys/fs/cgroup'
        own = {}
        for line in _text(self._root / 'proc/self/cgroup').splitlines():
            _, controllers, path = line.split(':', 2)
            own.update(dict.fromkeys(controllers.split(','), path.lstrip('/')))
        for base, controller in ((groups, ''), (groups / 'cpu', 'cpu')):
            for group in (base / own.get(controller, ''), base):
                counters = dict(re.findall(r'^(nr_\w+) (\d+)$', _text(group / 'cpu.stat'), re.M))
                if 'nr_throttled' in counters:
                    return [int(counters['nr_periods']), int(counters['nr_throttled'])]
        return [0, 0]


def _text(path: Path) -> str:
    """Returns what a file of the kernel says, '' where there is none."""
    try:
        return path.read_text(encoding='utf-8')
    except OSError:
        return ''
