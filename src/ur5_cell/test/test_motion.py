"""Joint motion against numbers worked by hand."""

import random
from math import isclose

import pytest

from ur5_cell.motion import JointMotion, Trapezoid, towards

PERIOD = 0.008
ZERO = [0.0] * 6


def run_until_rest(motion, limit=2000):
    steps = 0
    while not motion.at_rest:
        motion.step()
        steps += 1
        assert steps < limit
    return steps


def test_leading_axis_sets_the_pace_of_all():
    assert towards(ZERO, [1.0, -0.5, 0, 0, 0, 0.25], 0.1) == pytest.approx([0.1, -0.05, 0, 0, 0, 0.025])


def test_the_target_is_met_exactly():
    target = [0.1, 0.2, 0.3, -0.1, -0.2, -0.3]
    assert towards(ZERO, target, 0.3) == target


def test_speed_ramp_takes_the_distance_of_constant_acceleration():
    motion = JointMotion(ZERO, PERIOD)
    motion.speed([0.7, 0, 0, 0, 0, 0], 1.4)
    for _ in range(62):
        motion.step()
    assert motion.qd[0] == pytest.approx(62 * 0.0112)
    assert motion.q[0] == pytest.approx(0.5 * 1.4 * (62 * PERIOD) ** 2)
    motion.step()
    assert motion.qd[0] == 0.7
    assert motion.speed_reached and not motion.at_rest


def test_braking_takes_v_squared_over_2a():
    motion = JointMotion(ZERO, PERIOD)
    motion.speed([0.56, 0, 0, 0, 0, 0], 1.4)
    for _ in range(60):
        motion.step()
    start = motion.q[0]
    motion.brake(1.4)
    assert run_until_rest(motion) == 50  # 0.56 / 1.4 / 0.008
    assert motion.q[0] - start == pytest.approx(0.56**2 / (2 * 1.4))


def test_speed_is_kept_until_it_is_changed():
    motion = JointMotion(ZERO, PERIOD)
    motion.speed([0.1, 0, 0, 0, 0, 0], 12.5)  # one period to reach it
    for _ in range(1001):
        motion.step()
    assert motion.q[0] == pytest.approx((0.5 + 1000) * 0.1 * PERIOD)


@pytest.mark.parametrize(
    ('distance', 'duration', 'peak'),
    [
        (1.0, 1.0 / 0.8 + 0.8 / 1.6, 0.8),  # ramps of 0.5 s and 0.75 s between them
        (0.1, 2 * (0.1 / 1.6) ** 0.5, 0.4),  # too short for the full speed: a triangle
        (0.0, 0.0, 0.0),
    ],
)
def test_trapezoid_by_hand(distance, duration, peak):
    trapezoid = Trapezoid(tuple(ZERO), (distance, -distance / 2, 0, 0, 0, 0), 0.8, 1.6)
    assert trapezoid.duration == pytest.approx(duration)
    assert trapezoid.peak_speed == pytest.approx(peak)
    q, qd = trapezoid.at(duration / 2)
    assert q[:2] == pytest.approx([distance / 2, -distance / 4])
    assert qd[:2] == pytest.approx([peak, -peak / 2])


def test_move_ends_on_the_goal_without_error_after_the_time_of_the_profile():
    motion = JointMotion([0.3] * 6, PERIOD)
    goal = [0.7, 0.2, 0.3, 0.1, 0.5, 0.4]
    motion.move(goal, 1.05, 1.4)
    steps = run_until_rest(motion)
    duration = Trapezoid((0.3,) * 6, tuple(goal), 1.05, 1.4).duration
    assert motion.q == goal and motion.qd == ZERO
    assert (steps - 1) * PERIOD < duration <= steps * PERIOD


def test_move_from_motion_brakes_first_and_still_arrives():
    motion = JointMotion(ZERO, PERIOD)
    motion.speed([0.5, 0, 0, 0, 0, 0], 5.0)
    for _ in range(50):
        motion.step()
    motion.move([0.0] * 6, 1.0, 2.0)
    run_until_rest(motion)
    assert motion.q == ZERO


def test_hold_brakes_and_release_goes_on_to_the_goal():
    motion = JointMotion(ZERO, PERIOD)
    motion.move([1.0, 0, 0, 0, 0, 0], 1.0, 2.0)
    for _ in range(60):
        motion.step()
    motion.hold(10.0)
    for _ in range(50):
        motion.step()
    assert motion.qd == ZERO and not motion.at_rest
    held = list(motion.q)
    motion.step()
    assert motion.q == held
    motion.release()
    run_until_rest(motion)
    assert motion.q[0] == 1.0


def test_hold_keeps_a_speed_from_acting():
    motion = JointMotion(ZERO, PERIOD)
    motion.hold(10.0)
    motion.speed([1.0] * 6, 10.0)
    motion.step()
    assert motion.q == ZERO
    assert motion.steps_at_rest == 1


@pytest.mark.parametrize(
    ('speed', 'acceleration'), [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (float('nan'), 1.0)]
)
def test_impossible_limits_are_refused_and_nothing_moves(speed, acceleration):
    motion = JointMotion(ZERO, PERIOD)
    with pytest.raises(ValueError, match='must be greater than 0'):
        motion.move([1.0] * 6, speed, acceleration)
    assert motion.at_rest


def test_any_sequence_of_commands_respects_the_acceleration_and_is_continuous():
    rng = random.Random(1)
    motion = JointMotion(ZERO, PERIOD)
    for _ in range(3000):
        if rng.random() < 0.05:
            velocity = [rng.uniform(-1, 1) for _ in range(6)]
            rng.choice(
                [
                    lambda velocity=velocity: motion.speed(velocity, 1.4),
                    lambda velocity=velocity: motion.move(velocity, 1.0, 1.4),
                    lambda: motion.brake(1.4),
                    lambda: motion.hold(1.4),
                    motion.release,
                ]
            )()
        q, qd = list(motion.q), list(motion.qd)
        motion.step()
        # Exact up to the one period in which a planned move changes from one phase to the next.
        assert max(abs(b - a) for a, b in zip(qd, motion.qd, strict=True)) <= 1.4 * PERIOD + 1e-12
        for a, b, va, vb in zip(q, motion.q, qd, motion.qd, strict=True):
            assert isclose(b - a, 0.5 * PERIOD * (va + vb), abs_tol=1.4 * PERIOD**2)
