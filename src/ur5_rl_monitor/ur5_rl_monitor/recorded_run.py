"""Shows a run that is over, from its bag or, where it has none, from its tables."""

import functools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from run_reading import table
from ur5_rl_bags.reader import Bag
from ur5_rl_env.guard import GuardConfig
from ur5_rl_graph import run_files, topics
from ur5_rl_monitor.diagnostics_config import DiagnosticsConfig
from ur5_rl_monitor.network_view import NetworkView
from ur5_rl_monitor.retelling import Retelling
from ur5_rl_monitor.sights import Line, Point, Sight, Sign, Sink
from ur5_rl_monitor.status import Level
from ur5_rl_monitor.watching import WATCHED, Watching

LOOK_NS = 1_000_000_000
TABLES_ONLY = 'from tables alone, without camera, arm and reward: the run has no bag (record:=true)'


def show_bag(
    bag: Bag,
    namespace: str,
    guard: GuardConfig,
    limits: DiagnosticsConfig,
    network: NetworkView | None,
    sink: Sink,
) -> list[str]:
    """Shows the run of a bag; returns in words what was shown and what was not.

    Args:
        bag: to show.
        namespace: of the run in it, with slashes at both ends.
        guard: whose box is drawn.
        limits: of what is still in order, and the plan of the run.
        network: with weights, to draw what it sees; None = it is not drawn.
        sink: shows.
    """
    recorded = {
        name.removeprefix(namespace) if name != topics.DIAGNOSTICS.name else name: name
        for name, info in bag.topics.items()
        if info.count
    }
    watching = Watching(sink, namespace)
    retelling = Retelling(watching, sink, recorded, guard, limits, network)
    shown = {full: name for name, full in recorded.items() if name in retelling.topics or name in WATCHED}
    looked = 0
    for message in bag.messages(shown):
        name, time_ns = shown[message.topic], message.publish_time_ns
        read = functools.cache(functools.partial(bag.deserialised, message))
        try:
            if name not in WATCHED or watching.take(name, time_ns, read):
                retelling.take(name, time_ns, read)
        except ValueError as error:
            watching.refuse(name, time_ns, error)
        if time_ns // LOOK_NS != looked:
            looked = time_ns // LOOK_NS
            watching.look(time_ns)
    return watching.report(lost=Counter())


def show_tables(folder: Path, sink: Sink) -> list[str]:
    """Shows the tables of a run folder; returns in words what was shown.

    Raises:
        ValueError: it has none.
    """
    shown = 0
    for time_s, sight in _points(folder):
        time_ns = round(1e9 * time_s)
        if not shown:
            sink.show(time_ns, Sign(Level.STALE, TABLES_ONLY))
        sink.show(time_ns, sight)
        shown += 1
    if not shown:
        raise ValueError(f'{folder} holds no bag, and no row in its tables: there is nothing to show')
    return [f'{shown} points of its tables shown', TABLES_ONLY]


def _points(folder: Path) -> Iterator[tuple[float, Sight]]:
    ends = ('end', 'return', 'aborted', 'text')
    for part in table.read_parts(folder / run_files.EPISODES, needed=ends):
        for end, total, aborted, text in zip(*(part[name] for name in ends), strict=True):
            if aborted == '0':
                yield float(end), Point('return/return', float(total))
            else:
                yield float(end), Line('environment', Level.WARN, f'episode aborted: {text}')
    for name, curves in _CURVES.items():
        for part in table.read_parts(folder / name, needed=('stamp', *curves)):
            for column, curve in curves.items():
                for stamp, value in zip(part['stamp'], part[column], strict=True):
                    yield float(stamp), Point(curve, float(value))
    for part in table.read_parts(folder / run_files.LEARNER, needed=('stamp', 'metrics')):
        for stamp, metrics in zip(part['stamp'], part['metrics'], strict=True):
            for metric, number in table.metrics_of(metrics).items():
                if metric in ('entropy', 'temperature'):
                    yield float(stamp), Point(f'policy/{metric}', number)


_CURVES = {
    run_files.CYCLES: {
        'cycle_ms': 'cycle/cycle',
        'response_ms': 'cycle/response',
        'weights_age_s': 'weights/age',
    },
    run_files.LEARNER: {'updates_per_s': 'updates/rate', 'updates': 'updates/count'},
}
