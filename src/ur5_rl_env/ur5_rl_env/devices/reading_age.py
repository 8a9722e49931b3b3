"""How old the controller's readings are when they are used: the guard counts on fresh ones.

Readings that wait in line arrive as regularly as fresh ones; only the controller's own clock tells them
apart. It has another zero than this host's, so the age is counted from the freshest one of the connection.
"""

from ur5_rl_env.reserve import LATE_S

DRIFT = 2e-4  # by which two clocks may go apart, as a share of the time passed
PATIENCE_S = 0.5  # of old readings, after which only a new connection helps: it leaves what waits behind


class ReadingAge:
    """The age of readings in one connection. Begins with none."""

    def __init__(self) -> None:
        self.age_s = 0.0
        """Of the newest reading, against the freshest one [s]."""
        self.overdue_s = 0.0
        """For how long every reading has been too old [s]."""
        # Offset of the host's clock from the controller's with the freshest reading.
        self._least_s: float | None = None
        self._now_s = 0.0
        self._old_since_s: float | None = None

    def take(self, now_s: float, controller_s: float) -> bool:
        """Takes a reading; True if it is too old, or came too long after the one before, to be relied on.

        Args:
            now_s: this host's monotonic time [s].
            controller_s: the controller's time of the reading [s].
        """
        offset = now_s - controller_s
        if self._least_s is None:
            self._least_s, self._now_s = offset, now_s
        gap, self._now_s = now_s - self._now_s, now_s
        self._least_s = min(self._least_s + DRIFT * gap, offset)
        self.age_s = offset - self._least_s
        late = max(gap, self.age_s) > LATE_S
        if not late:
            self._old_since_s = None
        elif self._old_since_s is None:
            self._old_since_s = now_s
        self.overdue_s = 0.0 if self._old_since_s is None else now_s - self._old_since_s
        return late
