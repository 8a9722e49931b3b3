"""When the next observation is due: what takes time, and can wait, does not begin then."""


class Beat:
    """Goes by the time between the two newest observations. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._newest_s: float | None = None
        self._period_s: float | None = None

    def observed(self, now_s: float) -> None:
        """Takes note of an observation."""
        if self._newest_s is not None:
            self._period_s = now_s - self._newest_s
        self._newest_s = now_s

    def due(self, now_s: float, within_s: float) -> bool:
        """Whether the next one is to come within `within_s`, or is late by less than a period.

        One that is late by more has no date: an episode has ended, or nobody acts.
        """
        if self._newest_s is None or self._period_s is None:
            return False
        left_s = self._newest_s + self._period_s - now_s
        return -self._period_s < left_s < within_s
