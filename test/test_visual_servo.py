"""The hand-written servo on drawn discs and an ideal arm."""

import cv2
import numpy as np
import pytest

from benchmarks._visual_servo import VisualServo
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.reward import posture_error
from ur5_rl_env.robot_models import UR5

base_link_from_tool0 = Kinematics(UR5).base_link_from_tool0

SCREEN_Y = 0.95
FOCAL = 80 / np.tan(np.radians(30.0))  # of a picture 160 pixels wide


def picture(q, target):
    """The disc of radius 0.0232 m at `target` in base, seen square on: a circle."""
    pose = base_link_from_tool0(q)
    x, y, z = pose[:3, :3].T @ (np.array(target) - pose[:3, 3])
    frame = np.full((90, 160, 3), 240, np.uint8)
    centre = np.array([79.5 - FOCAL * x / z, 44.5 - FOCAL * y / z])
    sub_pixel = tuple(int(c) for c in np.round(centre * 16))
    cv2.circle(frame, sub_pixel, round(16 * FOCAL * 0.0232 / z), (0, 0, 230), -1, cv2.LINE_AA, shift=4)
    return frame


def proprio(q):
    return np.concatenate([q[:5], np.zeros(10)])


def test_a_target_to_the_right_and_above_is_approached():
    q = np.array(UR5.home)
    action = VisualServo().act(picture(q, (0.05, SCREEN_Y, 0.68)), proprio(q))
    assert np.abs(action).max() == pytest.approx(1.0)
    q[:5] += 0.05 * action
    before, after = (base_link_from_tool0(j)[:3, 3] for j in (np.array(UR5.home), q))
    assert (after > before).all()


def test_it_arrives_in_front_of_the_disc_and_square_to_the_screen():
    q, servo, target = np.array(UR5.home), VisualServo(distance=0.3), (-0.2, SCREEN_Y, 0.55)
    for _ in range(100):
        q[:5] += 0.04 * 0.7 * servo.act(picture(q, target), proprio(q))
    assert base_link_from_tool0(q)[:3, 3] == pytest.approx((-0.2, SCREEN_Y - 0.3, 0.55), abs=0.02)
    assert posture_error(q) < 0.01


def test_without_a_disc_it_stays_until_it_has_seen_one():
    q, servo = np.array(UR5.home), VisualServo()
    blank = np.full((90, 160, 3), 240, np.uint8)
    assert np.abs(servo.act(blank, proprio(q))).max() < 1e-2
    servo.act(picture(q, (0.0, SCREEN_Y, 0.6)), proprio(q))
    assert np.abs(servo.act(blank, proprio(q))).max() > 0.5  # it remembers where the disc was
    servo.reset()
    assert np.abs(servo.act(blank, proprio(q))).max() < 1e-2
