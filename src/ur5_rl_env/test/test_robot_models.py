"""The arms that are known: the published numbers, their homes, and the guard of each around its own arm."""

import sys
import time
from math import pi
from pathlib import Path

import numpy as np
import pytest
from rtde_control import RTDEControlInterface
from rtde_receive import RTDEReceiveInterface

from ur5_cell.controller_process import ControllerProcess
from ur5_cell.motion import JointMotion
from ur5_rl_env.agreement import check_run
from ur5_rl_env.bounds import Bounds
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.examination import UnfitControllerError, check_model, examine
from ur5_rl_env.guard import RETURN_DEPTH, Guard, GuardConfig
from ur5_rl_env.kinematics import kinematics_of
from ur5_rl_env.robot_models import MODELS, UR5, UR5E

sys.path.insert(0, str(Path(__file__).parent))
from dh_product import link_poses
from own_address import own_address

PUBLISHED = {  # Universal Robots, DH parameters: d1, a2, a3, d4, d5, d6 [m] and link masses [kg]
    'ur5': ((0.089159, -0.425, -0.39225, 0.10915, 0.09465, 0.0823), (3.7, 8.393, 2.33, 1.219, 1.219, 0.1879)),
    'ur5e': ((0.1625, -0.425, -0.3922, 0.1333, 0.0997, 0.0996), (3.761, 8.058, 2.846, 1.37, 1.3, 0.365)),
}
ANGLES = np.random.default_rng(5).uniform(-pi, pi, (20, 6))


@pytest.mark.parametrize('name', PUBLISHED)
def test_the_numbers_are_those_that_universal_robots_has_published(name):
    m = MODELS[name]
    assert ((m.d1, m.a2, m.a3, m.d4, m.d5, m.d6), tuple(b.mass for b in m.bodies)) == PUBLISHED[name]
    assert (UR5.control_period_s, UR5E.control_period_s) == (0.008, 0.002)


@pytest.mark.parametrize('name', PUBLISHED)
def test_kinematics_and_bounds_have_the_flange_where_the_published_table_has_it(name):
    bounds = Bounds(GuardConfig(robot_model=name))
    for q in ANGLES:
        expected = link_poses(MODELS[name], q)[5]
        np.testing.assert_allclose(kinematics_of(name).base_link_from_tool0(q), expected, atol=1e-12)
        np.testing.assert_allclose(bounds.place(q)[6:], expected[:3, 3], atol=1e-12)
    np.testing.assert_allclose(
        bounds.tool.positions(ANGLES), [link_poses(MODELS[name], q)[5, :3, 3] for q in ANGLES], atol=1e-12
    )


def test_every_model_has_its_flange_at_the_same_pose_at_home():
    home = link_poses(UR5, UR5.home)[5]
    np.testing.assert_allclose(link_poses(UR5E, UR5E.home)[5], home, atol=1e-6)
    elsewhere = link_poses(UR5E, UR5.home)[5, :3, 3] - home[:3, 3]
    assert np.linalg.norm(elsewhere) == pytest.approx(0.0838, abs=1e-4)  # what a wrong model would do


def test_home_and_joint_bounds_are_the_models_own_unless_others_are_given():
    assert ArmConfig().home == UR5.home and ArmConfig(robot_model='ur5e').home == UR5E.home
    own = (1.5, -2.0, 2.0, -3.1, -1.5, 3.1)
    assert ArmConfig(robot_model='ur5e', home=own).home == own
    assert ArmConfig(robot_model='ur5e', home=UR5.home).home == UR5.home  # what is written wins always
    shown = GuardConfig(robot_model='ur5e', joint_low=UR5.joint_low)
    assert (shown.joint_low, shown.joint_high) == (UR5.joint_low, UR5E.joint_high)
    guard = GuardConfig(robot_model='ur5e')
    assert np.degrees(guard.joint_low) == pytest.approx([55, -125, 0, -215, -135, 50])
    assert np.degrees(guard.joint_high) == pytest.approx([125, -30, 135, -135, -45, 190])
    narrow = (1.0, -2.2, 0.1, -3.6, -2.3, 1.0)
    assert GuardConfig(robot_model='ur5e', joint_low=narrow).joint_low == narrow
    assert not Guard(guard).outside(UR5E.home, RETURN_DEPTH)


def test_a_run_has_one_arm():
    check_run({'/**': {'robot_model': 'ur5e'}})
    for node in ('/arm_driver', '/robot_cell', '/learner', '/left/environment'):
        check_run({'/**': {'robot_model': 'ur5e'}, node: {'robot_model': 'ur5e'}})
        line = f'robot_model of {node} is ur5e, that of every node ur5: a run has one arm'
        with pytest.raises(ValueError, match=line):
            check_run({'/**': {}, node: {'robot_model': 'ur5e'}})
    with pytest.raises(ValueError, match="robot_model is 'ur10'; choose one of: ur5, ur5e"):
        check_run({'/**': {'robot_model': 'ur10'}})


def test_the_controllers_period_is_the_models_and_no_other_is_taken():
    assert [GuardConfig(robot_model=name).control_period_s for name in MODELS] == [0.008, 0.002]
    GuardConfig(control_period_s=0.008)
    with pytest.raises(ValueError, match=r'control_period_s is 0.008 s, but a ur5e has 0.002; leave it out'):
        GuardConfig(robot_model='ur5e', control_period_s=0.008)


@pytest.mark.parametrize('seed', range(4))
def test_the_box_holds_a_ur5e_whatever_is_asked_for(seed):
    config = GuardConfig(robot_model='ur5e')
    rng, guard = np.random.default_rng(seed), Guard(config)
    motion, arm = JointMotion(UR5E.home, config.control_period_s), guard.bounds.tool
    low, high = (
        np.array([*config.joint_low, *config.box_low]),
        np.array([*config.joint_high, *config.box_high]),
    )
    worst = -1.0
    for step in range(1600):
        if step % 160 == 0:  # at a face of the box, as fast as it goes
            face = np.sign(arm.jacobian(motion.q)[rng.integers(3)]) * 0.7 * rng.choice([-1, 1])
        verdict = guard.filter(motion.q, motion.qd, face)
        motion.speed(verdict.velocity, config.acceleration)
        for _ in range(1 if rng.random() < 0.95 else config.longest):
            motion.step()
            place = np.array([*motion.q, *link_poses(UR5E, motion.q)[5, :3, 3]])
            worst = max(worst, np.max(low - place), np.max(place - high))
    assert -0.05 < worst <= 1e-3  # it has been at a bound, and not beyond


def until(reached, limit=60.0):
    end = time.monotonic() + limit
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_simulated_e_series_is_driven_by_ur_rtde_and_refused_to_a_ur5():
    with ControllerProcess(own_address('examination', 5), arguments=('--robot-model', 'ur5e')) as controller:
        found = examine(controller.host)
        assert (found.model, found.version[0]) == ('UR5e', 5)
        check_model(found, controller.host, 'ur5e')
        with pytest.raises(UnfitControllerError, match=r'is a UR5e with .* is ur5 .*robot_model:=ur5e'):
            check_model(found, controller.host, 'ur5')
        receive = RTDEReceiveInterface(
            controller.host
        )  # which asks an e-Series for all that it has, at 500 Hz
        np.testing.assert_allclose(receive.getActualQ(), UR5E.home)
        pose = np.array(receive.getActualTCPPose()[:3]) * (-1, -1, 1)
        np.testing.assert_allclose(pose, link_poses(UR5E, UR5E.home)[5, :3, 3], atol=1e-9)

        def step():
            steps = receive.getTimestamp() / 0.002
            assert steps == pytest.approx(round(steps), abs=1e-3)
            return round(steps)

        first = step()
        until(lambda: (step() - first) % 2)  # of those seen, a busy machine misses some
        assert receive.getFtRawWrench() == [0.0] * 6
        control = RTDEControlInterface(controller.host)
        goal = [*UR5E.home[:5], UR5E.home[5] - 0.05]
        assert control.moveJ(goal, 1.0, 1.0)
        until(lambda: receive.getActualQ() == pytest.approx(goal, abs=1e-6))  # a connection of its own
        control.stopScript()
        control.disconnect()
        receive.disconnect()
