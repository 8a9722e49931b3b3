"""The arm in virtual time."""

import numpy as np
import pytest

from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.arm_packets import Request
from ur5_rl_env.executed import Executed
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.readiness import ArmState
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.watchdog import WatchdogConfig
from virtual_time.arm import VirtualArm
from virtual_time.ledger import Ledger
from virtual_time.scheduler import EPOCH_NS, Scheduler

SLOW = np.array([0.0, 0.05, 0.0, 0.0, 0.0])


class World:
    """An arm, its states, and time."""

    def __init__(self):
        self.scheduler, self.states = Scheduler(), []
        configs = ArmConfig(), GuardConfig(), WatchdogConfig()
        self.arm = VirtualArm(self.scheduler, self.states.append, *configs, Ledger())

    def command(self, velocity):
        self.arm.velocity(velocity, self.scheduler.now_ns)

    def run(self, seconds):
        end = self.scheduler.now_ns + round(1e9 * seconds)
        while self.scheduler.now_ns < end:
            self.scheduler.step()


def test_the_arm_starts_at_home_and_rests():
    world = World()
    world.run(1.0)
    np.testing.assert_allclose(world.arm.joints.position, UR5.home)
    assert not world.arm.joints.velocity.any()
    assert world.arm.joints.stamp_ns == EPOCH_NS + 1_000_000_000
    assert world.states == [ArmState.HOLDING]


def test_a_command_acts_after_the_next_control_step_and_ends_with_the_watchdog():
    world = World()
    world.run(0.1)
    world.command(SLOW)
    world.run(0.008)  # read by the controller's program
    assert not world.arm.joints.velocity.any()
    world.run(0.008)
    assert world.arm.joints.velocity[1] == pytest.approx(1.4 * 0.008)
    world.run(0.1)
    assert world.arm.joints.velocity[1] == pytest.approx(0.05)
    world.run(0.3)
    assert not world.arm.joints.velocity.any()
    assert world.states == [ArmState.HOLDING, ArmState.READY, ArmState.HOLDING]


def test_what_the_guard_made_of_a_command_is_told():
    world = World()
    world.run(0.1)
    assert world.arm.executed is None
    world.command(SLOW)
    stamp = world.scheduler.now_ns
    world.run(0.04)
    assert world.arm.executed == Executed(stamp, pytest.approx((*SLOW, 0.0)), False)
    world.command(100 * SLOW)
    world.run(0.04)
    assert world.arm.executed.velocity[1] == pytest.approx(0.7) and world.arm.executed.changed


def test_stop_and_home_answer_when_they_are_done():
    world, answers = World(), []
    for _ in range(20):
        world.command(10 * SLOW)
        world.run(0.04)
    assert abs(world.arm.joints.position[1] - UR5.home[1]) > 0.1
    world.arm.request(Request.STOP, lambda ok, text: answers.append(('stop', ok)))
    world.run(0.5)
    assert answers == [('stop', True)]
    world.arm.request(Request.HOME, lambda ok, text: answers.append(('home', ok)))
    world.run(0.1)
    assert answers == [('stop', True)]
    world.run(2.0)
    assert answers == [('stop', True), ('home', True)]
    np.testing.assert_allclose(world.arm.joints.position, UR5.home, atol=1e-6)
