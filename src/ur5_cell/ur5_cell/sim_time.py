"""The time of a simulation in this host's monotonic clock."""

from collections import deque

WINDOW_NS = 250_000_000
"""Messages of so long decide. Longer would smooth more, and lag where the simulation is slow."""


class SimTime:
    """The fastest message of the last quarter of a second is taken to have come at once.

    Where the simulation runs at a factor f of real time, its times lie up to (1 - f) times that too early.
    """

    def __init__(self) -> None:
        self._heard: deque[tuple[int, int]] = deque()  # (arrival, arrival - simulated time), both [ns]
        self._newest_ns = 0

    def heard(self, sim_ns: int, now_ns: int) -> None:
        """Takes a message stamped `sim_ns` that has come at `now_ns` of the monotonic clock."""
        if sim_ns < self._newest_ns:  # the simulation has begun anew
            self._heard.clear()
        self._newest_ns = sim_ns
        while self._heard and self._heard[0][0] < now_ns - WINDOW_NS:
            self._heard.popleft()
        self._heard.append((now_ns, now_ns - sim_ns))

    def monotonic_ns(self, sim_ns: int) -> int | None:
        """Returns when that simulated time was; None where nothing has been heard yet."""
        if not self._heard:
            return None
        return sim_ns + min(offset for _, offset in self._heard)
