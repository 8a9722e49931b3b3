"""What the arm behind the controller does: ideal, before a screen, or simulated by somebody else."""

from collections import deque

import numpy as np
import pytest

from ur5_cell import rtde_outputs
from ur5_cell.joint_state_ring import JointState, JointStateRing, StaleJointState
from ur5_cell.robot import NORMAL, PROTECTIVE, Robot
from ur5_cell.robot_config import RobotConfig
from ur5_cell.simulated_arm import STIFFNESS, IdealArm, MeasuredArm, Screen
from ur5_rl_env.arm_shapes import camera
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.scene_config import MONITOR_CENTRE

KINEMATICS = Kinematics(UR5)

PERIOD_NS = 8_000_000
NEAR = 0.85
"""y of a screen that the arm can reach [m]; at the default distance it cannot."""
SCREEN = Screen((MONITOR_CENTRE[0], NEAR, MONITOR_CENTRE[2]), 0.53, 0.298, KINEMATICS)
STRETCHED = (1.5707, -0.396, -0.010, -2.347, -1.5707, 3.1415)
TOWARDS_SCREEN = [0.3 * (b - a) for a, b in zip(UR5.home, STRETCHED, strict=True)]


def front_of_camera(q):
    """The farthest points of the camera and its lens, from their shapes, in base_link."""
    box, lens = camera(UR5)
    corners = [
        (*(c + i * s / 2 for c, s, i in zip(box.centre[:2], box.size[:2], (x, y), strict=True)), front)
        for x in (-1, 1)
        for y in (-1, 1)
        for front in (box.centre[2] + box.size[2] / 2,)
    ]
    shift = np.eye(4)
    shift[2, 3] = -UR5.d6
    pose = KINEMATICS.base_link_from_tool0(q) @ shift
    return [(pose @ (*corner, 1.0))[:3] for corner in (*corners, lens.end)]


def test_the_screen_is_touched_where_the_camera_reaches_it():
    rng = np.random.default_rng(0)
    found = [0, 0]
    for _ in range(3000):
        q = np.array(STRETCHED) + rng.uniform(-0.3, 0.3, 6)
        points = front_of_camera(q)
        expected = any(
            y >= SCREEN.centre[1]
            and abs(x - SCREEN.centre[0]) <= SCREEN.width / 2
            and abs(z - SCREEN.centre[2]) <= SCREEN.height / 2
            for x, y, z in points
        )
        assert SCREEN.is_touched(q) is expected
        found[expected] += 1
    assert min(found) > 20


class Told:
    """A robot that moves towards the screen; `step` until it stops."""

    def __init__(self, arm, **config):
        self.lines = []
        self.robot = Robot(RobotConfig(**config), self.lines.append, arm)
        self.robot.motion.speed(TOWARDS_SCREEN, 1.4)

    def until(self, condition, limit=2000):
        for _ in range(limit):
            self.robot.step()
            if condition(self.robot):
                return self.robot
        raise AssertionError(f'not within {limit} steps; {self.lines}')


def test_an_ideal_arm_is_at_its_target():
    robot = Told(IdealArm(UR5.home)).robot
    for _ in range(50):
        robot.step()
        assert list(robot.q) == robot.motion.q and list(robot.qd) == robot.motion.qd
    names = ['actual_q', 'target_q', 'actual_TCP_pose', 'target_TCP_pose']
    values = np.array(rtde_outputs.make_sampler(names)(robot)).reshape(4, 6)
    assert (values[0] == values[1]).all() and (values[2] == values[3]).all()


def test_the_screen_stops_the_arm_and_the_controller_knows_it_by_the_joint_that_does_not_follow():
    told = Told(IdealArm(UR5.home, SCREEN))
    robot = told.until(lambda robot: list(robot.q) != robot.motion.q)
    contact = list(robot.q)
    assert not SCREEN.is_touched(contact) and SCREEN.is_touched(robot.motion.q)
    assert robot.safety_mode == NORMAL and not any(robot.qd)
    told_of = {'actual': (contact, (0.0,) * 6), 'target': (robot.motion.q, robot.motion.qd)}
    fields = [f'{of}_{field}' for of in told_of for field in ('q', 'qd', 'TCP_pose', 'TCP_speed')]
    values = np.array(rtde_outputs.make_sampler(fields)(robot)).reshape(2, 4, 6)
    for found, (q, qd) in zip(values, told_of.values(), strict=True):
        assert (found[0] == q).all() and (found[1] == qd).all()
        assert found[2, :3] == pytest.approx(KINEMATICS.controller_from_tool0(q)[:3, 3], abs=1e-9)
        assert found[3] == pytest.approx(KINEMATICS.flange_velocity(q, qd), abs=1e-12)
    told.until(lambda robot: robot.safety_mode == PROTECTIVE)
    assert told.lines == [
        'protective stop: joint 2 is 0.20 rad from its target (limit 0.20); what is in its way?'
    ]
    for _ in range(1000):
        robot.step()
    assert list(robot.q) == robot.motion.q == contact  # it does not go on pressing
    robot.motion.brake(4.0)  # as the end of a program does
    assert robot.release_protective_stop() == 0.0
    for _ in range(100):
        robot.step()
    assert robot.safety_mode == NORMAL and list(robot.q) == contact
    robot.motion.move(UR5.home, 1.0, 1.4)
    told.until(lambda robot: list(robot.q) == pytest.approx(UR5.home, abs=1e-12))


def test_an_arm_that_is_in_the_screen_can_leave_it():
    robot = Told(IdealArm(STRETCHED, SCREEN), start_joints=STRETCHED).robot
    assert SCREEN.is_touched(STRETCHED)
    robot.motion.move(UR5.home, 1.0, 1.4)
    for _ in range(50):
        robot.step()
        assert list(robot.q) == robot.motion.q


def test_how_far_a_joint_may_be_from_its_target_is_a_setting():
    told = Told(IdealArm(UR5.home, SCREEN), following_limit=0.05)
    told.until(lambda robot: robot.safety_mode == PROTECTIVE)
    assert '0.05 rad from its target (limit 0.05)' in told.lines[0]


class Simulator:
    """Integrates what it is sent, `delay` control steps late; its measurements come `age` steps late."""

    def __init__(self, q=UR5.home, delay=2, age=2):
        self.now = 1_000_000_000
        self.rings = JointStateRing.create(), JointStateRing.create()
        self.q, self.qd = np.array(q, float), np.zeros(6)
        self.blocked = self.stopped = False
        self._sent = deque([np.zeros(6)] * delay, maxlen=delay + 1)
        self._measured = deque(maxlen=age + 1)
        self.measure()

    def measure(self):
        self._measured.append(JointState(self.now, tuple(self.q), tuple(self.qd), 0))
        self.rings[0].write(self._measured[0])

    def step(self):
        """One control period, after the controller's step at its begin."""
        self.now += PERIOD_NS
        self._sent.append(np.array(self.rings[1].latest().qd))
        if self.stopped:
            return
        self.qd = np.zeros(6) if self.blocked else self._sent[0]
        self.q = self.q + 1e-9 * PERIOD_NS * self.qd
        self.measure()

    def close(self):
        for ring in self.rings:
            ring.close()


@pytest.fixture
def simulator():
    made = Simulator()
    yield made
    made.close()


def run(robot, simulator, steps):
    for _ in range(steps):
        robot.step()
        simulator.step()


def simulated(simulator):
    lines = []
    return Robot(RobotConfig(), lines.append, MeasuredArm(*simulator.rings, lambda: simulator.now)), lines


def test_a_simulated_arm_arrives_where_it_is_told_in_spite_of_delays(simulator):
    robot, lines = simulated(simulator)
    goal = np.array(UR5.home) + (0.5, -0.3, 0.2, 0.1, -0.2, 0.0)
    robot.motion.move(goal, 1.05, 1.4)
    lags = []
    while not robot.motion.at_rest:
        run(robot, simulator, 1)
        lags.append(max(abs(np.array(robot.q) - robot.motion.q)))
    assert max(lags) < 0.03
    run(robot, simulator, 120)
    assert simulator.q == pytest.approx(goal, abs=1e-4) and not lines
    assert robot.q == pytest.approx(simulator.q, abs=1e-4)


def test_velocities_of_speedj_are_those_of_the_joints(simulator):
    robot, lines = simulated(simulator)
    robot.motion.speed((0.28, -0.14, 0.0, 0.0, 0.0, 0.0), 1.4)
    run(robot, simulator, 300)
    assert simulator.qd == pytest.approx((0.28, -0.14, 0.0, 0.0, 0.0, 0.0), abs=1e-3)
    assert robot.qd == pytest.approx(simulator.qd, abs=1e-3) and not lines


def test_what_is_lost_on_the_way_is_made_up_for(simulator):
    robot, _ = simulated(simulator)
    simulator.q += 0.05  # as after steps in which nothing was integrated
    run(robot, simulator, 1)
    sent = simulator.rings[1].latest()
    assert sent.q == pytest.approx(UR5.home) and sent.qd == pytest.approx([0.0] * 6)
    run(robot, simulator, 4)
    assert simulator.rings[1].latest().qd == pytest.approx([-0.05 * STIFFNESS] * 6, rel=0.1)
    run(robot, simulator, 300)
    assert simulator.q == pytest.approx(UR5.home, abs=1e-3)


@pytest.mark.parametrize('trouble', ['blocked', 'stopped'])
def test_joints_that_do_not_follow_are_a_protective_stop(simulator, trouble):
    robot, lines = simulated(simulator)
    robot.motion.speed((0.7, 0.0, 0.0, 0.0, 0.0, 0.0), 1.4)
    run(robot, simulator, 100)
    setattr(simulator, trouble, True)
    run(robot, simulator, 100)
    assert robot.safety_mode == PROTECTIVE
    assert lines == ['protective stop: joint 0 is 0.20 rad from its target (limit 0.20); what is in its way?']
    assert robot.motion.q == pytest.approx(robot.q)
    assert any(robot.motion._target)  # what was commanded goes on when the stop is released
    assert max(map(abs, simulator.rings[1].latest().qd)) < 1e-6  # and nothing presses any more


def test_a_stop_that_is_asked_for_brakes_a_simulated_arm_as_an_ideal_one(simulator):
    robot, _ = simulated(simulator)
    robot.motion.speed((0.7, 0.0, 0.0, 0.0, 0.0, 0.0), 1.4)
    run(robot, simulator, 100)
    robot.protective_stop('asked for')
    rates = []
    for _ in range(10):
        run(robot, simulator, 1)
        rates.append(robot.motion.qd[0])
    ramp = [max(0.7 - 12.0 * 0.008 * (i + 1), 0.0) for i in range(10)]
    assert rates == pytest.approx(ramp, abs=1e-9)
    run(robot, simulator, 50)
    assert robot.motion.q == pytest.approx(robot.q, abs=1e-9)


def test_the_controller_begins_where_the_simulated_arm_is():
    elsewhere = Simulator(q=np.array(UR5.home) + 0.1)
    robot, _ = simulated(elsewhere)
    assert robot.q == pytest.approx(elsewhere.q) and robot.motion.q == pytest.approx(elsewhere.q)
    run(robot, elsewhere, 50)
    assert elsewhere.q == pytest.approx(np.array(UR5.home) + 0.1, abs=1e-12)
    elsewhere.close()


def test_without_a_measurement_there_is_no_arm():
    rings = JointStateRing.create(), JointStateRing.create()
    with pytest.raises(StaleJointState, match='no joint state has been written yet'):
        MeasuredArm(*rings)
    for ring in rings:
        ring.close()
