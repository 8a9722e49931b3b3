"""What came from camera and arm while the calibration went on. All times are seconds of the system clock."""

from bisect import bisect_left
from typing import NamedTuple

import numpy as np

from ur5_rl_env.red_disc import Spot


class Picture(NamedTuple):
    """What was seen in a picture."""

    stamp: float  # capture time that it carries
    arrival: float  # when it came here
    spot: Spot | None


class Recording:
    """Grows while the arm is watched; `since` and `between` hand out parts of it."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []
        self.joint_times: list[float] = []  # stamps
        self.positions: list[tuple] = []  # (6,) [rad]
        self.velocities: list[tuple] = []  # (6,) [rad/s]
        self.sent: list[tuple[float, float]] = []  # time and velocity [rad/s] of the joint that is jogged
        self.colours: list[np.ndarray] = []  # (n, 3) B, G, R of the pixels of discs

    def add_joints(self, stamp: float, position: tuple, velocity: tuple) -> None:
        """Takes a joint state; one that is not newer than those here is ignored."""
        if not self.joint_times or stamp > self.joint_times[-1]:
            self.joint_times.append(stamp)
            self.positions.append(position)
            self.velocities.append(velocity)

    def pictures_between(self, begin: float, end: float) -> list[Picture]:
        """Returns the pictures that arrived in that time and show a disc."""
        first, last = (
            bisect_left(self.pictures, at, key=lambda picture: picture.arrival) for at in (begin, end)
        )
        return [picture for picture in self.pictures[first:last] if picture.spot]

    def joints_between(self, begin: float, end: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns the joint states of that time: times (n,), positions (n, 6), velocities (n, 6)."""
        part = slice(bisect_left(self.joint_times, begin), bisect_left(self.joint_times, end))
        positions, velocities = (
            np.array(values[part]).reshape(-1, 6) for values in (self.positions, self.velocities)
        )
        return np.array(self.joint_times[part]), positions, velocities
