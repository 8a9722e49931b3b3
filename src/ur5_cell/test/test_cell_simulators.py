"""What stands behind the controller and how it starts: messages to and from Gazebo, MuJoCo's screen."""

import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
from sensor_msgs.msg import JointState as JointStateMsg

from ur5_cell import gazebo_simulator, mujoco_simulator
from ur5_cell.cell_config import SimulatedCameraConfig
from ur5_cell.controller_process import child_environment
from ur5_cell.gazebo_relay import GazeboRelay
from ur5_cell.joint_state_ring import JointState
from ur5_cell.sensor_delay import DelayConfig, DelayLine
from ur5_cell.simulator import Cell
from ur5_rl_env.robot_models import UR5
from ur5_rl_graph import polled, topics
from ur5_rl_graph.data import JOINT_NAMES
from ur5_rl_graph.messages import msg_from_image, time_from_ns

CAMERA = SimulatedCameraConfig(image_width=16, image_height=9, monitor_y=1.1, screen_width=0.6)
PICTURE = np.random.default_rng(0).integers(0, 256, (9, 16, 3), dtype=np.uint8)


class Node:
    """Takes down what is published, and hands out what waits, by topic."""

    def __init__(self):
        self.published, self.waiting = [], {}

    def create_publisher(self, kind, name, qos, **words):
        return type(
            'Publisher', (), {'publish': lambda _, message: self.published.append((name, message.data))}
        )()

    def create_subscription(self, kind, name, callback, qos, **words):
        self.waiting[name] = []
        return name

    def take(self, name):
        return self.waiting[name].pop(0) if self.waiting[name] else None


class Turns:
    """An event that is set after so many turns; before each of them something happens."""

    def __init__(self, *before):
        self._before = list(before)

    def wait(self, seconds):
        if not self._before:
            return True
        self._before.pop(0)()
        return False


@pytest.fixture
def gazebo(monkeypatch):
    """(simulator, node, relay, pictures, target), without ROS."""
    node, pictures, target = Node(), [], {'at': None}
    monkeypatch.setattr(polled, 'take', node.take)
    cell = Cell(pictures.append, lambda stamp: target['at'], lambda kind, line: pytest.fail(line))
    relay = GazeboRelay(cell, CAMERA, DelayLine(DelayConfig(camera_delay_ms=0.0), np.random.default_rng(0)))
    yield gazebo_simulator.GazeboSimulator(node, relay, films=True), node, relay, pictures, target
    for ring in relay.rings:
        ring.close()


def joint_states(sim_ns, angles=(0.0,) * 6):
    message = JointStateMsg(name=list(JOINT_NAMES), position=list(angles), velocity=[0.0] * 6)
    message.header.stamp = time_from_ns(sim_ns)
    return message


VELOCITIES = [f'gazebo/{joint}/velocity' for joint in JOINT_NAMES]


def test_what_the_controller_commands_is_sent_once_a_step_with_the_disc(gazebo):
    simulator, node, relay, _, target = gazebo
    rates = (0.1, -0.2, 0.3, -0.4, 0.5, -0.6)

    def command():
        relay.rings[1].write(JointState(1, UR5.home, rates, 0))

    def command_with_a_target():
        target['at'] = (0.2, -0.1)
        command()

    simulator.run(None, Turns(command, lambda: None, command_with_a_target))
    sent = list(zip(VELOCITIES, rates, strict=True))
    disc = [('gazebo/disc/right', 0.2), ('gazebo/disc/up', -0.1)]
    at_the_end = [(name, 0.0) for name in VELOCITIES]
    assert node.published == [*sent, *sent, *disc, *at_the_end]


def test_joint_states_and_frames_come_in(gazebo):
    simulator, node, relay, pictures, _ = gazebo
    image = msg_from_image(PICTURE, 1_000_000, 'gazebo')

    def arrive():
        node.waiting[topics.GAZEBO_JOINT_STATES.name] += [joint_states(0), joint_states(4_000_000, [0.1] * 6)]
        node.waiting[topics.GAZEBO_IMAGE.name].append(image)

    simulator.run(None, Turns(arrive))
    assert relay.rings[0].written == 2
    assert relay.rings[0].latest().q == pytest.approx(np.array(UR5.home) + 0.1)
    assert (pictures[0].pixels == PICTURE).all()
    assert simulator.losses() == {'frames without a time': 0, 'messages refused': 0}


def test_where_nobody_wants_pictures_none_are_subscribed_to(gazebo):
    node = Node()
    gazebo_simulator.GazeboSimulator(node, gazebo[2], films=False)
    assert list(node.waiting) == [topics.GAZEBO_JOINT_STATES.name]


def test_the_controller_starts_when_gazebo_has_measured_the_arm(gazebo, monkeypatch):
    simulator, node, relay, _, _ = gazebo
    started, slept = [], []

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 3:
            node.waiting[topics.GAZEBO_JOINT_STATES.name].append(joint_states(0))

    monkeypatch.setattr(gazebo_simulator.time, 'sleep', sleep)
    monkeypatch.setattr(
        gazebo_simulator, 'ControllerProcess', lambda *words, **more: started.append((words, more))
    )
    simulator.start_controller('127.0.0.9', 30099, ['--run-identity', 'x'])
    more = {'fault_port': 30099, 'simulated_by': relay.rings, 'arguments': ['--run-identity', 'x']}
    assert started == [(('127.0.0.9',), more)] and len(slept) == 3


def test_a_gazebo_that_says_nothing_is_one_clear_line(gazebo, monkeypatch):
    simulator, *_ = gazebo
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(gazebo_simulator.time, 'monotonic', lambda: float(next(clock)))
    monkeypatch.setattr(gazebo_simulator.time, 'sleep', lambda seconds: None)
    with pytest.raises(OSError, match='no joint states from Gazebo in 60 s; do gz sim and ros_gz_bridge run'):
        simulator.start_controller('127.0.0.9', 30099, [])


def test_a_cell_that_draws_nothing_needs_no_opengl():
    code = (
        'import sys, ur5_cell.nodes.robot_cell, ur5_cell.mujoco_simulator; assert "mujoco" not in sys.modules'
    )
    found = subprocess.run(
        [sys.executable, '-c', code], env=child_environment(), capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr


def test_mujocos_arm_knows_the_screen_of_its_room(monkeypatch):
    started = []
    monkeypatch.setattr(
        mujoco_simulator, 'ControllerProcess', lambda *words, **more: started.append((words, more))
    )
    simulator = mujoco_simulator.MujocoSimulator(None, CAMERA, 0.04, None, None)
    simulator.start_controller('127.0.0.9', 30099, ['--run-identity', 'x'])
    screen = ['--screen', '-0.109', '1.1', '0.609', '0.6', '0.298']
    more = {'fault_port': 30099, 'arguments': ['--run-identity', 'x', *screen]}
    assert started == [(('127.0.0.9',), more)]
    assert simulator.losses() == {}
