"""Whether a way of the arm is inside: against the same way looked at in a hundred places."""

import numpy as np
import pytest

from ur5_rl_env.bounds import UNSEEN, Bounds, within
from ur5_rl_env.guard import GuardConfig

SHARES = np.linspace(0.0, 1.0, 101)[:, None]


def ways(count, seed=2):
    """Straight ways of joints from anywhere, short ones and long ones: (begin, end), each (6,) [rad]."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        begin = rng.uniform(-np.pi, np.pi, 6)
        yield begin, begin + rng.choice([1e-3, 0.1, 0.5]) * rng.uniform(-1.0, 1.0, 6)


@pytest.mark.parametrize('model', ['ur5', 'ur5e'])
@pytest.mark.parametrize('face', range(6))
def test_the_tool_is_inside_a_box_if_it_is_all_along_the_way(model, face):
    """One side of the box stands at the extreme of the way, a little farther out and a little farther in."""
    bounds = Bounds(GuardConfig(robot_model=model, tool_offset=(0.02, -0.03, 0.1)))
    for begin, end in ways(40, seed=face):
        places = bounds.tool.positions(begin + SHARES * (end - begin))
        sides = [places.min(0) - 1.0, places.max(0) + 1.0]
        for outward, expected in ((1e-4, True), (-2 * UNSEEN, False)):
            low, high = (side.copy() for side in sides)
            if face < 3:
                high[face] = places[:, face].max() + outward
            else:
                low[face - 3] = places[:, face - 3].min() - outward
            assert bounds.tool_inside(begin[None], end[None], low.tolist(), high.tolist()) == expected


def test_one_way_of_several_that_goes_out_is_enough():
    bounds = Bounds(GuardConfig())
    begins, ends = map(np.array, zip(*ways(6), strict=True))
    places = [bounds.tool.positions(a + SHARES * (b - a)) for a, b in zip(begins, ends, strict=True)]
    low, high = np.min(places, axis=(0, 1)) - 1e-4, np.max(places, axis=(0, 1)) + 1e-4
    assert bounds.tool_inside(begins, ends, low.tolist(), high.tolist())
    for coordinate in range(3):
        for side, sign in ((low, 1.0), (high, -1.0)):
            side[coordinate] += sign * 2e-3
            assert not bounds.tool_inside(begins, ends, low.tolist(), high.tolist())
            side[coordinate] -= sign * 2e-3


def test_a_bent_way_is_looked_at_as_often_as_needed_and_no_more(monkeypatch):
    bounds, looked = Bounds(GuardConfig()), []
    positions = bounds.tool.positions
    monkeypatch.setattr(bounds.tool, 'positions', lambda q: looked.append(q) or positions(q))
    for begin, end in ways(30):
        looked.clear()
        ends, turn = positions(np.array([begin, end])), end - begin
        low, high = ends.min(0) - 1e-9, ends.max(0) + 1e-9
        bounds.tool_inside(begin[None], end[None], low.tolist(), high.tolist())
        shares = ((np.vstack(looked[1:]) - begin) / turn)[:, 0]
        apart, bend = np.diff([0.0, *shares, 1.0]), bounds.tool.bend(np.abs(turn).tolist())
        assert bend * apart.max() ** 2 <= UNSEEN * (1.0 + 1e-9)
        assert len(shares) == 0 or bend > UNSEEN * len(shares) ** 2


def test_a_line_is_inside_as_long_as_both_ends_and_the_tool_are():
    bounds = Bounds(GuardConfig())
    home = np.array([1.5707, -2.0, 1.9, -3.0415, -1.5707, 3.1415])
    for joint in range(6):
        for bound in (bounds.low[joint], bounds.high[joint]):
            end = home.copy()
            end[joint] = home[joint] + 0.02 * np.sign(bound - home[joint])
            assert bounds.line_inside(home, end)
            end[joint] = bound + 1e-6 * np.sign(bound - home[joint])
            assert not bounds.line_inside(home, end) and not bounds.line_inside(end, home)
    with_box = Bounds(GuardConfig(box_low=(-0.12, 0.1, 0.1)))
    ahead = home + [0.3, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert bounds.line_inside(home, ahead) and not with_box.line_inside(home, ahead)


def test_a_place_at_a_bound_is_inside_and_the_last_joint_has_no_margin():
    bounds = Bounds(GuardConfig())
    assert within(np.array([bounds.low, bounds.high]), bounds.low, bounds.high)
    assert bounds.inside(bounds.low, 0.0) and bounds.inside(bounds.high, 0.0)
    assert not bounds.inside(bounds.low, 1e-9) and bounds.inside(bounds.low - 1e-3, -1.1e-3)
    for depth in (0.01, -0.01):
        low, high = bounds.shrunk(depth)
        margin = np.full(9, depth)
        margin[5] = min(depth, 0.0)
        np.testing.assert_allclose([low, high], [bounds.low + margin, bounds.high - margin])
