"""What a run left behind, as far as a comparison looks at it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.runs import EVALUATION
from run_recorder import table


@dataclass(frozen=True, kw_only=True)
class Record:
    """One complete run.

    Attributes:
        folder: of the run.
        architecture, task, setting, seed, mode, costs, duration_s, init: what it was (run.json).
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


def find(paths: Iterable[Path]) -> tuple[list[Record], list[str]]:
    """Returns the complete runs in some folders, each once, and a line for each that was left out.

    Args:
        paths: folders of runs, or folders that hold such folders.

    Raises:
        ValueError: a path is neither, a run that was named lacks its run.json, nothing is left.
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
    return (folder / 'episodes.csv').is_file()


def _children(path: Path) -> list[Path]:
    if not path.is_dir():
        raise ValueError(f'there is no folder {path}')
    return list(path.iterdir())


def _unfit(folder: Path) -> str | None:
    summary = folder / 'summary.json'
    if not summary.is_file():
        return f'{folder} is not complete: it has no summary.json'
    if not _json(summary).get('complete'):
        return f'{folder} is not complete: it ended before its duration was over'
    return None


def read(folder: Path) -> Record:
    """Reads the folder of a complete run.

    Raises:
        ValueError: run.json is missing or lacks something, or a table is damaged.
    """
    about = _json(folder / 'run.json')
    episodes = table.read(folder / 'episodes.csv')
    try:
        times_s, returns, aborted = (
            np.array(episodes.get(name, []), float) for name in ('elapsed_s', 'return', 'aborted')
        )
        learning = (times_s > 0) & (aborted == 0)
        return Record(
            folder=folder,
            architecture=about['architecture'],
            task=about['task'],
            setting=about['setting'],
            seed=int(about['seed']),
            mode=about['mode'],
            costs=about.get('costs'),
            duration_s=float(about['duration']) or float(_json(folder / 'summary.json')['elapsed_s']),
            init=about.get('init') or '',
            times_s=times_s[learning],
            returns=returns[learning],
            evaluation=np.array(_json(folder / EVALUATION).get('returns', []), float)
            if (folder / EVALUATION).exists()
            else np.array([]),
            cycle_ms=_cycle_ms(folder),
            updates_per_s=updates_per_s(table.read(folder / 'learner.csv')),
        )
    except KeyError as error:
        raise ValueError(f'{folder / "run.json"} lacks {error}: it is no run of this project') from None


def updates_per_s(learner: dict[str, list[str]]) -> float:
    """Returns the mean rate of updates in the table of a learner, from its columns elapsed_s and updates."""
    elapsed_s = np.array(learner.get('elapsed_s', []), float)
    updates = np.array(learner.get('updates', []), float)[elapsed_s > 0]
    elapsed_s = elapsed_s[elapsed_s > 0]
    if len(elapsed_s) < 2:
        return float('nan')
    return float((updates[-1] - updates[0]) / (elapsed_s[-1] - elapsed_s[0]))


def _cycle_ms(folder: Path) -> float:
    path = folder / 'timing.json'
    return float(_json(path)['mean_ms']) if path.exists() else float('nan')


def _json(path: Path) -> dict:
    if not path.is_file():
        raise ValueError(f'{path} is missing: it says what the run was')
    try:
        return json.loads(path.read_text(encoding='utf-8'))
    except ValueError:
        raise ValueError(f'{path} is damaged: it is no JSON') from None
