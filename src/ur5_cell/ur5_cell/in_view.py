"""Which shapes of the room a camera cannot see: they need not be drawn."""

import numpy as np


def in_view(places: np.ndarray, radii: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Returns whether balls reach into the pyramid that a camera sees, (n,) bool; at the edges too often.

    Args:
        places: their centres in the camera's frame, (n, 3) [m]: x right, y up, z backwards.
        radii: (n,) [m]; inf for a shape that no ball holds.
        sides: tangents of half the angles of view, across and upwards, (2,).
    """
    beyond = np.abs(places[:, :2]) + places[:, 2:] * sides  # each side's plane, times the norm of its normal
    return (beyond <= radii[:, None] * np.hypot(1.0, sides)).all(axis=1)
