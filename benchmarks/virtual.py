"""How many times real time a virtual run goes, what a step and an update cost: setting:=small duration:=20

The learner may be on a GPU (device:=cuda), also in its eager form (graph:=off). It renders: that is a part.
"""

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from _gradient import device_peaks, update_floor_ms
from _options import options_in_range, refusals

from run_reading.costs import load_costs, table_of
from sac_learner.device_clock import DeviceClock
from sac_learner.learner import SacLearner
from sac_learner.learner_check import check_learner
from sac_learner.learner_config import LearnerConfig, is_static
from ur5_rl_env.run_parameters import run_parameters, setting_file
from ur5_rl_graph import settings
from ur5_rl_graph.architectures import SHARED_PROCESS
from ur5_rl_graph.data import MiniBatch
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


class Updates:
    """Times the updates of a learner by what works on them, and waits for nothing while they go on.

    That is the processor's time on a CPU. On a GPU it is the time from the call, or from the end of the
    update before, to the update's own end there, with the copy of its mini-batch, whose slot is not pinned.
    """

    def __init__(self, learner: SacLearner, device: str) -> None:
        """From now on."""
        self._learner = learner
        self._clock = DeviceClock(torch.device(device), time.process_time)
        update = learner.update

        def timed(batch: MiniBatch) -> None:
            with self._clock.measure(None):
                update(batch)

        learner.update = timed

    def times_ms(self) -> list[float]:
        """Of those since this was last asked; waits until they have ended."""
        self._learner.statistics()
        return [1e3 * seconds for _, _, seconds in self._clock.finished()]


def form(parameters: dict) -> tuple[str, str]:
    """Where and how the learner of a run updates: its device, and 'eager', 'captured' or 'static inputs'."""
    learning = settings.configuration(parameters, 'learner', LearnerConfig)
    if not is_static(learning.graph, learning.device):
        return learning.device, 'eager'
    return learning.device, 'captured' if learning.device == 'cuda' else 'static inputs'


def learner_lines(
    device: str, way: str, precision: str, times_ms: list[float], floor_ms: float
) -> tuple[list[str], dict]:
    """Returns what the learner ran as and its updates against their floor, and the figures."""
    mean = float(np.mean(times_ms))
    what = 'processor time' if device == 'cpu' else 'from the call to its end on the GPU, with the copy to it'
    out = [
        f'learner: {device}, {way}, {precision}',
        f'an update: {mean:.2f} ms ({what}; mean of {len(times_ms)}), floor {floor_ms:.3f} ms, '
        f'ratio {mean / floor_ms:.1f}',
    ]
    if device == 'cuda':
        out.append("updates go on beside the run: the table has the processor's part of them")
    figures = {'device': device, 'way': way, 'precision': precision}
    return out, figures | {'one_update_ms': round(mean, 3), 'one_update_floor_ms': round(floor_ms, 3)}


def plan(given: dict, folder: str) -> Plan:
    """The run, with the costs of its setting's table and the learner where and as it is wanted."""
    setting = setting_file(given['setting'])
    if given['architecture'] not in SHARED_PROCESS:
        raise ValueError(
            f'architecture is {given["architecture"]!r}; choose one of: {", ".join(SHARED_PROCESS)}'
        )
    parameters = run_parameters(given['architecture'], setting, given['task'], NODES)
    learner = {'device': LearnerConfig(device=given['device']).chosen_device}
    learner |= {name: given[name] for name in ('graph', 'precision') if given[name]}
    settings.give(parameters, {'/learner': learner})
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
                argv,
                setting='small',
                task='reaching',
                architecture='async_sac_2',
                duration=20.0,
                seed=0,
                device='cpu',
                graph='',
                precision='',
            )
            planned = plan(given, folder)
        lab = Lab(planned, time.process_time)
        try:
            lab.train(given['architecture'])
            device, way = form(planned.parameters)
            precision = lab.learner.precision
            peaks = device_peaks(device, [precision])
            updates = Updates(lab.learner, device)

            def look() -> None:
                if not began and lab.learner.updates:
                    updates.times_ms()
                    began.append(state(lab))

            lab.run(look)
            ended = state(lab)
            times_ms = updates.times_ms()
            if not began or ended.steps == began[0].steps or not times_ms:
                raise SystemExit(
                    f'error: duration is {given["duration"]:g} s; no step after an update: give more'
                )
            out, figures = lines(began[0], ended)
            floor_ms = update_floor_ms(lab.learner.config, precision, peaks)
            told, more = learner_lines(device, way, precision, times_ms, floor_ms)
        finally:
            lab.close()
    print('\n'.join(out + told))
    print(json.dumps(figures | more))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
