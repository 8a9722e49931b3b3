"""The reserve: how far the arm may come, and that nothing farther out remains unseen."""

import numpy as np
import pytest

from ur5_rl_env.bounds import Bounds, turns
from ur5_rl_env.guard import MARGIN, Guard, GuardConfig
from ur5_rl_env.reserve import Reserve, late_steps
from ur5_rl_env.robot_models import MODELS

CONFIG = GuardConfig()
LONGEST = CONFIG.longest
STEP = 0.008
HOME = np.array([1.5707, -2.0, 1.9, -3.0415, -1.5707, 3.1415])
AT_REST = np.zeros(6)


def pan(velocity):
    return np.array([velocity, 0.0, 0.0, 0.0, 0.0, 0.0])


def ways(sent, velocity, deceleration=1.4):
    """How far the shoulder pan may come from 0, moving at 0.3 rad/s: until braking begins, and then [rad]."""
    reserve = Reserve(STEP, LONGEST, 1.4, deceleration)
    begins, ends = reserve.futures(reserve.states(AT_REST, pan(0.3), [pan(v) for v in sent]), pan(velocity))
    return begins[:, 0], ends[:, 0]


def test_the_longest_a_command_may_act_is_the_watchdogs_time_and_what_it_takes_to_notice():
    assert GuardConfig(servo_watchdog_s=0.04).longest == 5 + 2
    assert GuardConfig(servo_watchdog_s=0.0479).longest == 5 + 2
    assert GuardConfig(servo_watchdog_s=0.056).longest == 7 + 2


def test_an_e_series_counts_as_much_time_in_shorter_steps():
    config = GuardConfig(robot_model='ur5e')
    assert (config.longest, config.late_steps, CONFIG.late_steps) == (20 + 2, 8 + 1, 2 + 1)
    reserve = Reserve(0.002, config.longest, 1.4, 1.4)
    longest = [times.max() for times in (reserve._newest, reserve._older, reserve._after)]
    assert longest == pytest.approx([0.044, 0.018, 0.044])


def test_an_arm_comes_no_farther_in_the_horizon_at_its_speed_than_it_may_until_rest():
    for name, seconds in (('ur5', 2 * 0.056), ('ur5e', 2 * 0.044)):
        config = GuardConfig(robot_model=name)
        reserve = Reserve(config.control_period_s, config.longest, 1.4, 0.7)
        assert reserve.horizon(0.7) == pytest.approx(seconds + 0.7 / 1.4)


@pytest.mark.parametrize('model', MODELS)
@pytest.mark.parametrize('watchdog_s', [0.016, 0.032, 0.04, 0.2])
def test_a_motion_is_looked_at_as_often_as_needed_from_the_first_step_to_the_last(model, watchdog_s):
    config = GuardConfig(robot_model=model, servo_watchdog_s=watchdog_s)
    period, longest = config.control_period_s, config.longest
    reserve = Reserve(period, longest, 1.4, 1.4)
    for times, first, last in (
        (reserve._newest, 1, longest),
        (reserve._older, 1, min(longest, config.late_steps)),
        (reserve._after, 0, longest),
    ):
        times = times.ravel()
        assert (times[0], times[-1]) == pytest.approx((period * first, period * last))
        assert np.diff(times).max() <= 0.032 + 1e-9
        assert len(times) - 1 == np.ceil((times[-1] - times[0]) / 0.032 - 1e-9)


def test_two_commands_may_act_for_so_long_each_before_the_arm_brakes():
    begins, ends = ways([0.3], 0.3)
    assert begins.min() == pytest.approx(0.3 * STEP)
    assert begins.max() == pytest.approx(0.3 * STEP * 2 * LONGEST)
    assert ends.max() - begins.max() == pytest.approx(0.3**2 / 2.8)


def test_braking_is_as_slow_as_it_may_be():
    begins, ends = ways([0.3], 0.3, deceleration=0.7)
    assert ends.max() - begins.max() == pytest.approx(0.3**2 / 1.4)


def test_an_older_command_may_act_on_for_a_few_steps():
    late = late_steps(STEP) * STEP
    _, ends = ways([0.7, 0.0], 0.0)
    speed = 0.3 + 1.4 * late
    assert ends.max() == pytest.approx(0.3 * late + 0.7 * late**2 + speed**2 / 2.8)


@pytest.mark.parametrize(
    ('sent', 'needed'),
    [
        # 0.3 rad/s that goes on for `longest` steps, although much less is asked for now
        ((0.3,), 0.3 * STEP * LONGEST + 0.3**2 / 2.8),
        # 0.7 rad/s is on its way to be replaced by zero, and acts on for three steps
        ((0.7, 0.0), 0.3 * 0.024 + 0.7 * 0.024**2 + (0.3 + 1.4 * 0.024) ** 2 / 2.8),
    ],
)
def test_what_may_be_acting_counts_whatever_is_asked_for(sent, needed):
    def answer(room):
        q = HOME.copy()
        q[0] = CONFIG.joint_high[0] - MARGIN - room
        guard = Guard(CONFIG)
        for velocity in sent:
            far = HOME.copy()
            verdict = guard.filter(far, AT_REST, pan(velocity))
            assert verdict.velocity[0] == velocity
        return guard.filter(q, pan(0.3), pan(0.01)).velocity[0]

    assert answer(needed - 1e-4) == 0.0
    assert answer(needed + 2e-3) > 0.0


@pytest.mark.parametrize(('deceleration', 'passes'), [(4.0, True), (1.4, True), (1.3, False)])
def test_the_slower_of_what_may_brake_the_arm_counts(deceleration, passes):
    guard = Guard(GuardConfig(stop_deceleration=deceleration))
    q = HOME.copy()
    q[0] = CONFIG.joint_high[0] - MARGIN - (0.3 * STEP * LONGEST + 0.3**2 / 2.8 + 5e-4)
    guard.filter(HOME, AT_REST, pan(0.3))
    assert (guard.filter(q, pan(0.3), pan(0.01)).velocity[0] > 0.0) == passes


@pytest.mark.parametrize('model', MODELS)
def test_what_lies_between_the_places_looked_at_is_less_than_the_margin(model):
    config = GuardConfig(robot_model=model)
    rng, bounds = np.random.default_rng(1), Bounds(config)
    sparse, dense = (Reserve(config.control_period_s, config.longest, 1.4, 1.4) for _ in range(2))
    for name in ('_newest', '_older', '_after'):
        times = getattr(sparse, name)
        finer = np.linspace(times.min(), times.max(), 8 * (times.size - 1) + 1)
        setattr(dense, name, finer.reshape(-1, *times.shape[1:]))
    shares = np.linspace(0.0, 1.0, 20)[:, None, None]
    worst = np.zeros(2)  # joints [rad], tool [m]
    for _ in range(30):
        q = rng.uniform(config.joint_low, config.joint_high)
        leading = rng.choice([0.1, 0.3, 0.7])
        qd = leading * np.append(rng.choice([-1.0, 1.0], 5) * rng.uniform(0.3, 1.0, 5), 0.0)
        sent = [np.append(rng.uniform(-0.7, 0.7, 5), 0.0), qd]
        velocity = np.append(rng.choice([-0.7, 0.7], 5), 0.0)
        seen = sparse.futures(sparse.states(q, qd, sent), velocity)
        begins, ends = dense.futures(dense.states(q, qd, sent), velocity)
        joints = (begins + shares * (ends - begins)).reshape(-1, 6)
        parts = int(np.ceil(np.sqrt(bounds.tool.bend(turns(seen.ends - seen.begins)) / 3e-4)))
        looked = (
            seen.begins + np.linspace(0.0, 1.0, parts + 1)[:, None, None] * (seen.ends - seen.begins)
        ).reshape(-1, 6)
        for i, (fine, coarse) in enumerate(
            ((joints, looked), (bounds.tool.positions(joints), bounds.tool.positions(looked)))
        ):
            unseen = np.maximum(fine.max(0) - coarse.max(0), coarse.min(0) - fine.min(0)).max()
            worst[i] = max(worst[i], unseen)
    assert (1e-5 < worst).all() and (worst < MARGIN).all()


def test_a_bent_way_is_looked_at_between_its_ends():
    guard = Guard(CONFIG)
    stretched = np.array([1.78, -0.87, 0.04, -3.74, -2.21, 3.14])
    assert not guard.outside(stretched) and not guard.outside(HOME)
    assert guard.outside((stretched + HOME) / 2, -5e-3) and not guard.bounds.line_inside(stretched, HOME)
