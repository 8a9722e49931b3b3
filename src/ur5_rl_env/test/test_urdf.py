"""The robot description has the geometry of the kinematics."""

import xml.etree.ElementTree as ElementTree
from math import cos, sin

import numpy as np

from ur5_rl_env import kinematics
from ur5_rl_env.urdf import robot_description
from ur5_rl_graph.data import JOINT_NAMES


def pose(xyz, rpy):
    x, y, z = (np.array([[1, 0, 0], [0, cos(a), -sin(a)], [0, sin(a), cos(a)]]) for a in rpy)
    y, z = np.roll(y, (1, 1), (0, 1)), np.roll(z, (2, 2), (0, 1))
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = z @ y @ x, xyz
    return matrix


def test_flange_of_the_urdf_is_the_flange_of_the_kinematics():
    robot = ElementTree.fromstring(robot_description())
    joints = {joint.get('name'): joint for joint in robot.iter('joint')}
    q = np.random.default_rng(1).uniform(-3, 3, 6)
    flange = np.eye(4)
    for name, angle in [*zip(JOINT_NAMES, q, strict=True), ('flange_joint', 0.0)]:
        origin = joints[name].find('origin')
        numbers = ([float(x) for x in origin.get(key).split()] for key in ('xyz', 'rpy'))
        flange = flange @ pose(*numbers) @ pose((0, 0, 0), (0, 0, angle))
    np.testing.assert_allclose(flange, kinematics.base_from_flange(q), atol=1e-9)
