"""An adversary that knows the guard, against real servo and controller: no bound is passed."""

import numpy as np
import pytest
from guard_adversary import BOX, JOINTS, MOVED, Cell, outward

from ur5_rl_env.bounds import Bounds
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.robot_models import MODELS

SPEEDS = (0.25, 0.4, 0.7)  # [rad/s]: the guard lets a slower arm come nearer


def start(rng, config, bounds, straight):
    """A place inside, not far from any of `bounds`, or None; the flange is fastest with a straight elbow."""
    near = Bounds(config)
    for _ in range(300):
        q = rng.uniform(near.low[:6], near.high[:6])
        if straight:
            q[2] = rng.uniform(0.03, 0.5)
        for i in bounds:
            if i in JOINTS:
                way = rng.uniform(0.1, 0.2)
                q[i % 9] = near.low[i] + way if i < 9 else near.high[i - 9] - way
        place = near.place(q)
        room = np.concatenate([place - near.low, near.high - place])
        if room[list(MOVED)].min() > 0.02 and room[bounds].max() < 0.2:
            return q
    return None


def latest(config):
    """Steps after its reading that a packet may come before the watchdog ends the program."""
    return config.longest - 1


def per_8_ms(cell):
    return round(0.008 / cell.config.control_period_s)


def approaches(count, rng, config, steps):
    """Ways towards a bound, up to where going on for `steps` is most dangerous: (start, aim, steps)."""
    ways = []
    while len(ways) < count:
        number = len(ways)
        bounds = list(rng.choice((JOINTS, BOX, MOVED)[number % 3], 1 + (number % 3 == 2), replace=False))
        q = start(rng, config, bounds, straight=number % 2 == 0)
        if q is None:
            continue
        aim = (bounds, SPEEDS[number // 3 % len(SPEEDS)], number % 5 == 4)
        cell, dangers = Cell(q, config), []
        for _ in range(100 * per_8_ms(cell)):
            cell.step(outward(cell, *aim))
            dangers.append(cell.danger(steps, config.stop_deceleration))
        ways.append((q, aim, int(np.argmax(dangers)) + 1))
    return ways


def go_on(cell, aim, rng, steps, again=False):
    for _ in range(steps):
        request = outward(cell, *aim)
        cell.step(*((-request, request) if again and rng.random() < 0.5 else (request,)))


def killed(cell, aim, rng):
    cell.kill()


def stalled(cell, aim, rng):
    for _ in range(3):
        cell.frozen = rng.integers(1, cell.config.longest)
        cell.reading_late = rng.integers(0, cell.config.late_steps)
        go_on(cell, aim, rng, cell.frozen + 1)
        cell.reading_late = 0
        go_on(cell, aim, rng, rng.integers(1, 12))


def stalled_while_it_writes(cell, aim, rng):
    late = int(rng.integers(1, cell.config.longest))
    cell.step(outward(cell, *aim), late=late)
    go_on(cell, aim, rng, late + 8 * per_8_ms(cell))


def stalled_while_it_writes_then_killed(cell, aim, rng):
    cell.step(outward(cell, *aim), late=latest(cell.config))
    cell.kill()


def packets_late(cell, aim, rng):
    for _ in range(3):
        cell.packets_late = rng.integers(1, cell.config.late_steps)
        go_on(cell, aim, rng, rng.integers(1, 8), again=True)
        cell.packets_late = 0
        go_on(cell, aim, rng, rng.integers(1, 8))
    if rng.random() < 0.5:
        cell.packets_late = cell.config.late_steps - 1
        cell.step(outward(cell, *aim))
        cell.kill()


def readings_late(cell, aim, rng):
    cell.reading_late = per_8_ms(cell)
    go_on(cell, aim, rng, 20 * per_8_ms(cell), again=True)
    if rng.random() < 0.5:
        cell.kill()


def bang_bang(cell, aim, rng):
    for _ in range(12):
        sign = rng.choice([-1.0, 1.0], 5)
        for _ in range(rng.integers(1, 4)):
            cell.step(outward(cell, *aim) * sign)
        cell.step(outward(cell, *aim), -outward(cell, *aim))
    if rng.random() < 0.5:
        cell.kill()


INCIDENTS = (
    killed,
    stalled,
    stalled_while_it_writes,
    stalled_while_it_writes_then_killed,
    packets_late,
    readings_late,
    bang_bang,
)


@pytest.fixture(
    scope='module',
    params=[
        ({}, 9),
        ({'tool_offset': (0.04, -0.03, 0.12)}, 3),
        ({'robot_model': 'ur5e'}, 5),
    ],
    ids=['flange', 'tool', 'ur5e'],
)
def case(request):
    """A guard's configuration, and dangerous ways."""
    values, count = request.param
    config = GuardConfig(**values)
    return config, approaches(count, np.random.default_rng(7), config, 2 * config.longest)


@pytest.mark.parametrize('incident', INCIDENTS, ids=lambda incident: incident.__name__)
def test_no_bound_is_passed(case, incident):
    config, ways = case
    rng = np.random.default_rng(8)
    for q, aim, steps in ways:
        cell = Cell(q, config)
        for _ in range(max(1, steps + per_8_ms(cell) * rng.integers(-2, 3))):
            cell.step(outward(cell, *aim))
        incident(cell, aim, rng)
        cell.come_to_rest()
        assert cell.worst.max() <= 0.0, (q, aim, steps)


@pytest.mark.parametrize('name', MODELS)
def test_the_reserve_is_needed_and_is_enough(name):
    """The second command of a cycle comes as late as it can, and is the last: both act as long as can be."""
    config = GuardConfig(robot_model=name)
    toward, worst = np.array([0.25, 0.0, 0.0, 0.0, 0.0]), -1.0
    q = (config.joint_high[0] - 0.2, *MODELS[name].home[1:])
    in_8_ms = round(0.008 / config.control_period_s)
    for before in range(84 * in_8_ms, 100 * in_8_ms, 1 + in_8_ms // 2):
        cell = Cell(q, config)
        for _ in range(before):
            cell.step(toward)
        cell.step(toward, late=latest(config))
        cell.kill()
        cell.come_to_rest()
        worst = max(worst, cell.worst.max())
    assert -3e-3 < worst <= 0.0
