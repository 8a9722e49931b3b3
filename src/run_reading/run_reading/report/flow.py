"""Some action cycles from the middle of a run with their spans, without the whole of its tables in memory."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from run_reading import timeline
from run_reading.span_table import CycleTable, SpanTable, cycles_of, read_spans, spans_of
from run_reading.table import first_at, read, read_window
from ur5_rl_graph import run_files

CYCLES = 5
"""Action cycles that are shown."""
WINDOW = 1_000_000
"""Bytes that are read from the middle of a large table of spans: some minutes of a run."""


class Flow(NamedTuple):
    """Action cycles in a row, and what was done in them."""

    spans: SpanTable
    cycles: CycleTable
    into_run_s: float  # from the first span to the first of the cycles [s]


def read_flow(folder: Path, tell: Callable[[str], object]) -> Flow:
    """Returns `CYCLES` cycles in a row from the middle of a run.

    Raises:
        ValueError: the run has no spans, or not so many cycles in a row.
        OSError: a table cannot be read.
    """
    path, table = folder / run_files.SPANS, folder / run_files.CYCLES
    size = path.stat().st_size if path.is_file() else 0
    if size <= WINDOW:
        spans, rows = read_spans(folder, tell), read(table, _said)
        began_s = spans.start_s[0]
    else:
        began_s = spans_of(read_window(path, 0, WINDOW // 100), path).start_s[0]
        spans = spans_of(read_window(path, (size - WINDOW) // 2, WINDOW), path)
        begin, end = (first_at(table, 'stamp', time_s) for time_s in spans.start_s[[0, -1]])
        rows = read_window(table, begin, end - begin)
    cycles = cycles_of(rows)
    part = timeline.stretch(spans, cycles, CYCLES)
    shown = CycleTable(*(column[part] for column in cycles))
    return Flow(spans, shown, float(shown.start_s[0] - began_s))


def _said(line: str) -> None:
    """What is damaged in the action cycles has been told by whoever read all of them."""
