"""What a run left behind, as far as a comparison looks at it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from run_reading import configuration, evaluation, identity, outcome, table
from ur5_rl_graph import run_files
from ur5_rl_graph.whole_file import read_values


@dataclass(frozen=True, kw_only=True)
class Record:
    """One complete run.

    Attributes:
        folder: of the run.
        architecture, task, setting, seed, mode, costs, duration_s, init, replay, robot_ip: what it was
            (run.json).
        parameters: of the nodes that decide what it comes to, and what its components cost in virtual time
            ('costs'), as far as they are known.
        times_s: (N,) end of each episode that was not aborted, after the random steps [s].
        returns: (N,) their undiscounted returns.
        evaluation: (M,) returns without noise; empty where the run was not evaluated.
        cycle_ms: mean action cycle [ms]; nan without one.
        updates_per_s: updates per second after the random steps, resets included; nan without a learner.
    """

    folder: Path
    architecture: str
    task: str
    setting: str
    seed: int
    mode: str
    costs: str | None
    duration_s: float
    init: str
    times_s: np.ndarray
    returns: np.ndarray
    evaluation: np.ndarray
    cycle_ms: float
    updates_per_s: float
    replay: str = ''
    robot_ip: str = ''
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)


def find(paths: Iterable[Path]) -> tuple[list[Record], list[str]]:
    """Returns the complete runs in some folders, each once, and a line for each that was left out.

    Args:
        paths: folders of runs, or folders that hold such folders.

    Raises:
        ValueError: a path is neither, of a run that was named run.json or summary.json is missing or damaged,
            nothing is left.
        OSError: a file cannot be read.
    """
    records, left_out = {}, []
    for path in paths:
        named = is_run(path)
        folders = [path] if named else sorted(child for child in _children(path) if is_run(child))
        if not folders:
            raise ValueError(f'{path} holds no run: neither it nor a folder in it has an episodes.csv')
        for folder in folders:
            try:
                reason = _unfit(folder)
                if reason is None:
                    records[folder.resolve()] = read(folder)
            except ValueError as error:
                if named:
                    raise
                reason = str(error)
            if reason:
                left_out.append(reason)
    if not records:
        raise ValueError(f'nothing to compare: {"; ".join(left_out)}')
    return list(records.values()), left_out


def is_run(folder: Path) -> bool:
    """Whether a folder is that of a run."""
    return (folder / run_files.EPISODES).is_file()


def _children(path: Path) -> list[Path]:
    if not path.is_dir():
        raise ValueError(f'there is no folder {path}')
    return list(path.iterdir())


def _unfit(folder: Path) -> str | None:
    try:
        doubt = outcome.doubt(outcome.read(folder), identity.read(folder))
    except FileNotFoundError:
        doubt = f'it has no {run_files.OUTCOME}'
    return f'{folder} is not complete: {doubt}' if doubt else None


def read(folder: Path) -> Record:
    """Reads the folder of a complete run. What is damaged in its tables is left out, with a line.

    Raises:
        ValueError: run.json is missing or damaged, or episodes.csv lacks a column.
    """
    about = identity.read(folder)
    episodes = table.read(folder / run_files.EPISODES)
    names = ('elapsed_s', 'return', 'aborted')
    if missing := [name for name in names if episodes and name not in episodes]:
        path = folder / run_files.EPISODES
        raise ValueError(f'{path} lacks the columns {", ".join(missing)}, as of another version')
    times_s, returns, aborted = (np.array(episodes.get(name, []), float) for name in names)
    summary = outcome.read(folder)
    learning = outcome.learned(episodes, summary) & (aborted == 0)
    _tell_lost(folder, summary, int(learning.sum()))
    return Record(
        folder=folder,
        architecture=about['architecture'],
        task=about['task'],
        setting=about['setting'],
        seed=about['seed'],
        mode=about['mode'],
        costs=about['costs'],
        duration_s=float(about['duration'] or summary['elapsed_s']),
        init=about['init'] or '',
        replay=about['replay'],
        robot_ip=about['robot_ip'],
        parameters=_parameters(folder, about['costs_ms']),
        times_s=times_s[learning],
        returns=returns[learning],
        evaluation=_evaluation(folder),
        cycle_ms=_cycle_ms(folder),
        updates_per_s=updates_per_s(table.read(folder / run_files.LEARNER, needed=('elapsed_s', 'updates'))),
    )


def _parameters(folder: Path, costs_ms: dict[str, Any]) -> dict[str, dict[str, Any]]:
    nodes, damage = configuration.recall(folder / run_files.CONFIGURATION)
    if damage:
        table.say(f'{damage}: what it was given is not known')
    return configuration.deciding(nodes) | ({'costs': costs_ms} if costs_ms else {})


def _tell_lost(folder: Path, summary: dict, episodes: int) -> None:
    """Says what a run had by its summary, and its tables lack: a mean without it is another mean."""
    had = summary.get('episodes')
    if type(had) is int and episodes < had:
        table.say(
            f'{folder / run_files.EPISODES} holds {episodes} of the {had} episodes that '
            f'{run_files.OUTCOME} counts: its return is of those'
        )
    if summary.get('updates') and not (folder / run_files.LEARNER).is_file():
        table.say(f'{folder / run_files.LEARNER} is missing: its rate of updates is not known')


def updates_per_s(learner: dict[str, list[str]]) -> float:
    """Returns the mean rate of updates in the table of a learner, from its columns elapsed_s and updates.

    A learner that died counts on from its last checkpoint: what it did again has been done, too.
    """
    elapsed_s = np.array(learner.get('elapsed_s', []), float)
    updates = np.array(learner.get('updates', []), float)[elapsed_s > 0]
    elapsed_s = elapsed_s[elapsed_s > 0]
    if len(elapsed_s) < 2:
        return float('nan')
    return float(np.diff(updates).clip(0.0).sum() / (elapsed_s[-1] - elapsed_s[0]))


def _cycle_ms(folder: Path) -> float:
    try:
        return float(read_values(folder / run_files.TIMING, {'mean_ms': float})['mean_ms'])
    except FileNotFoundError:
        table.say(f'{folder / run_files.TIMING} is missing: its action cycle is not known')
    except ValueError as error:
        table.say(f'{error}: its action cycle is not known')
    return float('nan')


def _evaluation(folder: Path) -> np.ndarray:
    try:
        return np.array(evaluation.read(folder / run_files.EVALUATION))
    except FileNotFoundError:
        pass
    except ValueError as error:
        table.say(f'{error}: the run counts as not evaluated')
    return np.array([])
