"""Forward kinematics against published UR5 values, the DH product and differences."""

from math import pi

import numpy as np
import pytest
from dh_product import link_poses

from ur5_rl_env import kinematics
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.robot_models import UR5

ARM = Kinematics(UR5)

HOME = (1.5707, -2.0, 1.9, -3.0415, -1.5707, 3.1415)


def random_configurations(count=50, seed=3):
    return np.random.default_rng(seed).uniform(-2 * pi, 2 * pi, (count, 6))


@pytest.mark.parametrize(
    ('q', 'position'),
    [
        # Published: straight out and straight up (1001 mm). By hand: the elbow bent at a right angle.
        ((0, 0, 0, 0, 0, 0), (-0.81725, -0.19145, -0.005491)),
        ((0, -pi / 2, 0, -pi / 2, 0, 0), (0.0, -0.19145, 1.001059)),
        ((0, -pi / 2, pi / 2, 0, 0, 0), (-0.39225, -0.19145, 0.089159 + 0.425 - 0.09465)),
    ],
)
def test_published_positions_in_the_controllers_frame(q, position):
    assert ARM.controller_from_tool0(q)[:3, 3] == pytest.approx(position, abs=1e-9)


def test_home_looks_at_the_monitor():
    pose = ARM.base_link_from_tool0(HOME)
    assert pose[:3, 3] == pytest.approx((-0.109, 0.296, 0.609), abs=1e-3)
    assert pose[:3, 2] == pytest.approx((0, 1, 0), abs=1e-3)
    assert pose[3].tolist() == [0.0, 0.0, 0.0, 1.0]


def test_closed_form_is_the_dh_product():
    for q in random_configurations():
        assert np.allclose(ARM.base_link_from_tool0(q), link_poses(UR5, q)[5], atol=1e-12)


def test_link_origins_are_the_joint_origins():
    for q in random_configurations(10):
        origins = np.array(ARM.joint_axes(q)[1])[1:]
        origins[:, :2] *= -1
        assert np.allclose(origins, link_poses(UR5, q)[:, :3, 3], atol=1e-12)


def test_the_flange_velocity_is_the_derivative():
    for q, qd in zip(random_configurations(20), random_configurations(20, seed=4), strict=True):
        pose = ARM.controller_from_tool0(q)
        ahead, behind = (ARM.controller_from_tool0(q + step * qd) for step in (1e-6, -1e-6))
        spin = (ahead[:3, :3] - behind[:3, :3]) / 2e-6 @ pose[:3, :3].T
        expected = (*(ahead[:3, 3] - behind[:3, 3]) / 2e-6, spin[2, 1], spin[0, 2], spin[1, 0])
        assert ARM.flange_velocity(q, qd) == pytest.approx(expected, abs=1e-7)


def test_the_elbow_is_the_end_of_the_second_link_and_moves_with_it():
    def elbow(q):
        return link_poses(UR5, q)[1, :3, 3] * (-1, -1, 1)  # in the controller's frame

    for q, qd in zip(random_configurations(10), random_configurations(10, seed=4), strict=True):
        velocity = (elbow(q + 1e-6 * qd) - elbow(q - 1e-6 * qd)) / 2e-6
        assert ARM.elbow(q, qd) == pytest.approx((*elbow(q), *velocity), abs=1e-7)


@pytest.mark.parametrize(
    'vector', [(0, 0, 0), (1e-9, 0, 0), (0.3, -0.4, 1.2), (pi, 0, 0), (0, 0, 3.14159265)]
)
def test_rotation_matrices_and_vectors_are_each_others_inverse(vector):
    matrix = kinematics.rotation_matrix(vector)
    assert kinematics.rotation_vector(matrix) == pytest.approx(vector, abs=1e-7)
    assert matrix @ matrix.T == pytest.approx(np.eye(3)) and matrix @ vector == pytest.approx(vector)


def test_a_rotation_turns_by_the_right_hand():
    turn = kinematics.rotation_matrix((0.0, 0.0, pi / 2))
    assert turn @ (1.0, 0.0, 0.0) == pytest.approx((0.0, 1.0, 0.0))
