"""What a long run takes of its recorder: memory, progress lines, files (hours:=24 updates_per_s:=100)."""

import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from _options import options_in_range, refusals

from run_reading.columns import CYCLE_COLUMNS, EPISODE_COLUMNS, LEARNER_COLUMNS
from run_recorder.progress_line import line
from run_recorder.recorder_config import RecorderConfig
from run_recorder.recording import Recording
from ur5_rl_graph.spans import Span

CYCLES_PER_S = 25
EPISODE_S = 7
METRICS = {f'metric_{number}': 0.123456 for number in range(12)}
NS = 1_000_000_000


def row(columns: tuple[str, ...], *own: str) -> dict[str, float]:
    """Returns a value for each column but those that the recording makes itself."""
    return dict.fromkeys(set(columns) - {'stamp', 'overrun', 'metrics', 'elapsed_s', *own}, 1.234567)


def feed(recording: Recording, second: int, updates_per_s: int) -> None:
    """Records a second of a run."""
    began = second * NS
    for index in range(CYCLES_PER_S):
        cycle = row(CYCLE_COLUMNS) | {'cycle_ms': 40.0 + 0.01 * (index % 7), 'response_ms': 3.0 + 0.1 * index}
        recording.cycle(stamp=second + index / CYCLES_PER_S, overrun=False, **cycle)
    step = NS // CYCLES_PER_S
    pairs = {'environment': ('observe', 'command'), 'actor': ('act', 'transition')}
    for component, names in pairs.items():
        starts = [(name, began + index * step) for index in range(CYCLES_PER_S) for name in names]
        recording.spans(component, [Span(name, start, 2_000_000) for name, start in starts])
    step = NS // updates_per_s
    for component, names in (('buffer_sampler', ('sample',)), ('learner', ('handover', 'update'))):
        starts = [(name, began + index * step) for index in range(updates_per_s) for name in names]
        recording.spans(component, [Span(name, start, 1_000_000) for name, start in starts])
    report = row(LEARNER_COLUMNS) | {'updates': second * updates_per_s}
    recording.learner(stamp=float(second), metrics=METRICS, **report)
    recording.sampling(1.0)
    recording.steps(second * CYCLES_PER_S, float(second))
    if second % EPISODE_S == 0:
        episode = row(EPISODE_COLUMNS, 'end', 'aborted') | {'episode': second // EPISODE_S, 'text': ''}
        episode |= {'total_steps': second * CYCLES_PER_S}
        recording.episode_ended(end=float(second), aborted=False, **episode)


def memory_mb() -> float:
    """Returns the largest memory of this process so far [MB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(argv: Sequence[str]) -> int:
    """Feeds a recording and prints; the last line is JSON."""
    with refusals():
        given = options_in_range(argv, hours=24.0, updates_per_s=100)
        if 60 * given['hours'] < 1:
            raise ValueError(f'hours is {given["hours"]:g}; it must be 0.017 at least, one minute')
    folder = Path(tempfile.mkdtemp())
    try:
        recording = Recording(RecorderConfig(run_folder=str(folder)))
        seconds, lines_ms, first = int(3600 * given['hours']), [], 0.0
        for second in range(1, seconds + 1):
            feed(recording, second, given['updates_per_s'])
            if second % 60 == 0:
                began = time.perf_counter()
                line(recording.progress(float(second)))
                lines_ms.append(1e3 * (time.perf_counter() - began))
            first = first or (second >= 60) * memory_mb()
        last, began = memory_mb(), time.perf_counter()
        Recording(RecorderConfig(run_folder=str(folder)))
        again_s = time.perf_counter() - began
        sizes = {path.name: path.stat().st_size for path in folder.rglob('*') if path.is_file()}
    finally:
        shutil.rmtree(folder)
    figures = {
        'hours': given['hours'],
        'memory_after_a_minute_mb': round(first, 1),
        'memory_mb': round(last, 1),
        'memory_after_a_restart_mb': round(memory_mb(), 1),
        'restart_s': round(again_s, 1),
        'line_ms': round(sorted(lines_ms)[len(lines_ms) // 2], 2),
        'last_lines_ms': round(sorted(lines_ms[-60:])[len(lines_ms[-60:]) // 2], 2),
        'files_mb': {name: round(1e-6 * size, 1) for name, size in sorted(sizes.items())},
    }
    print(f'memory      {first:.0f} MB after a minute, {last:.0f} MB after {given["hours"]:g} h')
    print(f'a progress line   {figures["line_ms"]} ms, in the last hour {figures["last_lines_ms"]} ms')
    print(f'started again     {again_s:.1f} s, {memory_mb():.0f} MB')
    for name, size in figures['files_mb'].items():
        print(f'{size:10.1f} MB  {name}')
    print(json.dumps(figures))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
