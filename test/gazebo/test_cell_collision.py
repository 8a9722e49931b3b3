"""A protective stop by collision with the screen, which stands nearer than in any run: see docs/gazebo.md."""

import pytest

from ur5_cell.robot import NORMAL, PROTECTIVE
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.robot_models import UR5

ARM = Kinematics(UR5)

NEAR = 0.85
STRETCHED = (1.5707, -0.396, -0.010, -2.347, -1.5707, 3.1415)
"""The camera would be 4 cm behind that screen."""


def test_the_screen_stops_the_arm_and_the_controller_stops_the_program(make_cell):
    cell = make_cell(monitor_y=NEAR)
    robot = cell.robot
    robot.motion.speed([0.3 * (b - a) for a, b in zip(UR5.home, STRETCHED, strict=True)], 1.4)
    for _ in range(700):
        cell.step()
        if robot.safety_mode != NORMAL:
            break
    assert robot.safety_mode == PROTECTIVE  # by the distance from its target, or by its speed on the impact
    assert len(cell.lines) == 1 and cell.lines[0].startswith('protective stop: joint')
    reached = ARM.base_link_from_tool0(robot.q)[1, 3]
    assert NEAR - 0.08 < reached < NEAR
    robot.motion.brake(4.0)  # as the end of a program does
    for _ in range(round(robot.config.release_after / robot.period) + 1):
        cell.step()
    assert ARM.base_link_from_tool0(robot.q)[1, 3] == pytest.approx(reached, abs=cell.by + 1e-9)
    assert max(map(abs, robot.qd)) <= cell.by
    assert robot.release_protective_stop() == 0.0
    cell.go(UR5.home)
    assert robot.q == pytest.approx(UR5.home, abs=cell.by + 1e-9)
    assert robot.safety_mode == NORMAL
