"""The way home stays inside the bounds from wherever the guard lets the arm be."""

import numpy as np

from ur5_rl_env.guard import Guard, GuardConfig
from ur5_rl_env.route import route

HOME = (1.5707, -2.0, 1.9, -3.0415, -1.5707, 3.1415)


def test_from_everywhere_inside_the_way_home_is_inside():
    config, rng = GuardConfig(), np.random.default_rng(3)
    guard = Guard(config)
    detours = 0
    for _ in range(2500):
        q = rng.uniform(config.joint_low, config.joint_high)
        q[5] = HOME[5]
        if guard.outside(q, 5e-4):
            continue
        way = route(guard, q, HOME)
        assert way[-1] == HOME
        detours += len(way) - 1
        for a, b in zip([tuple(q), *way], way, strict=False):
            assert guard.bounds.line_inside(a, b)
    assert detours > 3


def test_from_outside_there_is_no_way():
    assert route(Guard(GuardConfig()), (1.5707, -2.2, 1.9, -3.0415, -1.5707, 3.1415), HOME) == []
