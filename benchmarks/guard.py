"""Time of the guard's filter, and its reserve in front of a bound (commands:=3000)."""

import json
import sys
import time
from collections.abc import Sequence

import numpy as np
from _options import options_in_range, refusals

from ur5_cell.motion import JointMotion
from ur5_rl_env.guard import Guard, GuardConfig
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.task import CONTROL_CYCLE_S

REPEATS = 5  # of which the fastest counts: others use the machine, too
STREAMS = {  # a policy's velocity wanders: step [rad/s] each so many control cycles, up to [rad/s]
    'slow': (0.05, 5, 0.15),
    'wandering': (0.2, 5, 0.7),
    'against the bounds': (0.02, 5, 0.7),
    'changing always': (1.0, 1, 0.7),
}


def stream(commands: int, step: float, hold: int, most: float) -> list[tuple]:
    """Returns what the guard is given, (q, qd, requested), while the arm follows a wandering request."""
    rng, guard, motion = (
        np.random.default_rng(0),
        Guard(GuardConfig()),
        JointMotion(UR5.home, CONTROL_CYCLE_S),
    )
    requested, given = np.append(rng.uniform(-most, most, 5), 0.0), []
    for number in range(commands):
        if number % hold == 0:
            requested = np.clip(requested + np.append(rng.normal(0.0, step, 5), 0.0), -most, most)
        given.append((tuple(motion.q), tuple(motion.qd), tuple(requested)))
        velocity = guard.filter(*given[-1]).velocity
        motion.step()
        motion.speed(velocity, guard.acceleration)
    return given


def filter_us(given: list[tuple]) -> float:
    """Returns the mean over the commands of the fastest filter of each [us]."""
    fastest = np.full(len(given), np.inf)
    for _ in range(REPEATS):
        guard = Guard(GuardConfig())
        for number, arguments in enumerate(given):
            began = time.perf_counter()
            guard.filter(*arguments)
            fastest[number] = min(fastest[number], time.perf_counter() - began)
    return 1e6 * float(fastest.mean())


def main(argv: Sequence[str]) -> int:
    """Prints a row for each kind of stream and, as the last line, the figures as JSON."""
    with refusals():
        chosen = options_in_range(argv, commands=3000)
    config = GuardConfig()
    reserve_ms = 2e3 * config.longest * config.control_period_s
    print(f'reserve: two commands of {config.longest} control steps, {reserve_ms:.0f} ms, then braking')
    figures = {'reserve_ms': reserve_ms}
    for name, (step, hold, most) in STREAMS.items():
        took = filter_us(stream(chosen['commands'], step, hold, most))
        figures[f'{name.replace(" ", "_")}_us'] = round(took, 1)
        print(f'{name:20} {took:6.0f} us')
    print(json.dumps(figures))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
