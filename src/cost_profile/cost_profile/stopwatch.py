"""Times work by the clock and by the processor.

Where the two differ, somebody else used the machine (or a GPU worked meanwhile).
"""

import time
from collections.abc import Callable

import numpy as np


def times(work: Callable[[], object], repeats: int, warm_up: int = 1) -> np.ndarray:
    """Returns (repeats, 2) times [ms] of some work, by the clock and of the processor."""
    for _ in range(warm_up):
        work()
    measured = []
    for _ in range(repeats):
        began = now()
        work()
        measured.append(since(began))
    return 1e3 * np.array(measured)


def now() -> tuple[float, float]:
    """The time of the clock and of the processor [s]."""
    return time.perf_counter(), time.process_time()


def since(began: tuple[float, float]) -> tuple[float, float]:
    """What has gone by since `began` [s]."""
    return time.perf_counter() - began[0], time.process_time() - began[1]
