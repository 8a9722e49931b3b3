"""What goes between the controller and Gazebo: by name, in this host's time, from home."""

import numpy as np
import pytest

from ur5_cell.cell_config import SimulatedCameraConfig
from ur5_cell.gazebo_relay import GazeboRelay
from ur5_cell.joint_state_ring import JointState
from ur5_cell.sensor_delay import DelayConfig, DelayLine
from ur5_cell.simulator import Cell
from ur5_rl_env.robot_models import UR5
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import JOINT_NAMES

NS = 1_000_000_000
SET = 1_700_000_000 * NS  # the system clock minus the monotonic one


class World:
    """A relay on a clock that stands at `now` [s]."""

    def __init__(self, delay_ms=8.0, **camera):
        self.now = 50.0
        self.delivered, self.said = [], []
        cell = Cell(self.delivered.append, lambda stamp: (1e-9 * (stamp - SET), 0.5), self.complain)
        config = SimulatedCameraConfig(image_width=16, image_height=9, **camera)
        line = DelayLine(DelayConfig(camera_delay_ms=delay_ms), np.random.default_rng(0))
        clock = Clock(lambda: self.now, lambda: SET + round(self.now * NS))
        self.relay = GazeboRelay(cell, config, line, clock)

    def complain(self, kind, text):
        self.said.append((kind, text))

    def measure(self, sim_s, angles=(0.0,) * 6, rates=(0.0,) * 6, names=JOINT_NAMES):
        self.relay.on_joint_states(round(sim_s * NS), names, angles, rates)

    @property
    def measured(self):
        return self.relay.rings[0].latest()


@pytest.fixture
def world():
    made = World()
    yield made
    for ring in made.relay.rings:
        ring.close()


def test_joints_are_known_by_name_and_counted_from_home(world):
    order = [3, 5, 0, 1, 4, 2]
    angles, rates = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), np.arange(6.0)
    names = [JOINT_NAMES[i] for i in order]
    world.measure(1.0, [*angles[order], 9.0], [*rates[order], 9.0], [*names, 'another'])
    assert world.measured.q == pytest.approx(np.array(UR5.home) + angles)
    assert world.measured.qd == pytest.approx(rates)
    assert world.measured.monotonic_ns == 50 * NS


def test_joint_states_that_lack_a_joint_are_refused_and_counted(world):
    world.measure(1.0, (0.0,) * 5, (0.0,) * 5, JOINT_NAMES[:5])
    world.measure(1.0, (0.0,) * 6, (0.0,) * 5)
    assert not world.relay.rings[0].written and world.relay.refused == 2
    assert {kind for kind, _ in world.said} == {'joints'} and JOINT_NAMES[5] in world.said[0][1]


@pytest.mark.parametrize('wrong', [np.nan, np.inf])
@pytest.mark.parametrize('joint', [0, 3])
def test_numbers_that_are_none_are_refused_and_counted(world, joint, wrong):
    spoilt = [wrong if i == joint else 0.0 for i in range(6)]
    world.measure(1.0, angles=spoilt)
    world.measure(1.0, rates=spoilt)
    assert not world.relay.rings[0].written and world.relay.refused == 2
    assert 'not finite' in world.said[0][1]


def test_measurements_have_the_time_at_which_they_were_made_and_never_go_back(world):
    world.measure(1.000)
    world.now += 0.038
    world.measure(1.008)  # 30 ms late
    assert world.measured.monotonic_ns == 50 * NS + 8_000_000
    world.now += 0.001
    world.measure(1.008)
    assert world.measured.monotonic_ns == 50 * NS + 8_000_001  # the same instant twice
    assert world.relay.rings[0].at(50 * NS + 4_000_000).q == pytest.approx(UR5.home)


def test_a_frame_has_the_time_of_its_capture_and_its_delay(world):
    world.measure(1.0)
    pixels = np.arange(9 * 16 * 3, dtype=np.uint8).reshape(9, 16, 3)
    world.now += 0.005
    world.relay.on_picture(round(1.002 * NS), pixels)
    world.relay.deliver()
    assert not world.delivered
    world.now += 0.006  # 9 ms after the capture
    world.relay.deliver()
    (picture,) = world.delivered
    assert picture.stamp_ns == pytest.approx(SET + 50 * NS + 2_000_000, abs=2)
    assert (picture.pixels == pixels).all()


def test_a_frame_that_came_late_is_delivered_at_once(world):
    world.measure(1.0)
    world.now += 0.03
    world.relay.on_picture(round(1.002 * NS), np.zeros((9, 16, 3), np.uint8))
    world.relay.deliver()
    assert len(world.delivered) == 1


def test_a_frame_before_any_joint_state_has_no_time_and_is_counted(world):
    world.relay.on_picture(NS, np.zeros((9, 16, 3), np.uint8))
    assert world.relay.untimed == 1 and not world.said


def test_frames_of_another_world_are_refused_and_counted(world):
    world.measure(1.0)
    world.relay.on_picture(NS, np.zeros((90, 160, 3), np.uint8))
    assert world.relay.refused == 1
    assert world.said == [('size', "Gazebo's frames have 160x90 pixels, not 16x9: another world?")]


def test_a_strided_frame_is_drawn_large_and_thinned_out():
    world = World(0.0, strided=True)
    world.measure(1.0)
    large = np.random.default_rng(0).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    world.relay.on_picture(NS, large)
    world.relay.deliver()
    assert (world.delivered[0].pixels == large[::40, ::40]).all()
    for ring in world.relay.rings:
        ring.close()


def test_each_command_of_the_controller_is_sent_once(world):
    assert world.relay.command() is None
    rates = (0.1, -0.2, 0.3, -0.4, 0.5, -0.6)
    world.relay.rings[1].write(JointState(1, UR5.home, rates, 0))
    assert world.relay.command() == rates and world.relay.command() is None
    world.relay.rings[1].write(JointState(2, UR5.home, rates, 0))
    assert world.relay.command() == rates


def test_the_disc_is_where_the_target_is_now(world):
    assert world.relay.disc() == pytest.approx((50.0, 0.5))
    world.now += 0.25
    assert world.relay.disc() == pytest.approx((50.25, 0.5))
