"""How old something is that came in a message, whatever is done to the system clock meanwhile."""

from ur5_rl_graph.clock import Clock, read


class Age:
    """Taken once, on arrival, by the clock that the sender stamped with; from then on nobody can set it."""

    def __init__(self, clock: Clock) -> None:
        """Begins as something made now."""
        self._clock, self._made_at = clock, clock.now()

    def arrived(self, stamp_ns: int) -> None:
        """Takes the stamp of what has just come. One ahead of this host's clock counts as made now."""
        now = read(self._clock)
        self._made_at = now.now - max(1e-9 * (now.stamp - stamp_ns), 0.0)

    @property
    def seconds(self) -> float:
        """The age [s]."""
        return self._clock.now() - self._made_at
