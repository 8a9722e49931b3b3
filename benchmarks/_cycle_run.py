"""One run of Async-SAC-2 with a busy learner, and the timing of its action cycles."""

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from _graph import Graph, setting_file
from _options import options

from run_reading import table
from run_reading.columns import NUMBERS
from ur5_rl_graph import run_files

STARTING_S = 180.0  # allowed for start and random steps beside the duration


class CycleRun(NamedTuple):
    """Cycles that began after the learner's first update, one element each, and the learner's rate."""

    cycle_ms: np.ndarray
    lateness_ms: np.ndarray
    overrun: np.ndarray
    response_ms: np.ndarray
    image_to_command_ms: np.ndarray
    drift_ms: float  # largest deviation from k cycles after the start of an episode, where nothing was late
    updates_per_s: float


def cycle_run(argv: list[str]) -> CycleRun:
    """Runs the graph as the options say and returns its timing."""
    chosen = options(argv, duration=60.0, setting='small', seed=0, address='127.0.0.1', random_steps=200)
    folder = Path(tempfile.mkdtemp(prefix='ur5rl_cycle_'))
    setting = folder / 'setting.yaml'
    setting.write_text(
        shortened_start(setting_file(chosen['setting']), chosen['random_steps']), encoding='utf-8'
    )
    print(f'Async-SAC-2 for {chosen["duration"]:.0f} s after its random steps, in {folder}', flush=True)
    run = folder / 'run'
    with Graph(
        'launch/async_sac_2.launch.py',
        folder / 'output.log',
        setting=setting,
        seed=chosen['seed'],
        duration=chosen['duration'],
        output=run,
        cell_address=chosen['address'],
    ) as graph:
        code = graph.wait(chosen['duration'] + chosen['random_steps'] * 0.1 + STARTING_S)
        if code:
            print(f'the graph ended with exit code {code}:\n{graph.tail()}', file=sys.stderr, flush=True)
    return read(run)


def shortened_start(setting: Path, random_steps: int) -> str:
    """Returns a setting with fewer random steps, as YAML."""
    content = yaml.safe_load(setting.read_text(encoding='utf-8'))
    content['/**']['ros__parameters']['random_steps'] = random_steps
    return yaml.safe_dump(content)


def read(run: Path) -> CycleRun:
    """Returns the timing that a run folder holds, from the learner's first update on."""
    learner, cycles = _numbers(run / run_files.LEARNER), _numbers(run / run_files.CYCLES)
    learning = learner['updates'] > 0
    if not learning.any():
        raise SystemExit(f'error: the learner made no update; see {run.parent}')
    later = cycles['stamp'] > learner['stamp'][learning][0]
    if not later.any():
        raise SystemExit(f'error: no action cycle after the first update; run longer (see {run.parent})')
    column = {name: values[later] for name, values in cycles.items()}
    return CycleRun(
        *(column[name] for name in CycleRun._fields[:5]),
        drift_ms=_drift(column),
        updates_per_s=float(learner['updates_per_s'][learning].mean()),
    )


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
