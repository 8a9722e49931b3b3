"""Timing of real-time runs beside virtual ones with the costs of their spans: runs:=FOLDER,FOLDER,..."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from _graph import report
from _options import options_in_range, refusals

from cost_profile.profile_text import cost_table
from run_reading import identity
from run_reading.costs import Costs
from run_reading.costs_of_run import costs_of_run
from run_reading.table import read
from ur5_rl_graph import run_files
from virtual_time.__main__ import main as virtual_time


class Timing(NamedTuple):
    """What is compared, all after the first update."""

    cycle_ms: float  # mean action cycle
    updates_per_s: float  # resets included
    weights_age_s: float  # mean, of the policy that acts


def timing(folder: Path) -> Timing:
    """Returns the timing of a run."""
    learner, cycles = read(folder / run_files.LEARNER), read(folder / run_files.CYCLES)
    stamp, updates = (np.array(learner.get(name, ()), float) for name in ('stamp', 'updates'))
    learning = np.flatnonzero(updates > 0)
    if not len(learning) or not cycles:
        raise SystemExit(f'error: the tables of {folder} hold no update, or no action cycle')
    first, last = learning[0], learning[-1]
    ends = np.array(cycles['stamp'], float)
    later = ends > stamp[first]
    return Timing(
        cycle_ms=float(np.array(cycles['cycle_ms'], float)[later].mean()),
        updates_per_s=float((updates[last] - updates[first]) / (stamp[last] - stamp[first])),
        weights_age_s=float(np.array(cycles['weights_age_s'], float)[later].mean()),
    )


def repeat(run: Path, about: dict, costs: Costs, folder: Path, duration: float) -> Timing:
    """Returns the timing of the repetition in virtual time of a run, whose run.json and costs these are."""
    setting = about['setting']
    table = folder / 'costs.yaml'
    table.write_text(cost_table({setting: costs}, f'spans of {run}'), encoding='utf-8')
    words = [f'task:={about["task"]}', f'setting:={setting}', f'seed:={about["seed"]}', f'costs:={table}']
    output = folder / 'run'
    if virtual_time([about['architecture'], *words, f'duration:={duration}', f'output:={output}']):
        raise SystemExit(f'error: {run} cannot be repeated')
    return timing(output)


def main(argv: Sequence[str]) -> int:
    """Prints both and their ratio."""
    with refusals():
        chosen = options_in_range(argv, runs='', duration=60.0)
        if not chosen['runs']:
            raise ValueError('runs is empty; give folders of real-time runs, separated by commas')
        runs = [Path(run) for run in chosen['runs'].split(',')]
        given = [(identity.read(run), costs_of_run(run)[1]) for run in runs]
    reals, rows, figures = [timing(run) for run in runs], {}, {}
    for run, (about, costs), real in zip(runs, given, reals, strict=True):
        with tempfile.TemporaryDirectory(prefix='ur5rl_agreement_') as folder:
            virtual = repeat(run, about, costs, Path(folder), chosen['duration'])
        for name, a, b in zip(Timing._fields, real, virtual, strict=True):
            rows[f'{run.name} {name}'] = f'{a:.3f} real, {b:.3f} virtual'
            figures[f'{run.name}_{name}'] = round(b / a, 3)
    report('real and virtual', rows, **figures)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
