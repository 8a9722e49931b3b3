"""How a run is, in one sign: the worst that is said of it, or that nothing is."""

from collections.abc import Collection, Iterable
from typing import Any

from ur5_rl_graph.declared import WITH_VIEW
from ur5_rl_monitor.sights import Sign
from ur5_rl_monitor.status import COMPONENTS, Level, Status

SILENT_NS = 3_000_000_000
"""A run of which so long nothing is heard has ended, or hangs [ns]."""
UNDIAGNOSED_NS = 5_000_000_000
WAITING = Sign(Level.STALE, 'waiting for a run: nothing is heard yet')
SILENT = Sign(Level.ERROR, 'nothing is heard of the run any more: it has ended, or its machine hangs')
UNDIAGNOSED = Sign(Level.STALE, 'the run goes on; nobody says how it is (node diagnostics, view:=true)')


def lacking(nodes: Collection[str]) -> str:
    """Returns one line on what a run does not show, and the remedy; '' where it shows all.

    Args:
        nodes: names of those that are there.
    """
    missing = [name for name in WITH_VIEW if name not in nodes]
    if not missing:
        return ''
    return f'the run has no {", no ".join(missing)}: what they show is missing; launch it with view:=true'


def statuses_of(message: Any, prefix: str) -> list[Status]:
    """Returns what a DiagnosticArray says of one run, nothing where it is of others.

    Args:
        message: of any program of a domain: other runs and drivers of devices are on that topic, too.
        prefix: of the names of this run's components: its namespace, and a slash at the end; '' = none.
    """
    ours = {prefix + name: name for name in COMPONENTS}
    return [
        Status(ours[status.name], Level(status.level[0]), status.message, {})
        for status in message.status
        if status.name in ours
    ]


class Glance:
    """Keeps when something was heard of a run, and what was last said of each component."""

    def __init__(self) -> None:
        """Has heard nothing."""
        self._heard_ns: int | None = None
        self._diagnosed_ns: int | None = None
        self._statuses: list[Status] = []

    def hear(self, time_ns: int) -> None:
        """Takes when a message came [ns]."""
        self._heard_ns = time_ns

    def diagnose(self, time_ns: int, statuses: Iterable[Status]) -> None:
        """Takes what is said of all components at a time [ns]."""
        self._diagnosed_ns, self._statuses = time_ns, list(statuses)

    def sign(self, now_ns: int) -> Sign:
        """Returns how the run is now, on the clock of the times before [ns]."""
        if self._heard_ns is None:
            return WAITING
        if now_ns - self._heard_ns > SILENT_NS:
            return SILENT
        if self._diagnosed_ns is None or now_ns - self._diagnosed_ns > UNDIAGNOSED_NS:
            return UNDIAGNOSED
        worst = max((status.level for status in self._statuses), key=_badness, default=Level.OK)
        if worst is Level.OK:
            return Sign(Level.OK, f'all {len(self._statuses)} components are well')
        told = (f'{status.name}: {status.message}' for status in self._statuses if status.level is worst)
        return Sign(worst, '; '.join(told))


def _badness(level: Level) -> int:
    """STALE has the largest number, but an error is worse than not to know."""
    return {Level.OK: 0, Level.STALE: 1, Level.WARN: 2, Level.ERROR: 3}[level]
