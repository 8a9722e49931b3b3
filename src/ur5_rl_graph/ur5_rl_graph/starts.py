"""Which processes of a run can be started at all."""

MOST = 3
"""So often a process is started that was never ready: once, and again twice."""


class Starts:
    """The ends of processes that were not ready."""

    def __init__(self) -> None:
        """Knows of no process."""
        self._ready: set[int] = set()
        self._able: set[str] = set()
        self._failed: dict[str, int] = {}

    def ready(self, pids: set[int]) -> None:
        """Takes the ids of processes that are ready, or were before their end."""
        self._ready |= pids

    def hopeless(self, name: str, pid: int) -> bool:
        """Takes the end of a process; returns whether another start would be in vain.

        One that was ready once is started again for ever: what ended it may pass.

        Args:
            name: of the process; the same for all its starts.
            pid: of the one that has ended.
        """
        if pid in self._ready:
            self._ready.discard(pid)
            self._able.add(name)
        if name in self._able:
            return False
        self._failed[name] = self._failed.get(name, 0) + 1
        return self._failed[name] >= MOST
