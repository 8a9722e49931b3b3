"""Forward kinematics of an arm of Universal Robots, in closed form.

Frames (all poses are 4 x 4 homogeneous matrices named a_from_b):

* `controller`: the base frame of the UR controller, of Universal Robots' published Denavit-Hartenberg table.
  RTDE's `actual_TCP_pose` is in this frame. In tf, as in UR's own description, it is called `base`.
* `base_link`: the frame of the task (thesis 3.1.1): that, turned by pi about z.
* `tool0`: at the middle of the tool flange, z out of it. The flange's position is that of `tool0`.

Everything here works on plain floats: six-vector arithmetic in numpy costs more than the formulas, and both
the guard and the simulated controller call this at 125 Hz, for a UR5e at 500.
"""

from collections.abc import Sequence
from math import atan2, cos, hypot, sin

import numpy as np

from ur5_rl_env.robot_models import MODELS, RobotModel
from ur5_rl_graph.data import JointVector

BASE_LINK_FROM_CONTROLLER = np.diag([-1.0, -1.0, 1.0, 1.0])

Vector3 = tuple[float, float, float]
"""A point [m], or a direction."""


class Kinematics:
    """Of one model; there is none without, so that no arm is taken for another."""

    def __init__(self, model: RobotModel) -> None:
        self.model = model

    def joint_axes(self, q: JointVector) -> tuple[tuple[Vector3, ...], tuple[Vector3, ...]]:
        """Rotation axes and origins of the six joints, and the flange, in the controller frame.

        Args:
            q: six joint angles [rad].

        Returns:
            (axes, origins): `axes` holds six unit vectors z_0..z_5 (joint i+1 turns about axes[i]) and
            `origins` seven points o_0..o_6 [m]; o_6 is the flange. Vectors are tuples of three floats.
        """
        m = self.model
        s1, c1 = sin(q[0]), cos(q[0])
        q23 = q[1] + q[2]
        s234, c234 = sin(q23 + q[3]), cos(q23 + q[3])
        s5, c5 = sin(q[4]), cos(q[4])

        upright = (0.0, 0.0, 1.0)
        across = (s1, -c1, 0.0)  # shoulder lift, elbow and wrist 1 are parallel
        wrist_2 = (c1 * s234, s1 * s234, -c234)
        wrist_3 = (s1 * c5 - c1 * c234 * s5, -c1 * c5 - s1 * c234 * s5, -s234 * s5)

        reach = m.a2 * cos(q[1])
        elbow = (c1 * reach, s1 * reach, m.d1 + m.a2 * sin(q[1]))
        reach += m.a3 * cos(q23)
        wrist = (c1 * reach, s1 * reach, elbow[2] + m.a3 * sin(q23))
        o4 = _along(wrist, m.d4, across)
        o5 = _along(o4, m.d5, wrist_2)
        o6 = _along(o5, m.d6, wrist_3)
        shoulder = (0.0, 0.0, m.d1)
        axes = (upright, across, across, across, wrist_2, wrist_3)
        return axes, ((0.0, 0.0, 0.0), shoulder, elbow, wrist, o4, o5, o6)

    def tool0_axes(self, q: JointVector) -> tuple[Vector3, Vector3, Vector3, Vector3]:
        """The x, y, z axes and the origin [m] of `tool0` in the controller's frame: four tuples of 3."""
        axes, origins = self.joint_axes(q)
        x5, y5, z = _cross(axes[4], axes[5]), axes[4], axes[5]
        s6, c6 = sin(q[5]), cos(q[5])
        # With wrist 3 at zero x and y are -(z_4 x z_5) and -z_4; wrist 3 turns them about z_5.
        x = (-c6 * x5[0] - s6 * y5[0], -c6 * x5[1] - s6 * y5[1], -c6 * x5[2] - s6 * y5[2])
        y = (s6 * x5[0] - c6 * y5[0], s6 * x5[1] - c6 * y5[1], s6 * x5[2] - c6 * y5[2])
        return x, y, z, origins[6]

    def controller_from_tool0(self, q: JointVector) -> np.ndarray:
        """Pose of `tool0` in the controller's own frame, (4, 4), for six joint angles [rad]."""
        pose = np.eye(4)
        pose[:3] = np.array(self.tool0_axes(q)).T
        return pose

    def base_link_from_tool0(self, q: JointVector) -> np.ndarray:
        """Pose of `tool0` in `base_link`, (4, 4), for six joint angles [rad]."""
        return BASE_LINK_FROM_CONTROLLER @ self.controller_from_tool0(q)

    def flange_velocity(self, q: JointVector, qd: JointVector) -> list[float]:
        """Flange twist in the controller's frame for joint velocities `qd` [rad/s].

        Returns:
            Six floats: linear velocity [m/s] and angular velocity [rad/s].
        """
        axes, origins = self.joint_axes(q)
        flange = origins[6]
        twist = [0.0] * 6
        for axis, origin, rate in zip(axes, origins, qd, strict=False):
            lever = (flange[0] - origin[0], flange[1] - origin[1], flange[2] - origin[2])
            for i, value in enumerate(_cross(axis, lever) + axis):
                twist[i] += rate * value
        return twist

    def elbow(self, q: JointVector, qd: JointVector) -> tuple[float, ...]:
        """Position and velocity of the elbow (the third joint) in the controller's frame.

        Returns:
            Six floats: position [m] and linear velocity [m/s].
        """
        axes, origins = self.joint_axes(q)
        point = origins[2]
        pan = _cross(axes[0], point)
        lever = (point[0] - origins[1][0], point[1] - origins[1][1], point[2] - origins[1][2])
        lift = _cross(axes[1], lever)
        return (*point, *(qd[0] * a + qd[1] * b for a, b in zip(pan, lift, strict=True)))


def kinematics_of(robot_model: str) -> Kinematics:
    """Returns those of the model that a configuration names."""
    return Kinematics(MODELS[robot_model])


def rotation_vector(rotation: Sequence[Sequence[float]] | np.ndarray) -> list[float]:
    """Axis times angle [rad] of a rotation, angle in [0, pi]: how RTDE writes orientations.

    Args:
        rotation: three rows of a rotation matrix.

    Returns:
        A list of 3 floats.
    """
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = rotation
    skew = (zy - yz, xz - zx, yx - xy)  # 2 sin(angle) axis
    sine = 0.5 * hypot(*skew)
    angle = atan2(sine, 0.5 * (xx + yy + zz - 1.0))
    if sine > 1e-6:
        return [0.5 * angle / sine * part for part in skew]
    if angle < 1.0:
        return [0.5 * part for part in skew]
    # Near pi the skew part vanishes; R + 1 = 2 axis axis^T still holds the axis, best in its longest row.
    axis = max((xx + 1.0, xy, xz), (yx, yy + 1.0, yz), (zx, zy, zz + 1.0), key=lambda row: hypot(*row))
    return [angle / hypot(*axis) * part for part in axis]


def rotation_matrix(vector: Sequence[float] | np.ndarray) -> np.ndarray:
    """Returns the matrix (3, 3) of a rotation vector [rad], axis times angle (Rodrigues)."""
    x, y, z = vector
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    angle = hypot(x, y, z)
    if angle < 1e-9:
        return np.eye(3) + cross
    return np.eye(3) + sin(angle) / angle * cross + (1.0 - cos(angle)) / angle**2 * cross @ cross


def _along(point: Vector3, length: float, direction: Vector3) -> Vector3:
    return (
        point[0] + length * direction[0],
        point[1] + length * direction[1],
        point[2] + length * direction[2],
    )


def _cross(a: Vector3, b: Vector3) -> Vector3:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
