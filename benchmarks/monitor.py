"""What the live view costs a run, its page closed: processor time, cycles in time (pairs:=5 seconds:=30)."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from _graph import PLANNED_MS, ROOT, STARTING_S, Graph, busy_learner, report
from _options import options_in_range, refusals

from run_reading import table
from ur5_rl_graph import run_files
from ur5_rl_monitor.browser import DISPLAYS

SETTLING_S = 5.0
"""After the view has begun, and after it has ended: neither counts."""
TICKS = os.sysconf('SC_CLK_TCK')


class Window(NamedTuple):
    """A stretch of a run."""

    began: float  # system time [s]
    ended: float
    cpu_s: float  # of the view and its server


def main(argv: Sequence[str]) -> int:
    """Runs the graph with and without a view in turns, and prints what differs."""
    with refusals():
        chosen = options_in_range(
            argv, pairs=5, seconds=30.0, setting='small', port=9090, address='127.0.0.1', random_steps=100
        )
        folder, learner = busy_learner('monitor', chosen, duration=0, view='true')
    run = folder / 'run'
    with learner as graph:
        _await_updates(run, graph)
        windows = {'without': [], 'with': []}
        for _ in range(chosen['pairs']):
            windows['without'].append(_window(chosen['seconds']))
            windows['with'].append(_watched(chosen['seconds'], chosen['port'], folder))
        graph.check()
    _report(windows, table.read(run / run_files.CYCLES))
    return 0


def _await_updates(run: Path, graph: Graph) -> None:
    deadline = time.monotonic() + STARTING_S
    while not any(int(count) > 0 for count in table.read(run / run_files.LEARNER).get('updates', ())):
        graph.check()
        if time.monotonic() > deadline:
            raise SystemExit(f'error: no update within {STARTING_S:.0f} s:\n{graph.tail()}')
        time.sleep(1.0)


def _window(seconds: float, *processes: int) -> Window:
    before = sum(map(_cpu_s, processes))
    began = time.time()
    time.sleep(seconds)
    return Window(began, time.time(), sum(map(_cpu_s, processes)) - before)


def _watched(seconds: float, port: int, folder: Path) -> Window:
    command = [sys.executable, str(ROOT / 'ur5rl'), 'monitor', f'port:={port}']
    environment = {name: value for name, value in os.environ.items() if name not in DISPLAYS}
    told = folder / 'view.log'
    with told.open('wb') as log:
        view = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)
    try:
        deadline = time.monotonic() + STARTING_S
        while 'live view: ' not in (said := told.read_text(encoding='utf-8')):
            if view.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f'error: the view did not begin:\n{said}')
            time.sleep(0.5)
        time.sleep(SETTLING_S)
        return _window(seconds, *_family(view.pid))
    finally:
        view.terminate()
        view.wait()
        time.sleep(SETTLING_S)


def _family(pid: int) -> list[int]:
    """Returns a process and its children: the view and its server."""
    children = Path(f'/proc/{pid}/task/{pid}/children').read_text(encoding='utf-8').split()
    return [pid, *map(int, children)]


def _cpu_s(pid: int) -> float:
    """Returns the processor time of a process since it began [s]."""
    fields = Path(f'/proc/{pid}/stat').read_text(encoding='utf-8').rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _report(windows: dict[str, list[Window]], cycles: dict[str, list[str]]) -> None:
    stamp, cycle_ms = (np.array(cycles[name], float) for name in ('stamp', 'cycle_ms'))
    rows, figures = {}, {}
    for name, some in windows.items():
        inside = [cycle_ms[(stamp > window.began) & (stamp <= window.ended)] for window in some]
        shares = [100 * np.mean(np.abs(each - PLANNED_MS) <= 2.0) for each in inside]
        within = 100 * float(np.mean(np.abs(np.concatenate(inside) - PLANNED_MS) <= 2.0))
        each = ', '.join(f'{share:.1f}' for share in shares)
        rows[f'cycles within 2 ms, {name} [%]'] = f'{within:.2f} of {sum(map(len, inside))} (windows: {each})'
        figures[f'within_2ms_{name}_fraction'] = round(within / 100, 5)
    watched = windows['with']
    cpu = 60 * sum(window.cpu_s for window in watched) / sum(each.ended - each.began for each in watched)
    rows['processor time of the view [s per min]'] = round(cpu, 2)
    report('a run with and without a live view whose page is closed', rows, **figures, cpu_s_per_min=cpu)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
