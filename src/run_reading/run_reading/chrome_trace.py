"""The spans of a run as a trace that Perfetto and chrome://tracing open (Chrome's trace event format)."""

import json
from pathlib import Path

import numpy as np

from run_reading.span_table import CycleTable, SpanTable
from run_reading.timeline import lanes, processes
from ur5_rl_graph.whole_file import write_text

LIMIT = 500_000
"""Spans in one trace at most, about 40 MB."""

CYCLES = 'action cycle'


def around(spans: SpanTable, middle_s: float, limit: int = LIMIT) -> SpanTable:
    """Returns at most `limit` spans in a row, as far as possible as many before `middle_s` as after it."""
    before = int(np.searchsorted(spans.start_s, middle_s))
    first = max(0, min(before - limit // 2, len(spans.start_s) - limit))
    return spans.where(slice(first, first + limit))


def write(path: Path, spans: SpanTable, cycles: CycleTable, architecture: str, zero_s: float) -> None:
    """Writes the trace.

    Args:
        path: file to write.
        spans: what goes into it.
        cycles: of the run; those outside of the time of `spans` are left out.
        architecture: says which components share a process; '' = not known.
        zero_s: the zero of the trace [s since the epoch].
    """
    kept = (cycles.end_s >= spans.start_s[0]) & (cycles.start_s <= spans.start_s[-1])
    numbers, lines = {}, []
    for process, (name, members) in enumerate(processes(lanes(spans), architecture).items(), start=1):
        lines.append(_named('process_name', process, 0, name))
        for thread, component in enumerate(members, start=1):
            numbers[component] = process, thread
            lines.append(_named('thread_name', process, thread, component))
    lines.append(_named('process_name', 0, 0, CYCLES))
    for values in zip(*(column[kept] for column in cycles), strict=True):
        episode, step, start, end, overrun = (value.item() for value in values)
        name = f'{CYCLES}, overrun' if overrun else CYCLES
        about = {'episode': episode, 'step': step}
        lines.append(_complete(name, (0, 1), start - zero_s, end - start, about))
    for values in zip(*spans, strict=True):
        component, name, start, duration = (value.item() for value in values)
        lines.append(_complete(name, numbers[component], start - zero_s, 1e-3 * duration))
    body = ',\n'.join(lines)
    head = f'{{"displayTimeUnit": "ms", "otherData": {{"zero_s": {zero_s:.6f}}}, "traceEvents": [\n'
    write_text(path, f'{head}{body}\n]}}\n')


def _named(kind: str, process: int, thread: int, name: str) -> str:
    return json.dumps({'name': kind, 'ph': 'M', 'pid': process, 'tid': thread, 'args': {'name': name}})


def _complete(
    name: str, lane: tuple[int, int], start_s: float, duration_s: float, about: dict | None = None
) -> str:
    """A "complete event": begin and duration in microseconds."""
    event = {
        'name': name,
        'ph': 'X',
        'pid': lane[0],
        'tid': lane[1],
        'ts': round(1e6 * start_s, 1),
        'dur': round(1e6 * duration_s, 1),
    }
    return json.dumps(event | ({'args': about} if about else {}), allow_nan=False)
