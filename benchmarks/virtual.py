"""How many times real time a virtual run goes, and what a step costs: setting:=small duration:=20"""

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from _options import options_in_range, refusals

from run_reading.costs import load_costs, table_of
from sac_learner.learner_check import check_learner
from ur5_rl_env.run_parameters import run_parameters, setting_file
from ur5_rl_graph.architectures import SHARED_PROCESS
from virtual_time.__main__ import NODES
from virtual_time.lab import Lab, Plan

ENVIRONMENT = 'rendering', 'reward', 'guard', 'physics'
GOAL_MS = 2.0
"""Of rendering, reward, guard and physics together, for each step."""


class State(NamedTuple):
    """Where a run is."""

    steps: int
    virtual_s: float
    wall_s: float
    parts_s: dict[str, float]  # processor time, since others use the machine; the last is the rest
    calls: dict[str, int]


def state(lab: Lab) -> State:
    """That of a run now."""
    steps = lab.recording.progress(lab.now_s).total_steps
    return State(steps, lab.now_s, time.perf_counter(), lab.ledger.seconds(), dict(lab.ledger.calls))


def lines(began: State, ended: State) -> tuple[list[str], dict[str, float]]:
    """Returns a table and the figures of the steps between two states."""
    steps = ended.steps - began.steps
    parts = {name: 1e3 * (s - began.parts_s[name]) / steps for name, s in ended.parts_s.items()}
    step_ms = sum(parts.values())
    out = [f'{"cpu ms a step of " + str(steps):24} {"ms":>8} {"calls":>7} {"share":>6}']
    figures = {}
    for name, ms in parts.items():
        calls = f'{(ended.calls[name] - began.calls[name]) / steps:.2f}' if name in ended.calls else ''
        out.append(f'{name:24} {ms:8.3f} {calls:>7} {100 * ms / step_ms:5.0f}%')
        figures[f'{name}_ms'] = round(ms, 4)
    environment = sum(parts[name] for name in ENVIRONMENT)
    virtual_s, wall_s = ended.virtual_s - began.virtual_s, ended.wall_s - began.wall_s
    alone = virtual_s / (1e-3 * step_ms * steps)
    out.append(f'{"a whole step":24} {step_ms:8.3f}')
    out.append(f'{", ".join(ENVIRONMENT)}: {environment:.2f} ms a step (goal {GOAL_MS:.0f})')
    out.append(f'{virtual_s / wall_s:.2f} times real time, {alone:.2f} with a core of its own')
    figures |= {
        'step_ms': round(step_ms, 3),
        'environment_ms': round(environment, 4),
        'times_real_time': round(virtual_s / wall_s, 3),
        'times_real_time_alone': round(alone, 3),
    }
    return out, figures


def plan(given: dict, folder: str) -> Plan:
    """The run, with the costs of its setting's table."""
    setting = setting_file(given['setting'])
    if given['architecture'] not in SHARED_PROCESS:
        raise ValueError(
            f'architecture is {given["architecture"]!r}; choose one of: {", ".join(SHARED_PROCESS)}'
        )
    parameters = run_parameters(given['architecture'], setting, given['task'], NODES)
    check_learner(parameters, init='', anyway=False)
    return Plan(
        parameters=parameters,
        costs=load_costs(table_of(setting.stem), setting.stem),
        seed=given['seed'],
        folder=Path(folder),
        title='benchmark',
        duration_s=given['duration'],
    )


def main(argv: Sequence[str]) -> int:
    """Prints a table and one line of JSON, of the time after the random steps."""
    began: list[State] = []
    with tempfile.TemporaryDirectory() as folder:
        with refusals():
            given = options_in_range(
                argv, setting='small', task='reaching', architecture='async_sac_2', duration=20.0, seed=0
            )
            planned = plan(given, folder)
        lab = Lab(planned, time.process_time)
        try:
            lab.train(given['architecture'])

            def look() -> None:
                if not began and lab.learner.updates:
                    began.append(state(lab))

            lab.run(look)
            ended = state(lab)
            if not began or ended.steps == began[0].steps:
                raise SystemExit(
                    f'error: duration is {given["duration"]:g} s; no step after an update: give more'
                )
            out, figures = lines(began[0], ended)
        finally:
            lab.close()
    print('\n'.join(out))
    print(json.dumps(figures))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
