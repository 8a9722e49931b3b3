"""What a run folder tells: numbers and words, without a picture and without a page.

A file that is missing or damaged costs what it holds and one line in `damages`, nothing else.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from run_reading import configuration, evaluation, identity, outcome, table
from run_reading.columns import TABLES
from run_reading.report import said
from run_reading.report.cycles import Cycles, read_cycles
from run_reading.report.said import Said
from run_reading.timing import UpdateStatistics, UpdateSummary
from ur5_rl_graph import declared, run_files
from ur5_rl_graph.whole_file import read_object

SHOWN = 20
"""Aborted episodes, and warnings, that are listed."""
COUNTED = {
    'overruns': 'actions that came late',
    'changed_steps': 'steps whose action guard, watchdog or speed scaling changed',
    'unreported_steps': 'steps of which the arm driver said nothing',
    'stale_images': 'images discarded: no joint states around them, or their successor overdue',
    'refused_stamps': 'images and joint states whose stamps cannot be',
    'extrapolated_joints': "observations whose joints were carried on to the image's capture",
    'older_images': 'observations of an older image than the newest',
}
"""Columns of episodes.csv that count what was not as planned, in words."""


class Episodes(NamedTuple):
    """The finished episodes of a run; aborted ones are left out."""

    minutes: np.ndarray  # (N,) time of the run at their ends, 0 for the random ones [min]
    returns: np.ndarray  # (N,)
    random: np.ndarray  # (N,) bool


class Learning(NamedTuple):
    """The reports of the learner, one a second."""

    minutes: np.ndarray  # (N,) time of the run [min]
    updates_per_s: np.ndarray  # (N,)
    metrics: dict[str, np.ndarray]  # by name, each (N,); not a number where a report lacks it, or says so
    not_finite: tuple[str, ...]  # names of the metrics of which a report says an infinite one, or none


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a run."""

    folder: Path
    about: dict[str, Any]  # run.json; {} where nothing tells
    summary: dict[str, Any]  # summary.json; {} before the end of the run
    evaluation: list[float]  # returns without noise
    planned_ms: float  # action cycle; not a number where nothing tells it
    episodes: Episodes
    learning: Learning
    update: UpdateSummary | None
    cycles: Cycles
    counted: dict[str, int]  # of COUNTED
    aborts: list[tuple[str, str]]  # episode and cause of the first of them
    aborted: int
    said: list[Said]  # warnings and errors of the nodes
    configuration: dict[str, dict[str, Any]]  # by the name of the node
    damages: list[str]

    @property
    def acted(self) -> bool:
        """Whether there is anything that the robot has done."""
        return self.cycles.summary is not None or len(self.episodes.returns) > 0


def read(folder: Path) -> Facts:
    """Returns the facts of a run, also of one that still goes on.

    Raises:
        ValueError: there is no such folder, or no run in it.
    """
    if not folder.is_dir():
        raise ValueError(f'there is no folder {folder}; give the folder of a run')
    if not identity.holds_run(folder):
        raise ValueError(f'{folder} is no run folder: it holds none of {", ".join(identity.TRACES)}')
    damages: list[str] = []
    about = _values(folder / run_files.IDENTITY, damages)
    nodes, damage = configuration.recall(folder / run_files.CONFIGURATION)
    damages += [damage] if damage else []
    timing = _values(folder / run_files.TIMING, damages)
    _values(folder / run_files.CLOCK, damages)  # of which nothing is shown
    planned_ms = _planned_ms(folder, nodes, timing)
    rows = table.read(folder / run_files.EPISODES, damages.append)
    learner = table.read(folder / run_files.LEARNER, damages.append)
    aborts = _aborts(rows)
    summary = _values(folder / run_files.OUTCOME, damages)
    cycles = read_cycles(folder / run_files.CYCLES, planned_ms, damages.append)
    if cycles.summary and np.isnan(planned_ms):
        names = f'{run_files.CONFIGURATION}, {run_files.PARAMETERS} and {run_files.TIMING}'
        damages.append(f'the planned action cycle of {folder} is not known: none of {names} tells it')
    return Facts(
        folder=folder,
        about=about,
        summary=summary,
        evaluation=_evaluation(folder / run_files.EVALUATION, damages),
        planned_ms=planned_ms,
        episodes=_episodes(rows, summary),
        learning=_learning(learner),
        update=_update(learner),
        cycles=cycles,
        counted={name: int(_numbers(rows, name).sum()) for name in COUNTED if name in rows},
        aborts=aborts[:SHOWN],
        aborted=len(aborts),
        said=said.read(folder / 'log'),
        configuration=nodes,
        damages=[*damages, *_torn(folder)],
    )


def _values(path: Path, damages: list[str]) -> dict[str, Any]:
    try:
        return read_object(path)
    except FileNotFoundError:
        return {}
    except (ValueError, OSError) as error:
        damages.append(str(error))
        return {}


def _evaluation(path: Path, damages: list[str]) -> list[float]:
    try:
        return evaluation.read(path)
    except FileNotFoundError:
        return []
    except (ValueError, OSError) as error:
        damages.append(str(error))
        return []


def _torn(folder: Path) -> list[str]:
    """A line for each table that ends within a row: each row is handed to the kernel in one piece."""
    torn = []
    for path in (folder / name for name in TABLES):
        with contextlib.suppress(OSError), path.open('rb') as file:  # of an empty one there is no last byte
            file.seek(-1, os.SEEK_END)
            if file.read() != b'\n':
                torn.append(f'{path} ends in a torn line, which is left out')
    return torn


def _planned_ms(folder: Path, nodes: dict[str, dict[str, Any]], timing: dict[str, Any]) -> float:
    """What the environment says that it had, else what it was given, else what the recorder was given."""
    given, _ = configuration.recall(folder / run_files.PARAMETERS)
    planned_s = _planned_s(nodes) or _planned_s(given)
    return 1e3 * planned_s or _time(timing.get('planned_ms')) or np.nan


def _planned_s(nodes: dict[str, dict[str, Any]]) -> float:
    """The action cycle of the environment, whatever namespace it is in; else that of every node; else 0.

    A file that gives every node its parameters leaves out what is the default.
    """
    by_name = {node.rpartition('/')[2]: values for node, values in nodes.items()}
    own, every = (_time(by_name.get(name, {}).get('action_cycle_s')) for name in ('environment', '**'))
    if own or every or '**' not in by_name:
        return own or every
    return _time(declared.fields('environment')['action_cycle_s'].default)


def _time(value: Any) -> float:
    """A time as it may be, else 0."""
    return float(value) if type(value) in (int, float) and 0 < value < np.inf else 0.0


def _numbers(rows: dict[str, list[str]], name: str, kept: np.ndarray | slice = slice(None)) -> np.ndarray:
    """A column as numbers; none where the table lacks it."""
    return np.array(rows.get(name, []), float)[kept] if name in rows else np.zeros(0)


def _episodes(rows: dict[str, list[str]], summary: dict[str, Any]) -> Episodes:
    if any(name not in rows for name in ('aborted', 'elapsed_s', 'return')):
        return Episodes(np.zeros(0), np.zeros(0), np.zeros(0, bool))
    kept = _numbers(rows, 'aborted') == 0
    minutes = _numbers(rows, 'elapsed_s', kept) / 60.0
    return Episodes(minutes, _numbers(rows, 'return', kept), ~outcome.learned(rows, summary)[kept])


def _aborts(rows: dict[str, list[str]]) -> list[tuple[str, str]]:
    columns = (rows.get(name, []) for name in ('episode', 'aborted', 'text'))
    return [(episode, text) for episode, aborted, text in zip(*columns, strict=False) if float(aborted)]


def _learning(rows: dict[str, list[str]]) -> Learning:
    found = [table.metrics_of(text) for text in rows.get('metrics', [])]
    names = dict.fromkeys(name for values in found for name in values)
    return Learning(
        _numbers(rows, 'elapsed_s') / 60.0,
        _numbers(rows, 'updates_per_s'),
        {name: np.array([values.get(name, np.nan) for values in found]) for name in names},
        tuple(name for name in names if not np.isfinite([values.get(name, 0.0) for values in found]).all()),
    )


def _update(rows: dict[str, list[str]]) -> UpdateSummary | None:
    statistics = UpdateStatistics()
    for report in zip(_numbers(rows, 'updates_per_s'), _numbers(rows, 'update_ms'), strict=False):
        statistics.add(*map(float, report))
    return statistics.summary()
