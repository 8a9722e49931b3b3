"""One episode: a hand-written servo finds the disc by the pictures of the cell, through the guard."""

import numpy as np
import pytest

from benchmarks._visual_servo import VisualServo
from ur5_cell.robot import NORMAL
from ur5_rl_env.guard import Guard, GuardConfig
from ur5_rl_env.reward import Reward
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.task import TaskConfig

TASK = TaskConfig()
STEPS_A_CYCLE = round(TASK.action_cycle_s / 0.008)


def episode(cell, policy):
    """The return of an episode of TASK.episode_s, and the joints at its end."""
    cell.go(UR5.home)
    guard, reward, total = Guard(GuardConfig()), Reward(TASK), 0.0
    last = np.zeros(5)
    for _ in range(TASK.steps):
        q, picture = cell.picture()
        total += reward(picture, q)
        rates = np.array(cell.robot.qd[:5]) / TASK.max_joint_velocity
        last = policy(picture, np.concatenate([q[:5], rates, last]))
        for _ in range(STEPS_A_CYCLE):
            motion = cell.robot.motion
            allowed = guard.filter(motion.q, motion.qd, (*TASK.max_joint_velocity * last, 0.0))
            motion.speed(allowed.velocity, 1.4)
            cell.step()
    cell.robot.motion.brake(1.4)
    cell.settle()
    return total, np.array(cell.robot.q)


def test_an_episode_of_the_servo_returns_more_than_standing_still(make_cell):
    cell = make_cell()
    cell.target = (0.15, -0.08)
    still, at_home = episode(cell, lambda picture, proprio: np.zeros(5))
    assert at_home == pytest.approx(UR5.home, abs=cell.by + 1e-9)
    servo, _ = episode(cell, VisualServo().act)
    assert servo > 3 * still > 0
    assert cell.robot.safety_mode == NORMAL and not cell.lines
