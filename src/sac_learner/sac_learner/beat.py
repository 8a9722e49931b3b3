"""When the next observation is due: what takes time, and can wait, does not begin then."""

from collections import deque
from statistics import median

GAPS = 5


class Beat:
    """Goes by the times between the newest observations. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._newest_s: float | None = None
        self._gaps_s: deque[float] = deque(maxlen=GAPS)

    def observed(self, now_s: float) -> None:
        """Takes note of an observation."""
        if self._newest_s is not None:
            self._gaps_s.append(now_s - self._newest_s)
        self._newest_s = now_s

    def ended(self) -> None:
        """Takes note that the newest observation was the last of its episode: none follows in time."""
        self._newest_s = None

    def due(self, now_s: float, within_s: float) -> bool:
        """Whether the next one is to come within `within_s`, or is late by less than a period.

        One that is late by more has no date: nobody acts.
        """
        if self._newest_s is None or not self._gaps_s:
            return False
        period_s = median(self._gaps_s)
        left_s = self._newest_s + period_s - now_s
        return -period_s < left_s < within_s
