"""Pairs the newest camera frame with the newest joint states by capture time (thesis 3.2).

"If one of them is too old than the other, it will be discarded and wait for new data": too old is more than
one camera period. A frame is known by its capture time; one that is not newer than those already here is a
repetition and never counts as new.
"""

from collections import deque
from typing import NamedTuple

import numpy as np

from ur5_rl_graph.data import STACK


class Frame(NamedTuple):
    """One camera frame."""

    frame_id: int  # capture time [ns since the epoch]
    camera: np.ndarray  # (H, W, 3) uint8 BGR as the camera gave it
    observed: np.ndarray  # (h, w, 3) uint8 BGR as it goes into the observation


class Joints(NamedTuple):
    """One sample of the joints, in the order of `data.JOINT_NAMES`."""

    stamp_ns: int  # capture time [ns since the epoch]
    position: np.ndarray  # (6,) [rad]
    velocity: np.ndarray  # (6,) [rad/s]


class Pair(NamedTuple):
    """What one observation is made of."""

    frames: tuple[Frame, ...]  # the three most recent, oldest first
    joints: Joints


class Synchroniser:
    """Keeps the three most recent frames and the newest joint states, and pairs them."""

    def __init__(self, camera_period_s: float):
        """Makes one for a camera of this period [s]."""
        self._limit_ns = round(camera_period_s * 1e9)
        self._frames: deque[Frame] = deque(maxlen=STACK)
        self._joints: Joints | None = None
        self._newest_frame_id = -1
        self._image_discarded = False
        self.stale_images = 0
        """Images discarded because the joint states were newer by more than a camera period."""
        self.stale_joints = 0
        self.repeated_images = 0
        """Images that were not newer than the one before."""

    def clear(self) -> None:
        """Forgets all frames and joint states, not the identity of the newest frame, nor the counts."""
        self._frames.clear()
        self._joints = None
        self._image_discarded = False

    def add_frame(self, frame: Frame) -> bool:
        """Takes a frame. Returns False for a repetition, which is not kept."""
        if frame.frame_id <= self._newest_frame_id:
            self.repeated_images += 1
            return False
        self._newest_frame_id = frame.frame_id
        self._frames.append(frame)
        self._image_discarded = False
        return True

    def add_joints(self, joints: Joints) -> None:
        """Takes joint states; those older than the ones here (delivered out of order) are ignored."""
        if self._joints is None or joints.stamp_ns > self._joints.stamp_ns:
            self._joints = joints

    @property
    def complete(self) -> bool:
        """Whether three frames and joint states are here."""
        return len(self._frames) == STACK and self._joints is not None

    def pair(self) -> Pair | None:
        """Returns the newest frames and joint states, or None where one has to be awaited.

        A discarded image stays in the stack as an older frame; it cannot be the newest of an observation.
        """
        if not self.complete or self._image_discarded:
            return None
        apart_ns = self._joints.stamp_ns - self._frames[-1].frame_id
        if apart_ns > self._limit_ns:
            self.stale_images += 1
            self._image_discarded = True
            return None
        if -apart_ns > self._limit_ns:
            self.stale_joints += 1
            self._joints = None
            return None
        return Pair(tuple(self._frames), self._joints)
