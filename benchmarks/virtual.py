"""How many times real time a virtual run goes, and what a step costs: setting:=small duration:=20"""

import functools
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from _options import options
from _setting import configuration

from buffer_sampler.sampler import MiniBatchSampler
from cost_profile.stopwatch import now, since
from run_reading.costs import load_costs, table_of
from sac_learner.agent_config import AgentConfig
from sac_learner.learner import SacLearner
from sac_learner.policy import Policy
from ur5_cell.simulated_camera import SimulatedCamera
from ur5_rl_env.guard import Guard
from ur5_rl_env.reward import Reward
from ur5_rl_env.run_parameters import run_parameters, setting_file
from virtual_time.arm import VirtualLink
from virtual_time.lab import Lab, Plan

ENVIRONMENT = {
    'rendering': (SimulatedCamera, 'picture'),
    'reward': (Reward, '__call__'),
    'guard': (Guard, 'filter'),
    'physics': (VirtualLink, 'step'),
}
AGENT = {
    'acting': (Policy, 'act'),
    'sampling': (MiniBatchSampler, 'sample_into'),
    'learner': (SacLearner, 'update'),
}
GOAL_MS = 2.0
"""Of rendering, reward, guard and physics together, for each step."""


class Parts:
    """Times parts of a program where they are called; none of them calls another."""

    def __init__(self, clock: Callable[[], float] = time.process_time) -> None:
        """Takes what tells the time [s]: the processor's, since others use the machine."""
        self._clock = clock
        self.seconds: dict[str, float] = {}
        self.calls: dict[str, int] = {}

    def watch(self, name: str, owner: type, method: str) -> None:
        """Has all calls of a method timed from now on."""
        original = getattr(owner, method)

        @functools.wraps(original)
        def timed(*args, **kwargs):
            began = self._clock()
            try:
                return original(*args, **kwargs)
            finally:
                self.seconds[name] += self._clock() - began
                self.calls[name] += 1

        self.forget(name)
        setattr(owner, method, timed)

    def forget(self, *names: str) -> None:
        """Begins again from zero."""
        for name in names:
            self.seconds[name], self.calls[name] = 0.0, 0


def lines(
    parts: Parts, steps: int, cpu_s: float, wall_s: float, virtual_s: float
) -> tuple[list[str], dict[str, float]]:
    """Returns a table and the figures of a run of so many steps."""
    out = [f'{"cpu ms a step of " + str(steps):24} {"ms":>8} {"calls":>7} {"share":>6}']
    figures = {}
    each = {name: 1e3 * seconds / steps for name, seconds in parts.seconds.items()}
    step_ms = 1e3 * cpu_s / steps
    each['all else'] = step_ms - sum(each.values())
    for name, ms in each.items():
        calls = f'{parts.calls[name] / steps:.2f}' if name in parts.calls else ''
        out.append(f'{name:24} {ms:8.3f} {calls:>7} {100 * ms / step_ms:5.0f}%')
        figures[f'{name.replace(" ", "_")}_ms'] = round(ms, 4)
    environment = sum(each[name] for name in ENVIRONMENT)
    out.append(f'{"a whole step":24} {step_ms:8.3f}')
    out.append(f'{", ".join(ENVIRONMENT)}: {environment:.2f} ms a step (goal {GOAL_MS:.0f})')
    out.append(f'{virtual_s / wall_s:.2f} times real time, {virtual_s / cpu_s:.2f} with a core of its own')
    figures |= {
        'step_ms': round(step_ms, 3),
        'environment_ms': round(environment, 4),
        'times_real_time': round(virtual_s / wall_s, 3),
        'times_real_time_alone': round(virtual_s / cpu_s, 3),
    }
    return out, figures


def plan(given: dict, folder: str) -> Plan:
    """The run, with the costs of its setting's table."""
    setting = setting_file(given['setting'])
    return Plan(
        parameters=run_parameters(given['architecture'], setting, given['task']),
        costs=load_costs(table_of(setting.stem), setting.stem),
        seed=given['seed'],
        folder=Path(folder),
        title='benchmark',
        duration_s=given['duration'],
    )


def main() -> None:
    """Prints a table and one line of JSON, of the time after the random steps."""
    given = options(
        sys.argv[1:], setting='small', task='reaching', architecture='async_sac_2', duration=20.0, seed=0
    )
    configuration(AgentConfig, given['setting'])  # which says what is wrong with its name
    parts = Parts()
    for name, (owner, method) in (ENVIRONMENT | AGENT).items():
        parts.watch(name, owner, method)
    began: list[tuple] = []
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(plan(given, folder))
        try:
            lab.train(given['architecture'])

            def look() -> None:
                if not began and lab.learner.updates:
                    parts.forget(*parts.calls)
                    began.append((now(), lab.now_s, lab.recording.progress(lab.now_s).total_steps))

            lab.run(look)
            times, at, steps = began[0]
            (wall_s, cpu_s), virtual_s = since(times), lab.now_s - at
            steps = lab.recording.progress(lab.now_s).total_steps - steps
        finally:
            lab.close()
    out, figures = lines(parts, steps, cpu_s, wall_s, virtual_s)
    print('\n'.join(out))
    print(json.dumps(figures))


if __name__ == '__main__':
    main()
