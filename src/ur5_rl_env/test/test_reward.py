"""Equation 3.1 on images and joint angles worked by hand."""

import numpy as np
import pytest

from ur5_rl_env.reward import Reward, image_weights, posture_error, target_mask
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.task import TaskConfig

SQUARE = (0.3, -1.0, -1.0, 2.0 - np.pi, -0.3)  # q2 + q3 + q4 = -pi, q1 + q5 = 0


def red_at(*pixels, height=9, width=17, colour=(0, 0, 200)):
    frame = np.full((height, width, 3), 255, np.uint8)
    for row, column in pixels:
        frame[row, column] = colour
    return frame


def small(**changes):
    return TaskConfig(image_width=17, image_height=9, **changes)


def test_posture_terms_vanish_at_home_and_wherever_the_camera_is_square():
    assert posture_error(UR5.home) == pytest.approx(0.0, abs=2e-4)  # home is given to four digits
    assert posture_error(SQUARE) == pytest.approx(0.0, abs=1e-12)


def test_posture_terms_count_joints_from_one():
    for joint, wanted in enumerate((0.1, 0.1, 0.1, 0.1, 0.1)):
        q = np.array(SQUARE)
        q[joint] += 0.1
        assert posture_error(q) == pytest.approx(wanted)
    q = np.array(SQUARE) + [0.2, 0.1, 0.1, -0.4, 0.1]  # |-0.2| + |0.3|
    assert posture_error(q) == pytest.approx(0.5)


@pytest.mark.parametrize(
    'colour, inside',
    [
        ((0, 0, 120), True),
        ((50, 50, 255), True),
        ((0, 0, 119), False),
        ((51, 0, 200), False),
        ((0, 51, 200), False),
    ],
)
def test_the_colour_limits_are_inclusive_and_in_bgr(colour, inside):
    assert (target_mask(red_at((4, 8), colour=colour)) > 0).sum() == inside


def test_thesis_weights_fall_quadratically_from_one_at_the_centre_to_zero_at_every_edge():
    w = image_weights('thesis', 9, 17)
    assert w[4, 8] == 1.0
    assert np.abs(w[[0, -1]]).max() == np.abs(w[:, [0, -1]]).max() == 0.0
    assert w[4, 12] == pytest.approx(1 - 0.5**2)
    assert w[2, 12] == pytest.approx(0.75 * 0.75)


def test_released_weights_are_a_product_of_linear_falls_with_peak_a_quarter():
    w = image_weights('released', 9, 17)
    assert w[4, 8] == 0.25
    assert np.abs(w[[0, -1]]).max() == 0.0
    assert w[2, 12] == pytest.approx(0.25 * 0.5 * 0.5)


def test_one_pixel_at_the_centre_counts_alpha_over_the_number_of_pixels():
    q = np.array(SQUARE) + [0.0, 0.25, 0.0, 0.0, 0.5]
    assert Reward(small())(red_at((4, 8)), q) == pytest.approx(800 / (9 * 17) - 0.75)
    assert Reward(small())(red_at((4, 12), (2, 12)), q) == pytest.approx(800 / 153 * (0.75 + 0.5625) - 0.75)


def test_an_image_without_target_leaves_the_posture_terms():
    q = np.array(SQUARE) + [0.0, 0.25, 0.0, 0.0, 0.5]
    assert Reward(small())(red_at(), q) == pytest.approx(-0.75)


def test_the_thesis_reward_scales_with_the_action_cycle_so_that_returns_compare():
    frame, q = red_at((4, 8)), np.array(SQUARE) + 0.1
    short, long = (Reward(small(action_cycle_s=cycle))(frame, q) for cycle in (0.040, 0.120))
    assert long == pytest.approx(3 * short)


def test_the_released_reward_clips_the_image_term_only_and_does_not_scale():
    q = np.array(SQUARE) + [0.5, 0.0, 0.0, 0.0, 0.0]
    reward = Reward(small(reward='released', action_cycle_s=0.120))
    assert reward(red_at((4, 8)), q) == pytest.approx(800 / 153 * 0.25 - 0.5)
    full = np.full((9, 17, 3), (0, 0, 200), np.uint8)
    assert reward(full, q) == pytest.approx(4.0 - 0.5)


def test_the_task_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match='action_cycle_s is 0.05; it must be a multiple .* 0.048 or 0.056'):
        TaskConfig(action_cycle_s=0.05)
    with pytest.raises(ValueError, match='observation is 320x90, the camera gives 160x90'):
        TaskConfig(observation_width=320)
    with pytest.raises(ValueError, match="task is 'juggling'; choose one of: reaching, tracking"):
        TaskConfig(task='juggling')
    assert TaskConfig().steps == 100
    assert TaskConfig(action_cycle_s=0.08).steps == 50
