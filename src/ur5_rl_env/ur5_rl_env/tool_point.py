"""The tool point, which the box bounds: the flange, or a point fixed to it; many joint angles at a time."""

from collections.abc import Iterable
from math import cos, hypot, sin
from typing import Any

import numpy as np

from ur5_rl_env.kinematics import Kinematics, Vector3
from ur5_rl_graph.data import JointVector

_SUMS = np.zeros((6, 6))  # of joint angles: q1, q2, q2 + q3, q2 + q3 + q4, q5, q6
_SUMS[[0, 1, 1, 2, 1, 2, 3, 4, 5], [0, 1, 2, 2, 3, 3, 3, 4, 5]] = 1.0


class ToolPoint:
    """A point in `tool0`.

    Args:
        kinematics: of the arm.
        offset: from the flange [m], (3,) in `tool0`: z points out of it.
    """

    def __init__(self, kinematics: Kinematics, offset: Vector3 = (0.0, 0.0, 0.0)) -> None:
        self._kinematics, self._model = kinematics, kinematics.model
        self._x, self._y, z = offset
        self._aside = hypot(self._x, self._y)
        self._length = self._model.d6 + z

    def position(self, q: JointVector) -> Vector3:
        """Returns the point in `base_link`, (3,) [m], for joint angles (6,) [rad]."""
        q1, q2, q3, q4, q5, q6 = q  # plain floats: numpy costs more for less than ten rows
        q23 = q2 + q3
        sums = (q1, q2, q23, q23 + q4, q5, q6)
        return self._place(map(sin, sums), map(cos, sums))

    def gradient(self, q: JointVector, coordinate: int) -> np.ndarray:
        """Returns how a coordinate of it (0, 1, 2: x, y, z) changes with the joints, (6,) [m]."""
        axes, origins = self._kinematics.joint_axes(q)
        x, y, z = self.position(q)
        point = -x, -y, z  # in the controller's frame, as those are
        a, b = (coordinate + 1) % 3, (coordinate + 2) % 3
        sign = 1.0 if coordinate == 2 else -1.0  # turned by pi about z: x and y change sign, z does not
        pa, pb = sign * point[a], sign * point[b]
        return np.array(
            [
                axis[a] * (pb - sign * origin[b]) - axis[b] * (pa - sign * origin[a])
                for axis, origin in zip(axes, origins, strict=False)
            ]
        )

    def jacobian(self, q: JointVector) -> np.ndarray:
        """Returns its Jacobian in `base_link`, (3, 6) [m/rad]: d position / d q."""
        return np.array([self.gradient(q, coordinate) for coordinate in range(3)])

    def positions(self, q: np.ndarray) -> np.ndarray:
        """Returns the point in `base_link`, (n, 3) [m], for joint angles (n, 6) [rad]."""
        sums = q.dot(_SUMS).T
        return np.array(self._place(np.sin(sums), np.cos(sums))).T

    def _place(self, sines: Iterable[Any], cosines: Iterable[Any]) -> tuple[Any, Any, Any]:
        """Returns x, y and z [m] from the sines and the cosines of the sums of angles, numbers or arrays."""
        s1, s2, s23, s234, s5, s6 = sines
        c1, c2, c23, c234, c5, c6 = cosines
        m, length = self._model, self._length
        reach = (m.a2 * c2 + m.a3 * c23) + m.d5 * s234 - length * c234 * s5
        across = m.d4 + length * c5
        height = m.d1 + (m.a2 * s2 + m.a3 * s23) - m.d5 * c234 - length * s234 * s5
        if self._aside:
            u, w = s6 * self._y - c6 * self._x, -s6 * self._x - c6 * self._y
            reach = reach + (w * s234 - u * c234 * c5)
            across = across - u * s5
            height = height - (u * s234 * c5 + w * c234)
        return -c1 * reach - s1 * across, c1 * across - s1 * reach, height

    def reach(self, turns: JointVector) -> float:
        """Returns how far the point moves at most while the joints turn by up to `turns`, (6,) [rad], in [m].

        Each link turns by no more than the joints before it together.
        """
        q1, q2, q3, q4, q5, q6 = turns
        turn = q1 + q2
        way = self._model.d4 * q1 - self._model.a2 * turn
        turn += q3
        way -= self._model.a3 * turn
        turn += q4
        way += self._model.d5 * turn
        turn += q5
        way += abs(self._length) * turn
        return way + self._aside * (turn + q6)

    def bend(self, turns: JointVector) -> float:
        """Returns how far it may be off a chord [m] while q goes straight, by up to `turns` (6,) [rad].

        The second derivative along the way is at most the sum of length times turn squared, and an arc lies
        within an eighth of that off its chord.
        """
        q1, q2, q3, q4, q5, q6 = turns
        turn = q1 + q2
        second = self._model.d4 * q1 * q1 - self._model.a2 * turn * turn
        turn += q3
        second -= self._model.a3 * turn * turn
        turn += q4
        second += self._model.d5 * turn * turn
        turn += q5
        second += abs(self._length) * turn * turn
        turn += q6
        return 0.125 * (second + self._aside * turn * turn)
