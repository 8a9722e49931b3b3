"""Delays that are no multiple of a frame's time, from synthetic recordings with noise."""

import numpy as np
import pytest

from commissioning.calibration.delays import Jump, of_jumps, of_motion, of_response
from commissioning.calibration.procedure import JUMP_PLACES, jumps_seen
from commissioning.calibration.sensed import Picture
from ur5_rl_env.red_disc import Spot

PERIOD = 0.04


def jumps(delay, rng, count=40, jitter=0.0, wrong=0):
    """Jumps between the frames of a camera; `wrong` of them are seen a frame or more too late."""
    found = []
    for number in range(count):
        shown = 0.4 * number + rng.uniform(0.0, PERIOD)
        after = PERIOD * np.ceil((shown + delay) / PERIOD)
        late = rng.uniform(1.0, 3.0) * PERIOD if number < wrong else 0.0
        arrivals = after - PERIOD + jitter * rng.random() + late, after + jitter * rng.random() + late
        found.append(Jump(shown, *arrivals))
    return found


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize('delay', [0.0, 0.0137, 0.0374, 0.0911])
def test_a_delay_of_jumps_is_found_within_a_tenth_of_a_frame(seed, delay):
    found = of_jumps(jumps(delay, np.random.default_rng(seed)))
    assert found.seconds == pytest.approx(delay, abs=0.004)
    assert abs(found.seconds - delay) <= found.within + 1e-9 and found.within < 0.004


@pytest.mark.parametrize('seed', range(5))
def test_jitter_and_late_frames_move_it_little(seed):
    found = of_jumps(jumps(0.0374, np.random.default_rng(seed), jitter=0.003, wrong=8))
    assert found.seconds == pytest.approx(0.0374 + 0.0015, abs=0.004)


@pytest.mark.parametrize(('jitter', 'least'), [(0.0, 0.99), (0.01, 0.6), (0.02, 0.6)])
def test_how_far_off_a_delay_of_jumps_may_be_is_told_honestly(jitter, least):
    rng, true, tries = np.random.default_rng(1), 0.1, 200
    honest = 0
    for _ in range(tries):
        found = of_jumps(jumps(true - jitter / 2, rng, jitter=jitter))
        honest += abs(found.seconds - true) <= found.within
    assert honest >= least * tries  # a standard deviation holds two thirds


def test_one_jump_says_its_frame_and_no_more():
    found = of_jumps([Jump(10.0, 10.02, 10.06)])
    assert found == pytest.approx((0.04, 0.02))


def test_jumps_that_agree_on_nothing_are_refused():
    with pytest.raises(ValueError, match='no jump'):
        of_jumps([])
    with pytest.raises(ValueError, match='only 1 of 3 jumps'):
        of_jumps([Jump(0.0, 0.0, 0.01), Jump(0.0, 0.02, 0.03), Jump(0.0, 0.05, 0.06)])


def pictures(columns, begin=0.0):
    return [
        Picture(
            begin + PERIOD * i,
            begin + PERIOD * i + 0.02,
            None if column is None else Spot(column, 45, 70, True),
        )
        for i, column in enumerate(columns)
    ]


def test_a_jump_lies_between_the_last_picture_of_the_old_place_and_the_first_of_the_new():
    assert JUMP_PLACES[0][0] < JUMP_PLACES[1][0]
    left, right = 40.0, 120.0
    seen = pictures([left] * 5 + [right] * 10 + [left] * 5)
    found = jumps_seen([(0.15, 1), (0.55, 0)], seen, lambda picture: picture.stamp)
    assert found == [pytest.approx((0.15, 0.16, 0.2)), pytest.approx((0.55, 0.56, 0.6))]
    later = jumps_seen([(0.15, 1)], seen, lambda picture: picture.arrival)
    assert later == [pytest.approx((0.15, 0.18, 0.22))]


def test_pictures_without_a_disc_are_left_out_and_a_jump_that_is_not_seen_is_none():
    seen = pictures([40.0] * 5 + [None] + [120.0] * 10 + [40.0] * 5)
    (found,) = jumps_seen([(0.15, 1)], seen, lambda picture: picture.stamp)
    assert found == pytest.approx((0.15, 0.16, 0.24))
    assert jumps_seen([(0.7, 1)], seen, lambda picture: picture.stamp) == []
    assert jumps_seen([(0.15, 1)], [], lambda picture: picture.stamp) == []


def motion(delay, rng, noise=0.1, jitter=0.0):
    """A joint that goes to and fro, and a disc in pictures that are `delay` late."""
    joint_times = np.arange(0.0, 8.0, 0.008)
    taken = np.arange(0.5, 7.0, PERIOD)
    angles, angle = (0.0375 * np.sin(2 * np.pi * at * (0.6 + 0.06 * at)) for at in (joint_times, taken))
    seen = np.column_stack([80 + 160 * angle + 30 * angle**2, 45 + 4 * angle])
    seen = seen + noise * rng.standard_normal(seen.shape)
    return taken + delay + jitter * rng.random(len(taken)), seen, joint_times, angles


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize('delay', [-0.0173, 0.0, 0.0374, 0.1219])
def test_a_delay_of_motion_is_found_either_way(seed, delay):
    found = of_motion(*motion(delay, np.random.default_rng(seed), noise=0.3, jitter=0.002))
    assert found.seconds == pytest.approx(delay + 0.001, abs=0.002)
    assert found.within < 0.002


def test_pictures_that_do_not_move_with_the_joint_are_refused():
    rng = np.random.default_rng(0)
    times, seen, joint_times, angles = motion(0.03, rng)
    for nothing in (rng.standard_normal(seen.shape), np.ones_like(seen)):
        with pytest.raises(ValueError, match='does not move with the joint|no delay'):
            of_motion(times, nothing, joint_times, angles)
    with pytest.raises(ValueError, match='no delay from -150 to 300 ms|does not move'):
        of_motion(times + 0.33, seen, joint_times, angles)
    with pytest.raises(ValueError, match='12 pictures'):
        of_motion(times[:12], seen[:12], joint_times, angles)


def response(delay, rng, acceleration=1.4):
    """Commands of a jog, and what an arm does of them."""
    sent_times = np.arange(0.0, 6.0, 0.007)
    sent = 0.15 * np.sign(np.sin(2 * np.pi * sent_times / 1.0))
    fine = np.arange(0.0, 7.0, 0.001)
    velocity, at = 0.0, np.zeros_like(fine)
    for i, time in enumerate(fine):
        j = np.searchsorted(sent_times, time - delay, side='right') - 1
        want = sent[j] if j >= 0 else 0.0
        velocity += np.clip(want - velocity, -acceleration * 0.001, acceleration * 0.001)
        at[i] = velocity
    joint_times = fine[::8]
    return sent_times, sent, joint_times, at[::8] + 0.002 * rng.standard_normal(len(joint_times))


@pytest.mark.parametrize(('seed', 'delay'), [(0, 0.0123), (1, 0.0271), (2, 0.0)])
def test_a_delay_of_the_arm_is_not_its_acceleration(seed, delay):
    found = of_response(*response(delay, np.random.default_rng(seed)), acceleration=1.4)
    assert found.seconds == pytest.approx(delay, abs=0.0015)


def test_an_arm_that_does_something_else_is_refused():
    sent_times, sent, joint_times, velocities = response(0.02, np.random.default_rng(0))
    with pytest.raises(ValueError, match='no delay from -50 to 300 ms|does not follow'):
        of_response(sent_times, sent, joint_times, np.roll(velocities, 60), 1.4)
    with pytest.raises(ValueError, match='does not follow'):
        of_response(sent_times, sent, joint_times, 0.3 * velocities, 1.4)
