"""The action cycles of a run, however many, in a memory that does not grow with their number."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from run_reading.table import read_parts
from run_reading.timing import CycleStatistics, CycleSummary

STRETCH = 250
"""Cycles in a stretch."""
EDGES_MS = np.concatenate([np.arange(-0.25, 100.0, 0.5), np.geomspace(100.25, 100_000.0, 31)])
"""Edges of the bins in which times are counted [ms], whole ones in the middle; what is longer counts in the
last one."""
COLUMNS = ('cycle_ms', 'response_ms', 'image_to_command_ms', 'overrun', 'weights_age_s')


class Stretches(NamedTuple):
    """Some cycles after others, `STRETCH` of them at a time."""

    last: np.ndarray  # (K,) number of the last cycle, from 1
    longest_ms: np.ndarray  # (K,)
    median_ms: np.ndarray  # (K,)
    response_ms: np.ndarray  # (K,) median
    weights_age_s: np.ndarray  # (K,) largest


class Cycles(NamedTuple):
    """All cycles of a run."""

    summary: CycleSummary | None  # None before the first
    cycle_counts: np.ndarray  # (len(EDGES_MS) - 1,) cycles of each length
    response_counts: np.ndarray  # the same of the time from an observation to its command
    stretches: Stretches


def read_cycles(path: Path, planned_ms: float, tell: Callable[[str], object]) -> Cycles:
    """Returns the cycles of a table; `tell` gets a line for what is damaged in it."""
    statistics = CycleStatistics(planned_ms)
    counts = np.zeros((2, len(EDGES_MS) - 1), int)
    kept: list[tuple[float, ...]] = []
    rest: np.ndarray = np.zeros((len(COLUMNS), 0))
    done = 0
    for rows in read_parts(path, tell, needed=COLUMNS):
        values = np.array([rows[name] for name in COLUMNS], float)
        for cycle, response, image, overrun, _ in values.T.tolist():
            statistics.add(cycle, response, image, overrun > 0)
        counts += [np.histogram(np.clip(row, 0.0, EDGES_MS[-1]), EDGES_MS)[0] for row in values[:2]]
        rest = np.concatenate([rest, values], axis=1)
        whole = rest.shape[1] // STRETCH * STRETCH
        for begin in range(0, whole, STRETCH):
            done += STRETCH
            kept.append(_stretch(rest[:, begin : begin + STRETCH], done))
        rest = rest[:, whole:]
    if rest.shape[1]:
        kept.append(_stretch(rest, done + rest.shape[1]))
    stretches = Stretches(*np.array(kept).T) if kept else Stretches(*np.zeros((5, 0)))
    return Cycles(statistics.summary(), counts[0], counts[1], stretches)


def _stretch(values: np.ndarray, last: int) -> tuple[float, ...]:
    cycle, response, _, _, age = values
    return last, cycle.max(), float(np.median(cycle)), float(np.median(response)), age.max()
