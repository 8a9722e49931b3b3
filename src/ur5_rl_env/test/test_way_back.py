"""The way back of an arm outside its bounds: it arrives, and nothing that was inside goes out meanwhile."""

import numpy as np
import pytest

from ur5_cell.motion import JointMotion
from ur5_rl_env.bounds import Bounds
from ur5_rl_env.guard import Guard, GuardConfig
from ur5_rl_env.way_back import ways_back

CONFIG = GuardConfig()
BOUNDS = Bounds(CONFIG)
PERIOD = 0.04  # for speed: commands that act five times as long as they do are no easier
TOLERANCE = 1e-3  # [rad, m], SPEC section 7


def beyond(q, bounds=BOUNDS):
    """How far the arm is beyond each of its 18 bounds [rad, m]."""
    place = bounds.place(q)
    return np.concatenate([bounds.low - place, place - bounds.high])


def starts(count, rng, config):
    """Places outside: of joints up to two, or of the box, or of both, by up to 0.1 rad and 0.1 m."""
    found, bounds = [], Bounds(config)
    while len(found) < count:
        q = rng.uniform(config.joint_low, config.joint_high)
        for joint in rng.choice(5, rng.integers(0, 3), replace=False):
            way = rng.uniform(0.0, 0.1)
            q[joint] = rng.choice([config.joint_low[joint] - way, config.joint_high[joint] + way])
        out = beyond(q, bounds)
        if 2 * TOLERANCE < out.max() and out[[6, 7, 8, 15, 16, 17]].max() < 0.1:
            found.append(q)
    return found


def come_back(q, config=CONFIG):
    """Lets the guard drive; returns whether it arrived, and the farthest beyond each bound, (18,)."""
    guard, motion = Guard(config), JointMotion(q, PERIOD)
    worst = beyond(q, guard.bounds)
    for _ in range(400):
        verdict = guard.filter(motion.q, motion.qd, (0.7,) * 6)
        if not verdict.outside:
            return True, worst
        assert verdict.velocity[5] == 0.0
        motion.step()
        motion.speed(verdict.velocity, config.acceleration)
        worst = np.maximum(worst, beyond(motion.q, guard.bounds))
    return False, worst


@pytest.mark.parametrize(
    ('values', 'count'),
    [({}, 160), ({'robot_model': 'ur5e'}, 60), ({'tool_offset': (0.04, -0.03, 0.12)}, 60)],
    ids=['ur5', 'ur5e', 'tool'],
)
def test_from_everywhere_outside_it_comes_back_and_nothing_that_was_inside_goes_out(values, count):
    config = GuardConfig(**values)
    for q in starts(count, np.random.default_rng(11), config):
        arrived, worst = come_back(q, config)
        assert arrived, q.tolist()
        was_inside = beyond(q, Bounds(config)) <= 0.0
        assert worst[was_inside].max() <= TOLERANCE, q.tolist()


@pytest.mark.parametrize(
    'q',
    [
        (2.128, -1.281, 1.747, -2.945, -0.514, 2.713),  # above the box: to the wrist's bounds it first rises
        (1.5707, -1.6, 0.2, -3.0415, -1.5707, 3.1415),  # nearly straight, far above
    ],
)
def test_what_is_outside_may_go_farther_out_only_where_there_is_no_other_way(q):
    arrived, worst = come_back(q)
    assert arrived and (worst - np.maximum(beyond(q), 0.0)).max() <= 0.05


def test_what_touches_another_bound_is_drawn_in_on_the_way():
    q = (2.14368, -0.891927, 1.732199, -2.852293, -1.147933, 1.884827)  # beyond x, and in the margin of z
    assert beyond(q)[6] > 0.05 and -5e-4 < beyond(q)[8] < 0.0
    assert come_back(q)[0]


def ways(q, bounds=BOUNDS, fastest=0.1, horizon=0.15):
    """The ways that are tried from `q`, one row each, (6, 6) [rad/s]."""
    place = bounds.place(q)
    limits = np.minimum(bounds.low, place), np.maximum(bounds.high, place)
    return np.array([way for way, _ in ways_back(bounds, q, place, limits, fastest, horizon)])


def test_no_way_back_is_faster_than_it_may_be_and_the_second_three_are_slower():
    fastest = [np.abs(ways(q)).max(axis=1) for q in starts(60, np.random.default_rng(4), CONFIG)]
    np.testing.assert_allclose(np.max(fastest, axis=0), [0.1] * 3 + [0.02] * 3)


@pytest.mark.parametrize('side', [0, 1])
@pytest.mark.parametrize(('out', 'near'), [(0, 1), (0, 2), (1, 2), (1, 0), (2, 0), (2, 1)])
def test_what_is_nearer_to_its_bound_than_a_millimetre_is_drawn_in_by_what_is_missing(out, near, side):
    for q in np.random.default_rng(5).uniform(CONFIG.joint_low, CONFIG.joint_high, (10, 6)):
        q = BOUNDS.low[:6] + 0.1 + 0.8 * (q - BOUNDS.low[:6])
        tool = np.array(BOUNDS.tool.position(q))
        box = np.array([tool - 0.2, tool + 0.2])
        box[0, out] = tool[out] + 0.05
        box[side, near] = tool[near] + (-4e-4, 4e-4)[side]
        if np.abs(box).max() > 1.5:
            continue
        bounds = Bounds(GuardConfig(box_low=tuple(box[0]), box_high=tuple(box[1])))
        first = ways(q, bounds, fastest=2.0)[0]
        inward = (1.0, -1.0)[side] * (bounds.tool.jacobian(q) @ first)[near]
        assert inward >= 0.8 * 6e-4 / 0.15, q  # as near as the projections come
        assert np.abs(ways(q, bounds, fastest=0.01)).max() <= 0.01 * (1.0 + 1e-9)


def test_an_arm_in_the_margin_of_a_bound_may_leave_it_and_may_not_go_on():
    q = np.array([1.5707, CONFIG.joint_low[1] + 1e-4, 1.9, -3.0415, -1.5707, 3.1415])
    inward, outward = (0.0, 0.1, 0.0, 0.0, 0.0, 0.0), (0.0, -0.1, 0.0, 0.0, 0.0, 0.0)
    assert Guard(CONFIG).filter(q, (0.0,) * 6, inward).velocity == inward
    assert Guard(CONFIG).filter(q, (0.0,) * 6, outward).velocity == (0.0,) * 6


def test_of_the_last_wrist_joint_only_a_person_can_say_where_it_goes():
    q = (1.5707, -2.2, 1.9, -3.0415, -1.5707, 3.33)  # the shoulder is out, too
    guard = Guard(CONFIG)
    verdict = guard.filter(q, (0.0,) * 6, (0.0, 0.1, 0.0, 0.0, 0.0, 0.0))
    assert verdict == ((0.0,) * 6, True, True)
    assert guard.bounds.out_of_reach(q) == (
        'wrist_3_joint is at 3.330 rad, out of its bounds 0.873 to 3.316, and no command moves it: '
        'turn it back with the pendant'
    )
    low, high = CONFIG.joint_low[5], CONFIG.joint_high[5]
    for angle in (low - 9e-4, low, high, high + 9e-4):
        assert guard.bounds.out_of_reach((*q[:5], angle)) == ''
    for angle in (low - 11e-4, high + 11e-4):
        assert guard.bounds.out_of_reach((*q[:5], angle)).startswith(f'wrist_3_joint is at {angle:.3f} rad')


def test_the_last_wrist_joint_at_its_bound_keeps_no_arm_out():
    q = (0.9, -2.0, 1.9, -3.0415, -1.5707, CONFIG.joint_high[5] - 5e-4)
    assert come_back(q)[0]
