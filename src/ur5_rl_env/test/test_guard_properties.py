"""From any place inside, whatever is asked for: no bound of place, speed or acceleration is passed."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ur5_cell.motion import JointMotion
from ur5_rl_env.bounds import ACTUATED, TOLERANCE
from ur5_rl_env.guard import Guard, GuardConfig

HOME = np.array([1.5707, -2.0, 1.9, -3.0415, -1.5707, 3.1415])
PERIOD = 0.008
CONFIG = GuardConfig()
LOW, HIGH = np.array(CONFIG.joint_low), np.array(CONFIG.joint_high)
SIX = st.tuples(*[st.floats(0.0, 1.0) | st.sampled_from([0.01, 0.99])] * 6)
VELOCITY = st.sampled_from([-0.7, 0.7, 0.0, -0.75, -100.0, 100.0]) | st.floats(-3.0, 3.0)
REQUESTS = st.tuples(*[VELOCITY] * 6)


def place(shares):
    """The joint angles at these shares of the bounds, or as near as the tool is in its box; (6,) [rad]."""
    guard, wanted = Guard(CONFIG), LOW + np.array(shares) * (HIGH - LOW)
    ways = (HOME + part * (wanted - HOME) for part in np.linspace(1.0, 0.0, 26))
    return next(q for q in ways if not guard.outside(q))


@settings(max_examples=40)
@given(
    shares=SIX,
    script=st.lists(st.tuples(REQUESTS, st.integers(1, 60), st.integers(0, 6)), min_size=1, max_size=4),
)
def test_no_bound_is_passed_from_anywhere_inside(shares, script):
    """A script: (request, control steps for which it is asked, steps for which nothing comes then)."""
    guard, motion = Guard(CONFIG), JointMotion(place(shares), PERIOD)

    def step():
        before = np.array(motion.qd)
        motion.step()
        assert not guard.outside(motion.q, -TOLERANCE)
        speed, change = np.abs(motion.qd).max(), np.abs(np.array(motion.qd) - before).max()
        assert speed <= CONFIG.max_velocity + 1e-9
        assert change <= CONFIG.acceleration * PERIOD + 1e-9

    for request, asked, silent in script:
        for _ in range(asked):
            verdict = guard.filter(motion.q, motion.qd, request)
            assert max(map(abs, verdict.velocity)) <= CONFIG.max_velocity
            assert verdict.velocity[ACTUATED] == 0.0 and not verdict.outside
            changed = np.abs(np.array(verdict.velocity) - request).max() > 1e-9
            assert verdict.intervened == changed
            motion.speed(verdict.velocity, CONFIG.acceleration)
            step()
        for _ in range(silent):
            step()
    motion.brake(CONFIG.stop_deceleration)
    while not motion.at_rest:
        step()


@given(shares=SIX)
def test_an_arm_that_rests_inside_and_is_asked_to_rest_is_left_alone(shares):
    verdict = Guard(CONFIG).filter(place(shares), np.zeros(6), np.zeros(6))
    assert (verdict.velocity, verdict.intervened, verdict.outside) == ((0.0,) * 6, False, False)


@given(speed=st.floats(CONFIG.max_velocity, CONFIG.max_velocity + 0.1))
def test_a_request_that_is_cut_by_however_little_is_an_intervention(speed):
    verdict = Guard(CONFIG).filter(HOME, np.zeros(6), (speed, 0, 0, 0, 0, 0))
    assert verdict.velocity[0] <= CONFIG.max_velocity
    assert verdict.intervened == (speed - verdict.velocity[0] > 1e-9)
