"""Action cycle and latency of Async-SAC-2, learner busy (duration:=60 setting:=small)."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from _graph import PLANNED_MS, STARTING_S, busy_learner, report
from _options import options_in_range, refusals

from run_reading import table
from run_reading.columns import NUMBERS
from ur5_rl_graph import run_files
from ur5_rl_graph.whole_file import read_values

TIMES = {
    '': 'cycle_ms',
    'lateness_': 'lateness_ms',
    'observation_to_command_': 'response_ms',
    'image_to_command_': 'image_to_command_ms',
}
"""Columns by the beginning of their figures' names."""


def main(argv: Sequence[str]) -> int:
    """Runs the graph and prints its action cycle, and how long it takes to answer."""
    with refusals():
        chosen = options_in_range(
            argv, duration=60.0, setting='small', seed=0, address='127.0.0.1', random_steps=200
        )
        folder, learner = busy_learner('cycle', chosen, seed=chosen['seed'], duration=chosen['duration'])
    print(f'Async-SAC-2 for {chosen["duration"]:.0f} s after its random steps, in {folder}', flush=True)
    with learner as graph:
        code = graph.wait(chosen['duration'] + chosen['random_steps'] * 0.1 + STARTING_S)
        if code:
            print(f'the graph ended with exit code {code}:\n{graph.tail()}', file=sys.stderr, flush=True)
    figures = figures_of(folder / 'run')
    report('action cycle, planned 40 ms, while the learner works', figures, **figures)
    return 0


def figures_of(run: Path) -> dict[str, float]:
    """Returns the figures of the action cycles that began after the learner's first update, and its rate."""
    learner, cycles = _numbers(run / run_files.LEARNER), _numbers(run / run_files.CYCLES)
    learning = learner['updates'] > 0
    if not learning.any():
        raise SystemExit(f'error: the learner made no update; see {run.parent}')
    later = cycles['stamp'] > learner['stamp'][learning][0]
    if not later.any():
        raise SystemExit(f'error: no action cycle after the first update; run longer (see {run.parent})')
    column = {name: values[later] for name, values in cycles.items()}
    cycle_ms = column['cycle_ms']
    return {
        'mean_ms': round(float(cycle_ms.mean()), 4),
        **{
            f'{key}p{share}_ms': round(float(np.percentile(column[name], share)), 4)
            for key, name in TIMES.items()
            for share in (50, 99)
        },
        'max_ms': round(float(cycle_ms.max()), 3),
        'within_2ms_fraction': round(float(np.mean(np.abs(cycle_ms - PLANNED_MS) <= 2.0)), 5),
        'overruns': int(column['overrun'].sum()),
        'cycles': len(cycle_ms),
        'drift_ms': round(_drift(column), 3),
        'updates_per_s': round(float(learner['updates_per_s'][learning].mean()), 2),
        'update_period_by_larger_part': round(_update_period_by_larger_part(run), 3),
    }


def _update_period_by_larger_part(run: Path) -> float:
    """Returns the period of updates over the larger of gradient and sampling time; the goal is 1.1."""
    names = ('update_period_ms', 'gradient_ms', 'sampling_ms')
    found = read_values(run / run_files.TIMING, dict.fromkeys(names, float))
    return found['update_period_ms'] / max(found['gradient_ms'], found['sampling_ms'])


def _drift(column: dict[str, np.ndarray]) -> float:
    planned = float(np.median(column['cycle_ms']))
    worst = 0.0
    for episode in np.unique(column['episode']):
        mine = column['episode'] == episode
        if column['overrun'][mine].any() or np.abs(column['lateness_ms'][mine]).max() > planned / 4:
            continue  # its schedule was moved, which the overruns and the lateness tell
        elapsed = np.cumsum(column['cycle_ms'][mine])
        worst = max(worst, float(np.abs(elapsed - planned * np.arange(1, mine.sum() + 1)).max()))
    return worst


def _numbers(path: Path) -> dict[str, np.ndarray]:
    """Returns the columns of numbers of a table; SystemExit where there is no row."""
    columns = table.read(path)
    if not columns:
        raise SystemExit(f'error: the run left no rows in {path}')
    return {name: np.array(values, float) for name, values in columns.items() if name in NUMBERS}


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
