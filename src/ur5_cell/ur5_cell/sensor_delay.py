"""What lies between the capture of a sample and its arrival: delay, jitter, dropout. Seeded, no clock."""

import math
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class DelayConfig:
    """Delay of a simulated sensor."""

    camera_delay_ms: float = setting(
        8.0, 'shortest time from capture to publication of a frame [ms]', low=0.0, high=1000.0
    )
    camera_jitter_ms: float = setting(
        0.0, 'upper limit of a uniform random time on top of it [ms]', low=0.0, high=1000.0
    )
    camera_dropout: float = setting(0.0, 'probability that a frame is lost', low=0.0, high=1.0)

    def __post_init__(self) -> None:
        check(self)


class DelayLine:
    """Holds samples until they arrive; they arrive in the order of their capture."""

    def __init__(self, config: DelayConfig, rng: np.random.Generator) -> None:
        """Makes an empty line."""
        self._config = config
        self._rng = rng
        self._waiting: deque[tuple[float, Any]] = deque()
        self._last_due = -math.inf
        self.dropped = 0
        """Samples lost on purpose."""

    def put(self, captured: float, sample: Any) -> None:
        """Takes a sample captured at time `captured` [s]; times must not decrease."""
        lost, jitter = self._rng.random(2)  # both in any case: no setting shifts the other's draws
        if lost < self._config.camera_dropout:
            self.dropped += 1
            return
        delay_s = 1e-3 * (self._config.camera_delay_ms + jitter * self._config.camera_jitter_ms)
        self._last_due = max(captured + delay_s, self._last_due)
        self._waiting.append((self._last_due, sample))

    @property
    def next_due(self) -> float:
        """Time at which the next sample arrives [s]; infinite where none is under way."""
        return self._waiting[0][0] if self._waiting else math.inf

    def take(self, now: float) -> list[tuple[float, Any]]:
        """Removes and returns what has arrived by `now` [s], oldest first: (arrival time, sample)."""
        arrived = []
        while self.next_due <= now:
            arrived.append(self._waiting.popleft())
        return arrived
