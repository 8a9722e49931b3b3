"""How far a campaign is: shares of its runs, the time left, and the lines that say so."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ur5_rl_graph import run_files
from ur5_rl_graph.whole_file import read_values

SURE = 0.03
"""Share of a run from which on its speed says how long it will take."""
Kind = tuple[str, str]  # architecture and setting: what decides how long a run takes


class Running(NamedTuple):
    """A run that goes on."""

    name: str
    kind: Kind
    share: float  # of its duration, 0 to 1
    wall_s: float  # since it started
    what: str  # 'random steps', 'learning' or 'evaluation'


class State(NamedTuple):
    """A campaign at one moment."""

    done: int
    failed: int
    waiting: Sequence[Kind]
    running: Sequence[Running]
    wall_s: float


def elapsed_s(folder: Path) -> float:
    """Returns how long the run in `folder` has lasted after its random steps, by its newest report [s]."""
    return max(_last_elapsed(folder / name) for name in (run_files.LEARNER, run_files.EPISODES))


def _last_elapsed(path: Path) -> float:
    """The last value of the column elapsed_s; 0 before there is one."""
    try:
        with path.open('rb') as file:
            names = file.readline().decode().strip().split(',')
            file.seek(max(file.tell(), path.stat().st_size - 8000))
            lines = file.read().decode(errors='replace').split('\n')
        return float(lines[-2].split(',')[names.index('elapsed_s')])  # the last one may not be finished
    except (OSError, ValueError, IndexError):
        return 0.0


def left_s(
    known: Iterable[tuple[Kind, float]], running: Sequence[Running], waiting: Sequence[Kind], at_once: int
) -> float | None:
    """Returns an estimate of the time left [s], None while nothing is known.

    Args:
        known: the kinds of runs that have ended, and the wall time that each took [s].
        running: what goes on; where its share is large enough it tells about its kind, too.
        waiting: the kinds of the runs not yet started.
        at_once: how many go on at the same time.
    """
    told = list(known)
    told += [(run.kind, run.wall_s / run.share) for run in running if run.share >= SURE]
    if not told:
        return None
    mean = float(np.mean([wall for _, wall in told]))

    def expected(kind: Kind) -> float:
        return float(np.mean([wall for other, wall in told if other == kind] or [mean]))

    learning = [run for run in running if run.what != 'evaluation']  # which is short
    rest = [max(_whole(run, expected) - run.wall_s, 0.0) for run in learning]
    rest += [expected(kind) for kind in waiting]
    return max(sum(rest) / at_once, max(rest, default=0.0))


def _whole(run: Running, expected: Callable[[Kind], float]) -> float:
    return run.wall_s / run.share if run.share >= SURE else expected(run.kind)


def lines(state: State, left: float | None) -> list[str]:
    """Returns what is shown: a line for the campaign, then one for each running run."""
    total = state.done + state.failed + len(state.waiting) + len(state.running)
    failed = f', {state.failed} failed' if state.failed else ''
    rest = f', about {clock(left)} left' if left is not None else ''
    head = (
        f'{state.done} of {total} runs done, {len(state.running)} running, {len(state.waiting)} left{failed}'
        f' | {clock(state.wall_s)} gone{rest}'
    )
    width = max((len(run.name) for run in state.running), default=0)
    return [head, *(f'  {run.name:{width}} {_share(run)} {clock(run.wall_s):>8}' for run in state.running)]


def _share(run: Running) -> str:
    return f'{100 * run.share:4.0f} %       ' if run.what == 'learning' else f'{run.what:13}'


def clock(seconds: float) -> str:
    """Returns a duration as h:mm:ss."""
    whole = int(seconds)
    return f'{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}'


def random_steps_over(folder: Path) -> bool:
    """Whether the clock of the run in `folder` has started."""
    try:
        read_values(folder / run_files.CLOCK, {'started': float})
    except (OSError, ValueError):
        return False
    return True
