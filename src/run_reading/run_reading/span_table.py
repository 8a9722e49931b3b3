"""What a run folder tells of who did what when: its spans and its action cycles."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from run_reading.columns import SPAN_COLUMNS
from run_reading.table import read, read_parts, say
from ur5_rl_graph import run_files
from ur5_rl_graph.whole_file import read_values

STRETCH_S = 10.0
"""Of a long run spans.csv holds whole stretches only, each so long [s]."""
LEAD_S = 1.0
"""What began so long before a cycle may still be at work in it."""


class SpanTable(NamedTuple):
    """The spans of a run, sorted by their starts."""

    component: np.ndarray  # (N,) str
    span: np.ndarray  # (N,) str
    start_s: np.ndarray  # (N,) since the epoch [s]
    duration_ms: np.ndarray  # (N,) [ms]

    def where(self, chosen: np.ndarray | slice) -> 'SpanTable':
        """Returns the spans that an (N,) mask, an index or a slice selects."""
        return SpanTable(*(column[chosen] for column in self))


class CycleTable(NamedTuple):
    """The action cycles of a run, each from one observation to the next."""

    episode: np.ndarray  # (M,) int
    step: np.ndarray  # (M,) int, of the observation at the end
    start_s: np.ndarray  # (M,) since the epoch [s]
    end_s: np.ndarray  # (M,)
    overrun: np.ndarray  # (M,) bool


def read_spans(folder: Path, tell: Callable[[str], object] = say) -> SpanTable:
    """Returns the spans of a run, also of one that still goes on; `tell` gets a line on what is damaged.

    Raises:
        ValueError: there is no such folder, it is no run folder, it holds no spans or other columns.
    """
    path = folder / run_files.SPANS
    if not folder.is_dir():
        raise ValueError(f'there is no folder {folder}; give the folder of a run')
    if not path.is_file():
        raise ValueError(
            f'{folder} holds no spans.csv; give the folder of a run (a recent one: it has spans)'
        )
    return spans_of(read(path, tell), path)


def spans_of(rows: dict[str, list[str]], path: Path) -> SpanTable:
    """Returns the spans of some rows of a file.

    Raises:
        ValueError: there are none, or of other columns.
    """
    if not rows:
        raise ValueError(f'{path} holds no spans yet; wait for the first action of the run')
    if tuple(rows) != SPAN_COLUMNS:
        raise ValueError(f'{path} has the columns {",".join(rows)}; expected {",".join(SPAN_COLUMNS)}')
    component, span, start, duration = (rows[name] for name in SPAN_COLUMNS)
    found = SpanTable(np.array(component), np.array(span), np.array(start, float), np.array(duration, float))
    return found.where(np.argsort(found.start_s, kind='stable'))


def read_cycles(folder: Path, tell: Callable[[str], object] = say) -> CycleTable:
    """Returns the action cycles of a run, none where there are none; `tell` as that of `read_spans`."""
    parts = [cycles_of({}), *map(cycles_of, read_parts(folder / run_files.CYCLES, tell))]
    return CycleTable(*map(np.concatenate, zip(*parts, strict=True)))


def cycles_of(rows: dict[str, list[str]]) -> CycleTable:
    """Returns the action cycles of some rows.

    Raises:
        ValueError: they have other columns.
    """
    names = ('episode', 'step', 'stamp', 'cycle_ms', 'overrun')
    if missing := [name for name in names if rows and name not in rows]:
        raise ValueError(f'the action cycles lack the columns {", ".join(missing)}, as of another version')
    episode, step, end, cycle, overrun = (np.array(rows.get(name, []), float) for name in names)
    return CycleTable(episode.astype(int), step.astype(int), end - 1e-3 * cycle, end, overrun > 0)


def covered(spans: SpanTable, cycles: CycleTable) -> np.ndarray:
    """Returns which cycles (M,) have all their spans: a long run holds stretches only."""
    held = np.unique(spans.start_s // STRETCH_S)
    before, start, end = cycles.start_s - LEAD_S, cycles.start_s, cycles.end_s
    led = np.isin(before // STRETCH_S, held) | (before // STRETCH_S < held[0])
    return led & np.isin(start // STRETCH_S, held) & np.isin(end // STRETCH_S, held)


def stretch(start_s: float) -> int:
    """Returns the number of the stretch in which `start_s` lies."""
    return int(start_s // STRETCH_S)


def architecture(folder: Path) -> str:
    """Returns the architecture that run.json names; '' where nothing does, with a line if it is damaged."""
    try:
        return read_values(folder / run_files.IDENTITY, {'architecture': str})['architecture']
    except FileNotFoundError:
        return ''
    except ValueError as error:
        print(f'{error}: it is not known which components shared a process', file=sys.stderr)
        return ''
