"""What was heard on one topic: the newest message, when, and what of it grew within the last seconds."""

from collections import deque
from collections.abc import Mapping
from typing import Any

NEVER = float('inf')


class Heard:
    """Keeps plain values of messages. Times are monotonic seconds."""

    def __init__(self, window_s: float) -> None:
        """Starts with nothing; `recent` and `grown` look back for `window_s` [s]."""
        self._window_s = window_s
        self._at: float | None = None
        self._recent: deque[tuple[float, dict, dict[str, int]]] = deque()
        self._since: dict[str, float] = {}  # when each value came to be what it is
        self.newest: dict[str, Any] = {}
        """The values of the newest message, empty before the first."""

    def take(self, values: Mapping[str, Any], now: float) -> None:
        """Takes the values of a message."""
        self._forget(now)
        growth = {
            name: _growth(self.newest[name], value)
            for name, value in values.items()
            if type(value) is int and name in self.newest
        }
        for name, value in values.items():
            if name not in self.newest or self.newest[name] != value:
                self._since[name] = now
        self.newest, self._at = dict(values), now
        self._recent.append((now, self.newest, growth))

    def silence_s(self, now: float) -> float:
        """Returns the time since the newest message [s]; infinite before the first."""
        return NEVER if self._at is None else now - self._at

    def recent(self, now: float) -> list[dict[str, Any]]:
        """Returns the values of the messages within the window, oldest first."""
        self._forget(now)
        return [values for _, values, _ in self._recent]

    def grown(self, name: str, now: float) -> int:
        """Returns by how much a count has grown within the window."""
        self._forget(now)
        return sum(growth.get(name, 0) for _, _, growth in self._recent)

    def unchanged_s(self, name: str, now: float) -> float:
        """Returns how long a value has been what it is [s]; 0 where there is none."""
        return now - self._since.get(name, now)

    def _forget(self, now: float) -> None:
        while self._recent and now - self._recent[0][0] > self._window_s:
            self._recent.popleft()


def _growth(before: int, after: int) -> int:
    """A count that is smaller than before began anew with its process."""
    return after - before if after >= before else after
