"""The figures of the thesis (6.1 to 8.3) as rows of numbers: what is drawn and what the CSV files hold."""

from collections import Counter
from collections.abc import Callable, Sequence
from os.path import commonprefix
from typing import Any, NamedTuple

import numpy as np

from run_reading.comparison.estimates import bin_means, estimate, interval
from run_reading.comparison.record import Record
from ur5_rl_graph.architectures import SHARED_PROCESS

ARCHITECTURES = tuple(SHARED_PROCESS)
NAMES = {'seq_sac': 'Seq-SAC', 'async_sac_1': 'Async-SAC-1', 'async_sac_2': 'Async-SAC-2'}


class Group(NamedTuple):
    """Runs that differ in nothing but their seeds."""

    task: str
    setting: str
    line: str  # architecture, and what else sets these runs apart from others
    records: list[Record]

    @property
    def key(self) -> dict[str, str]:
        """The first columns of every row."""
        return {'task': self.task, 'setting': self.setting, 'line': self.line}


def groups(records: Sequence[Record]) -> list[Group]:
    """Returns the runs by task, setting and line, in the order in which they are drawn.

    Raises:
        ValueError: a run is there twice; it would count as two although it is one.
    """
    varying = [tell for tell in _apart(records) if len({tell(record) for record in records}) > 1]
    alike: dict[tuple[str, str, str], list[Record]] = {}
    for record in sorted(records, key=_order):
        apart = [tell(record) for tell in varying]
        line = ', '.join([NAMES.get(record.architecture, record.architecture), *apart])
        alike.setdefault((record.task, record.setting, line), []).append(record)
    found: dict[tuple[str, str, str], list[Record]] = {}
    for (task, setting, line), members in alike.items():
        differing = _differing(members)
        for record in members:
            key = task, setting, ', '.join([line, *_own(record, differing)])
            found.setdefault(key, []).append(record)
    for members in found.values():
        _refuse_copies(members)
    return [Group(*key, members) for key, members in found.items()]


def _apart(records: Sequence[Record]) -> tuple[Callable[[Record], str], ...]:
    """Returns what may set runs of one architecture apart; named where it does."""
    init = _told(_beginnings(records, 'init'), 'untrained', 'from a checkpoint', 'from checkpoint ')
    replay = _told(_beginnings(records, 'replay'), 'without bags', 'with bags', 'with bags ')
    return (
        lambda record: record.mode.replace('_', ' '),
        lambda record: f'costs {record.costs}' if record.costs else 'this machine',
        lambda record: f'{record.duration_s:.0f} s',
        lambda record: init[record.init],
        lambda record: replay[record.replay],
        lambda record: 'real arm' if record.robot_ip else 'simulated arm',
    )


def _beginnings(records: Sequence[Record], name: str) -> tuple[list[str], bool]:
    """Returns the paths with which runs began, and whether these set them apart.

    They do not where each run has its own: seed after seed from what the same seed had learned before.
    """
    kinds: dict[tuple, list[tuple[str, int]]] = {}
    for record in records:
        if path := getattr(record, name):
            what = record.architecture, record.task, record.setting, record.mode, record.costs
            kinds.setdefault((*what, record.duration_s, bool(record.robot_ip)), []).append(
                (path, record.seed)
            )
    apart = any(
        min(len(set(paths)), len(set(seeds))) < len(paths)
        for paths, seeds in (tuple(zip(*runs, strict=True)) for runs in kinds.values())
    )
    return sorted({path for runs in kinds.values() for path, _ in runs}), apart


def _told(beginnings: tuple[list[str], bool], none: str, one: str, each: str) -> dict[str, str]:
    """Returns words for each of some paths: of several that set runs apart, the part in which they differ."""
    given, apart = beginnings
    if len(given) < 2 or not apart:
        return {'': none} | dict.fromkeys(given, one)
    reversed_ends = _unshared([path.split('/')[::-1] for path in given])
    parts = _unshared([words[::-1] for words in reversed_ends])
    return {'': none} | {path: each + '/'.join(words) for path, words in zip(given, parts, strict=True)}


def _unshared(lists: list[list[str]]) -> list[list[str]]:
    """Returns lists without the beginning that all share; of each its last word stays in any case."""
    shared = min(len(commonprefix(lists)), min(map(len, lists)) - 1)
    return [words[shared:] for words in lists]


def _differing(members: list[Record]) -> set[tuple[str, str]]:
    """Returns node and name of each parameter that not all have alike, as far as they are known.

    It is asked within one architecture and setting: these have parameters of their own. A virtual run has
    the default of what it was not given; what a node did not say is not known.
    """
    said: dict[tuple[str, str], list] = {}
    for record in members:
        for node, values in record.parameters.items():
            for name, value in values.items():
                said.setdefault((node, name), []).append(value)
    known = Counter(node for record in members for node in record.parameters)
    virtual = members[0].mode == 'virtual'
    return {
        (node, name)
        for (node, name), values in said.items()
        if any(value != values[0] for value in values) or (virtual and len(values) < known[node])
    }


def _own(record: Record, differing: set[tuple[str, str]]) -> list[str]:
    """Returns name and value of each of these parameters that a record has, by node where nodes differ."""
    found: dict[str, dict[str, Any]] = {}
    for node, name in sorted(differing):
        if name in record.parameters.get(node, {}):
            found.setdefault(name, {})[node] = record.parameters[node][name]
    return [
        f'{name} {value}' if shared else f'{name} ({node}) {value}'
        for name, values in found.items()
        for shared in [len({str(value) for value in values.values()}) == 1]
        for node, value in (list(values.items())[:1] if shared else values.items())
    ]


def _order(record: Record) -> tuple:
    known = ARCHITECTURES.index(record.architecture) if record.architecture in ARCHITECTURES else 9
    beginning = record.init, record.replay
    return record.task, record.setting, known, record.mode, *beginning, record.duration_s, record.seed


def _refuse_copies(members: list[Record]) -> None:
    """In virtual time a seed is one run; no two in real time have the same episodes at the same times."""
    seen: dict[tuple, Record] = {}
    for record in members:
        if record.mode != 'virtual' and not len(record.returns):
            continue
        told = () if record.mode == 'virtual' else (record.times_s.tobytes(), record.returns.tobytes())
        other = seen.setdefault((record.seed, *told), record)
        if other is not record:
            raise ValueError(
                f'{record.folder} and {other.folder} are one run, seed {record.seed}: name one of them'
            )


def learning_curves(found: Sequence[Group], bins: int) -> list[dict]:
    """Returns a row for each group and stretch of time: mean of the runs' means, standard error over runs."""
    end_s = max(record.duration_s for group in found for record in group.records)
    edges = np.linspace(0.0, end_s, bins + 1)
    rows = []
    for group in found:
        means = np.array([bin_means(record.times_s, record.returns, edges) for record in group.records])
        for number in range(bins):
            mean, error, n = estimate(means[:, number])
            middle = (edges[number] + edges[number + 1]) / 2 / 60
            rows.append(
                group.key | {'time_min': middle, 'return': mean, 'standard_error': error, 'n_runs': n}
            )
    return rows


def overall_returns(found: Sequence[Group]) -> list[dict]:
    """Returns a row for each group: mean over the learning period, standard error over runs."""
    rows = []
    for group in found:
        returns = [record.returns.mean() if len(record.returns) else np.nan for record in group.records]
        mean, error, n = estimate(returns)
        episodes = sum(len(record.returns) for record in group.records)
        rows.append(
            group.key | {'return': mean, 'standard_error': error, 'n_runs': n, 'n_episodes': episodes}
        )
    return rows


def evaluations(found: Sequence[Group]) -> list[dict]:
    """Returns a row for each group that was evaluated: mean of the runs' means, 95 % interval over runs.

    Where there is one run only, the interval is over its episodes: it says nothing of other seeds.
    """
    rows = []
    for group in found:
        runs = [record.evaluation for record in group.records if len(record.evaluation)]
        if not runs:
            continue
        over = 'runs' if len(runs) > 1 else 'episodes'
        mean, low, high, _ = interval([run.mean() for run in runs] if over == 'runs' else runs[0])
        rows.append(
            group.key
            | {'return': mean, 'low': low, 'high': high, 'interval_over': over}
            | {'n_runs': len(runs), 'n_episodes': sum(map(len, runs))}
        )
    return rows


def timing(found: Sequence[Group]) -> list[dict]:
    """Returns a row for each group: mean action cycle and updates per second, standard errors over runs."""
    rows = []
    for group in found:
        cycle = estimate([record.cycle_ms for record in group.records])
        updates = estimate([record.updates_per_s for record in group.records])
        rows.append(
            group.key
            | {'cycle_ms': cycle.mean, 'cycle_standard_error': cycle.error}
            | {'updates_per_s': updates.mean, 'updates_standard_error': updates.error}
            | {'n_runs': len(group.records)}
        )
    return rows
