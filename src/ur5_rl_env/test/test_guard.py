"""The guard against the motion of the simulated controller, under random and adversarial commands."""

import numpy as np
import pytest

from ur5_cell.motion import JointMotion
from ur5_rl_env.guard import Guard, GuardConfig, checked_request
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.robot_models import MODELS, UR5
from ur5_rl_env.tool_point import ToolPoint

FLANGE = ToolPoint(Kinematics(UR5))

HOME = (1.5707, -2.0, 1.9, -3.0415, -1.5707, 3.1415)
PERIOD = 0.008
CONFIG = GuardConfig()
TOLERANCE = 1e-3  # [rad, m], SPEC section 7
STALL_STEPS = 9  # for which a command may act where the next one comes late (guard.STALL_S)


def overshoot(q):
    """How far the arm at `q` is beyond its bounds [rad] or [m], negative inside."""
    flange = FLANGE.position(q)
    values = [*q, *flange]
    low, high = (*CONFIG.joint_low, *CONFIG.box_low), (*CONFIG.joint_high, *CONFIG.box_high)
    return max(max(a - x, x - b) for x, a, b in zip(values, low, high, strict=True))


def random_request(rng, _):
    return rng.uniform(-1.0, 1.0, 6) * rng.choice([0.1, 0.7, 3.0])


def bang_bang(rng, _):
    return rng.choice([-0.7, 0.7], 6)


def at_the_nearest_face(rng, q):
    """Straight at whichever side of the box is nearest, as fast as it goes."""
    flange = np.array(FLANGE.position(q))
    room = np.concatenate([CONFIG.box_high - flange, flange - CONFIG.box_low])
    face = int(room.argmin())
    return np.sign(FLANGE.jacobian(q)[face % 3]) * (0.7 if face < 3 else -0.7)


def at_the_nearest_joint_bound(rng, q):
    q, low, high = np.array(q), np.array(CONFIG.joint_low), np.array(CONFIG.joint_high)
    return np.where(high - q < q - low, 0.7, -0.7)


@pytest.mark.parametrize(
    'adversary', [random_request, bang_bang, at_the_nearest_face, at_the_nearest_joint_bound]
)
@pytest.mark.parametrize('timing', ['prompt', 'one step late', 'stalling'])
def test_no_bound_is_passed_whatever_is_asked_for(adversary, timing):
    worst = -1.0
    for seed in range(2):
        rng = np.random.default_rng(seed)
        guard, motion = Guard(CONFIG), JointMotion(HOME, PERIOD)
        repeat = rng.choice([1, 5, 50])
        for step in range(250):
            if step % repeat == 0:
                request = adversary(rng, motion.q)
            verdict = guard.filter(motion.q, motion.qd, request)
            assert not verdict.outside
            assert verdict.velocity[5] == 0.0 and max(map(abs, verdict.velocity)) <= CONFIG.max_velocity
            # The controller takes the command up after its next step; a late tick comes in between.
            motion.step()
            worst = max(worst, overshoot(motion.q))
            if timing == 'one step late' and rng.random() < 0.3:
                motion.step()
            motion.speed(verdict.velocity, CONFIG.acceleration)
            for _ in range(
                rng.integers(0, STALL_STEPS) if timing == 'stalling' and rng.random() < 0.1 else 0
            ):
                motion.step()
                worst = max(worst, overshoot(motion.q))
        motion.brake(CONFIG.acceleration)  # whatever ends the commands, braking stays inside
        while not motion.at_rest:
            motion.step()
            worst = max(worst, overshoot(motion.q))
    assert worst <= TOLERANCE


def drive(q, request, steps):
    guard, motion = Guard(CONFIG), JointMotion(q, PERIOD)
    verdicts = []
    for _ in range(steps):
        verdicts.append(guard.filter(motion.q, motion.qd, request))
        motion.speed(verdicts[-1].velocity, CONFIG.acceleration)
        motion.step()
    return motion, verdicts


@pytest.mark.parametrize(('model', 'counted'), [('ur5', 6), ('ur5e', 18)])
def test_every_command_that_may_still_act_is_reckoned_with(model, counted, monkeypatch):
    """Two in each control step, for as many steps as a packet or a reading may be late."""
    guard = Guard(GuardConfig(robot_model=model))
    home = MODELS[model].home
    seen = []
    states = guard._reserve.states
    monkeypatch.setattr(
        guard._reserve, 'states', lambda q, qd, sent: seen.append(sent) or states(q, qd, sent)
    )
    speeds = [0.001 * number for number in range(1, 40)]
    for speed in speeds:
        guard.filter(home, (0.0,) * 6, (speed, 0.0, 0.0, 0.0, 0.0, 0.0))
    assert [command[0] for command in seen[-1]] == pytest.approx(speeds[-1 - counted : -1])


def test_far_from_the_bounds_a_request_passes_unchanged():
    request = (0.05, 0.3, -0.2, 0.1, -0.1, 0.0)
    _, verdicts = drive(HOME, request, 60)
    assert all(verdict.velocity == request and not verdict.intervened for verdict in verdicts)


def test_too_fast_is_clipped_and_the_last_wrist_joint_stands_still():
    verdict = Guard(CONFIG).filter(HOME, [0.0] * 6, (0.0, 2.0, 0.0, 0.0, 0.0, 0.5))
    assert verdict.velocity == (0.0, 0.7, 0.0, 0.0, 0.0, 0.0)
    assert verdict.intervened


def test_the_arm_reaches_a_joint_bound_and_stays_there():
    motion, verdicts = drive(HOME, (0.0, -0.7, 0.0, 0.0, 0.0, 0.0), 600)
    assert 4e-4 < motion.q[1] - CONFIG.joint_low[1] < 2e-3
    assert verdicts[-1].intervened


@pytest.mark.parametrize(('model', 'face'), [*(('ur5', face) for face in range(6)), ('ur5e', 2)])
def test_the_arm_comes_near_each_face_of_a_box_and_slides_along_it(model, face):
    start = np.add(MODELS[model].home, (0.0, 0.35, 0.0, -0.3, 0.0, 0.0))
    centre = np.array(Guard(GuardConfig(robot_model=model)).bounds.tool.position(start))
    low, high = tuple(centre - 0.06), tuple(centre + 0.06)
    config = GuardConfig(robot_model=model, box_low=low, box_high=high)
    guard, motion = Guard(config), JointMotion(start, config.control_period_s)
    tool, outward = guard.bounds.tool, np.zeros(3)
    outward[face % 3] = 1.0 if face < 3 else -1.0
    velocity = 0.2 * outward + 0.05 * np.roll(np.abs(outward), 1)  # [m/s] towards the face, and along it
    for _ in range(round(0.8 / config.control_period_s)):
        rows = tool.jacobian(motion.q)[:, :5]
        rates = rows.T @ np.linalg.solve(rows @ rows.T + 1e-4 * np.eye(3), velocity)
        motion.speed(guard.filter(motion.q, motion.qd, (*rates, 0.0)).velocity, config.acceleration)
        motion.step()
    room = 0.06 - outward @ (np.array(tool.position(motion.q)) - centre)
    speed = np.linalg.norm((1.0 - np.abs(outward)) * (tool.jacobian(motion.q) @ motion.qd))
    assert 0.0 < room < 0.01 and speed > 0.03


def test_braking_is_zero_velocity_and_counts_as_sent():
    guard = Guard(CONFIG)
    for _ in range(10):
        guard.filter(HOME, (0.0,) * 6, (0.3, 0.0, 0.0, 0.0, 0.0, 0.0))
    assert guard.brake() == (0.0,) * 6 and guard._sent[-1] == (0.0,) * 6


@pytest.mark.parametrize(
    'start',
    [
        (1.5707, -2.2, 1.9, -3.0415, -1.5707, 3.1415),  # shoulder lift 0.11 rad too low
        (0.9, -2.0, 1.9, -3.0415, -1.5707, 3.1415),  # pan too low
        (1.5707, -0.6, 1.0, -3.0415, -1.5707, 3.1415),  # flange below and in front of the box
        (1.5707, -1.6, 0.2, -3.0415, -1.5707, 3.1415),  # flange above it
    ],
)
def test_an_arm_outside_is_brought_back_slowly_whatever_is_asked_for(start):
    assert overshoot(start) > 0.02
    outward = (0.0, -0.7, 0.7, 0.7, 0.0, 0.0)
    guard, motion = Guard(CONFIG), JointMotion(start, PERIOD)
    for _ in range(3000):
        verdict = guard.filter(motion.q, motion.qd, outward)
        if not verdict.outside:
            break
        assert max(map(abs, verdict.velocity)) <= CONFIG.return_velocity + 1e-12
        motion.speed(verdict.velocity, CONFIG.acceleration)
        motion.step()
    assert overshoot(motion.q) < 0.0


@pytest.mark.parametrize('joint', range(6))
def test_a_reading_that_is_no_number_brakes(joint):
    broken = list(HOME)
    broken[joint] = float('nan')
    assert Guard(CONFIG).filter(broken, (0.0,) * 6, (0.1,) * 6).velocity == (0.0,) * 6
    rates = [0.0] * 6
    rates[joint] = float('nan')
    assert Guard(CONFIG).filter(HOME, rates, (0.1,) * 6).velocity == (0.0,) * 6


def test_a_moving_arm_outside_first_comes_to_rest():
    start = (1.5707, -2.2, 1.9, -3.0415, -1.5707, 3.1415)
    assert Guard(CONFIG).filter(start, (0.0, -0.3, 0.0, 0.0, 0.0, 0.0), (0.0,) * 6).velocity == (0.0,) * 6


def test_the_passed_bound_has_a_name():
    guard = Guard(CONFIG)
    at_its_bound = (HOME[0], CONFIG.joint_low[1], *HOME[2:])
    assert guard.bounds.passed(HOME) == guard.bounds.passed(at_its_bound) == ''
    assert guard.bounds.passed((1.5707, -2.2, 1.9, -3.0415, -1.5707, 3.1415)) == 'shoulder_lift_joint'
    assert guard.bounds.passed((1.5707, -1.6, 0.2, -3.0415, -1.5707, 3.1415)) == 'flange z'


@pytest.mark.parametrize(
    ('request_', 'message'),
    [
        ([0.0] * 5, 'holds 5 numbers; send 6'),
        ([0.0] * 5 + [float('nan')], 'must be finite'),
        ([float('inf')] + [0.0] * 5, 'must be finite'),
        ([1e3] + [0.0] * 5, 'within 100'),
    ],
)
def test_what_is_no_velocity_command_is_refused(request_, message):
    with pytest.raises(ValueError, match=message):
        checked_request(request_)


def test_the_bounds_are_those_of_the_specification():
    assert np.degrees(CONFIG.joint_low) == pytest.approx([55, -120, 0, -215, -135, 50])
    assert np.degrees(CONFIG.joint_high) == pytest.approx([125, -30, 135, -135, -45, 190])
    assert (CONFIG.box_low, CONFIG.box_high) == ((-0.4, 0.1, 0.1), (0.4, 0.8, 0.8))
    assert (CONFIG.max_velocity, CONFIG.return_velocity) == (0.7, 0.1)
    assert (CONFIG.acceleration, CONFIG.stop_deceleration) == (1.4, 1.4)
    assert (CONFIG.servo_watchdog_s, CONFIG.control_period_s, CONFIG.longest) == (0.04, 0.008, 7)


def test_a_joint_may_have_a_whole_turn_either_way_and_hardly_more():
    GuardConfig(joint_low=(-2 * np.pi,) * 6, joint_high=(2 * np.pi,) * 6)
    for name, beyond in (('joint_low', -7.01), ('joint_high', 7.01)):
        with pytest.raises(ValueError, match=f'{name} .*allowed is -7 to 7'):
            GuardConfig(**{name: (beyond,) * 6})


@pytest.mark.parametrize(
    ('name', 'low', 'high'),
    [
        ('max_velocity', 0.01, 1.5),
        ('return_velocity', 0.01, 0.2),
        ('acceleration', 0.1, 5.0),
        ('stop_deceleration', 0.1, 40.0),
        ('servo_watchdog_s', 0.016, 0.2),
    ],
)
def test_beyond_its_range_no_limit_is_taken(name, low, high):
    for taken, beyond in ((low, 0.99 * low), (high, 1.01 * high)):
        GuardConfig(**{name: taken})
        with pytest.raises(ValueError, match=f'{name} is {beyond}; allowed is {low} to {high}'):
            GuardConfig(**{name: beyond})


@pytest.mark.parametrize(
    ('values', 'message'),
    [
        ({'joint_low': (0.0, 0.0)}, 'give 6'),
        ({'box_low': (0.5, 0.1, 0.1)}, 'each low must be below its high'),
        ({'box_low': (0.381, 0.1, 0.1)}, 'each low must be below its high'),  # by more than 0.02
        ({'box_low': (-1.51, 0.1, 0.1)}, 'box_low is -1.51; allowed is -1.5 to 1.5'),
        ({'box_high': (0.4, 0.8, 1.51)}, 'box_high is 1.51; allowed is -1.5 to 1.5'),
        ({'tool_offset': (0.0, -1.01, 0.0)}, 'tool_offset is -1.01; allowed is -1.0 to 1.0'),
        ({'tool_offset': (0.0, 0.0, 1.01)}, 'tool_offset is 1.01; allowed is -1.0 to 1.0'),
        ({'tool_offset': (0.0, 0.1)}, 'tool_offset holds 2 numbers; give 3'),
        ({'max_velocity': 3.0}, 'max_velocity is 3.0; allowed is 0.01 to 1.5'),
    ],
)
def test_impossible_bounds_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        GuardConfig(**values)
    widest = {'box_low': (-1.5,) * 3, 'box_high': (1.5,) * 3, 'tool_offset': (-1.0, 0.0, 1.0)}
    GuardConfig(**widest)
    GuardConfig(box_low=(0.379, 0.1, 0.1))
