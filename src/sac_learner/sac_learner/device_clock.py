"""How long work takes on a device that goes on with it after the call."""

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import torch


class WorkClock(Protocol):
    """Knows how long work took."""

    def measure(self, tag: object) -> AbstractContextManager[None]:
        """Times what is called in it."""

    def finished(self) -> list[tuple[Any, float, float]]:
        """Tag, begin and time [s] of each work that has ended since this was last asked, in order."""


class DeviceClock:
    """Times work without waiting for it: on a GPU by marks in the stream, else by the clock.

    On a GPU work begins when the call begins, or when the work before it ends if that is later.
    """

    def __init__(self, device: torch.device, now_s: Callable[[], float] = time.perf_counter) -> None:
        """Takes the device, and the clock [s] of calls."""
        self._on_cuda, self._now_s = device.type == 'cuda', now_s
        self._running: deque[tuple[Any, float, Any, Any]] = deque()
        self._ended_s = -math.inf

    @contextmanager
    def measure(self, tag: object) -> Iterator[None]:
        """Times what is called in it; what raises is not counted."""
        called_s = self._now_s()
        began = _event() if self._on_cuda else called_s
        yield
        ended = _event() if self._on_cuda else self._now_s()
        self._running.append((tag, called_s, began, ended))

    def finished(self) -> list[tuple[Any, float, float]]:
        """Tag, begin and time [s] of each work that has ended since this was last asked, in order."""
        found = []
        while self._running and (not self._on_cuda or self._running[0][-1].query()):
            tag, called_s, began, ended = self._running.popleft()
            seconds = 1e-3 * began.elapsed_time(ended) if self._on_cuda else ended - began
            began_s = max(called_s, self._ended_s)
            self._ended_s = began_s + seconds
            found.append((tag, began_s, seconds))
        return found


def _event() -> torch.cuda.Event:
    event = torch.cuda.Event(enable_timing=True)
    event.record()
    return event
