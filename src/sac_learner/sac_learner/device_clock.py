"""How long work takes on a device that goes on with it after the call."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch


class DeviceClock:
    """Times work without waiting for it: on a GPU by marks in the stream, else by the clock.

    On a GPU work begins when the call begins, or when the work before it ends if that is later.
    """

    def __init__(self, device: torch.device, now_s: Callable[[], float] = time.perf_counter) -> None:
        """Takes the device, and the clock [s] of work on a CPU."""
        self._on_cuda, self._now_s = device.type == 'cuda', now_s
        self._running: deque[tuple[Any, Any, Any]] = deque()

    @contextmanager
    def measure(self, tag: object) -> Iterator[None]:
        """Times what is called in it; what raises is not counted."""
        began = self._mark()
        yield
        self._running.append((tag, began, self._mark()))

    def finished(self) -> list[tuple[Any, float]]:
        """Tag and time [s] of each work that has ended since this was last asked, in order."""
        found = []
        while self._running and (not self._on_cuda or self._running[0][2].query()):
            tag, began, ended = self._running.popleft()
            found.append((tag, 1e-3 * began.elapsed_time(ended) if self._on_cuda else ended - began))
        return found

    def _mark(self) -> Any:
        if not self._on_cuda:
            return self._now_s()
        mark = torch.cuda.Event(enable_timing=True)
        mark.record()
        return mark
