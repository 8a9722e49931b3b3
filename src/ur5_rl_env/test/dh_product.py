"""The kinematics once more, from the Denavit-Hartenberg table alone: what closed forms are held against."""

from math import cos, pi, sin

import numpy as np


def dh_matrix(theta, a, d, alpha):
    """Returns the classic transform Rz(theta) Tz(d) Tx(a) Rx(alpha), (4, 4) [rad, m]."""
    c, s, ca, sa = cos(theta), sin(theta), cos(alpha), sin(alpha)
    rows = [[c, -s * ca, s * sa, a * c], [s, c * ca, -c * sa, a * s], [0, sa, ca, d], [0, 0, 0, 1]]
    return np.array(rows, float)


def link_poses(m, q):
    """Returns the six link frames of model `m` in `base_link`, (6, 4, 4); the last is `tool0`."""
    table = (
        (0, m.d1, pi / 2),
        (m.a2, 0, 0),
        (m.a3, 0, 0),
        (0, m.d4, pi / 2),
        (0, m.d5, -pi / 2),
        (0, m.d6, 0),
    )
    poses = [np.diag([-1.0, -1.0, 1.0, 1.0])]
    for angle, (a, d, alpha) in zip(q, table, strict=True):
        poses.append(poses[-1] @ dh_matrix(angle, a, d, alpha))
    return np.array(poses[1:])
