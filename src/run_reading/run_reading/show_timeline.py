"""Draws a run's timeline and writes its trace: python -m run_reading.show_timeline RUN [key:=value ...]."""

import math
import sys
from collections.abc import Sequence
from pathlib import Path

from run_reading import chrome_trace, timeline
from run_reading.span_table import CycleTable, architecture, covered, read_cycles, read_spans
from ur5_rl_graph.command import command, words_and_options
from ur5_rl_graph.pictures import attempt


def show(folder: Path, start_s: float | None, count: int) -> bool:
    """Writes timeline.png and trace.json into a run folder and says so; returns whether both are there.

    Raises:
        ValueError, OSError: no run folder, no spans, no such stretch, a folder that cannot be written.
    """
    spans, cycles, kind = read_spans(folder), read_cycles(folder), architecture(folder)
    zero = float(spans.start_s[0])
    chosen = CycleTable(*(column[timeline.stretch(spans, cycles, count, start_s)] for column in cycles))
    begin, end = chosen.start_s[0] - zero, chosen.end_s[-1] - zero
    mean_ms = 1e3 * (end - begin) / count
    title = f'{kind.replace("_", " ") or folder.name}, {begin:.2f} s into the run, cycle {mean_ms:.1f} ms'
    path = folder / 'timeline.png'
    failure = attempt(timeline.draw, path, spans, chosen, kind, title)
    print(failure or f'{path}: {count} action cycles from {begin:.3f} to {end:.3f} s', flush=True)
    share = float(covered(spans, cycles).mean())
    if share < 1.0:
        print(f'note: spans.csv holds all spans of {100 * share:.0f} % of the action cycles, of these here')
    kept = chrome_trace.around(spans, zero + (begin + end) / 2)
    if len(kept.start_s) < len(spans.start_s):
        print(
            f'note: the trace holds {len(kept.start_s)} of {len(spans.start_s)} spans, from '
            f'{kept.start_s[0] - zero:.1f} to {kept.start_s[-1] - zero:.1f} s; start:=S moves it'
        )
    chrome_trace.write(folder / 'trace.json', kept, cycles, kind, zero)
    print(f'{folder / "trace.json"}: open it in https://ui.perfetto.dev or chrome://tracing')
    return not failure


@command
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns the exit code."""
    folders, given = words_and_options(argv, start=math.nan, cycles=5)
    if len(folders) != 1:
        raise ValueError('timeline needs one run folder: ./ur5rl timeline RUN [start:=S] [cycles:=5]')
    start = None if math.isnan(given['start']) else given['start']
    return 0 if show(Path(folders[0]), start, given['cycles']) else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
