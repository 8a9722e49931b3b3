"""The discrete-event clock: whatever happens next happens now."""

import heapq
from collections.abc import Callable

EPOCH_NS = 1_000_000_000
"""Virtual time begins here, so that no stamp is 0 [ns since the epoch]."""


class Scheduler:
    """Calls actions in the order of their times; those of one time as they were planned."""

    def __init__(self) -> None:
        """Starts at the epoch with nothing planned."""
        self.now_ns = EPOCH_NS
        self._planned: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    def at(self, time_ns: int, action: Callable[[], None]) -> None:
        """Plans `action` for `time_ns`, or for now where that has passed."""
        self._count += 1
        heapq.heappush(self._planned, (max(time_ns, self.now_ns), self._count, action))

    def step(self) -> None:
        """Goes to the next action and calls it.

        Raises:
            RuntimeError: nothing is planned.
        """
        if not self._planned:
            raise RuntimeError('nothing is planned: the virtual run stands still')
        self.now_ns, _, action = heapq.heappop(self._planned)
        action()
