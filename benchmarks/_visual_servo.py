"""A hand-written visual servo: what `oracle` compares learned policies with.

It sees what an agent sees, one frame and the joint angles, and knows what an agent has to learn: the
geometry of the camera, the kinematics of the arm, the size of the disc. Position-based: the disc's place in
`base_link` follows from its centroid and area; the camera is driven to a point before it, square to the
screen.
"""

import math

import numpy as np

from ur5_rl_env import red_disc
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.tool_point import ToolPoint
from ur5_rl_graph.data import JOINTS

GAIN = 4.0  # speed per distance [1/s]
TARGET_RADIUS = 0.0232  # of the disc [m]
HALF_WIDTH = math.tan(math.radians(60.0 / 2))  # of what the camera sees at a distance of 1
MAX_VELOCITY = 0.7  # joint velocity of an action of 1 [rad/s]
# The poses square to the screen are those with q4 = -pi - q2 - q3 and q5 = -q1: three joints remain.
SQUARE_FROM_FREE = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, -1, -1], [-1, 0, 0]], float)


class VisualServo:
    """Drives the camera to `distance` in front of the disc's centre."""

    def __init__(self, distance: float = 0.30):
        """Makes a servo that ends with the flange so far from the screen [m]."""
        self._distance = distance
        self._kinematics = Kinematics(UR5)
        self._flange = ToolPoint(self._kinematics)
        self._target: np.ndarray | None = None  # where the disc was last seen, in base_link

    def reset(self) -> None:
        """Forgets the target: a new episode begins."""
        self._target = None

    def act(self, frame: np.ndarray, proprio: np.ndarray) -> np.ndarray:
        """Returns the action, (5,) float32 in [-1, 1].

        Args:
            frame: newest frame of the observation, (H, W, 3) uint8 BGR.
            proprio: its 15 numbers, joint angles [rad] first.
        """
        q = np.array([*proprio[:JOINTS], self._kinematics.model.home[5]], float)
        pose = self._kinematics.base_link_from_tool0(q)
        seen = self._locate(frame, pose)
        if seen is not None:
            self._target = seen
        free = np.zeros(3)
        if self._target is not None:
            goal = self._target - self._distance * np.array([0.0, 1.0, 0.0])
            motion = GAIN * (goal - pose[:3, 3])
            free = np.linalg.lstsq(
                self._flange.jacobian(q)[:, :JOINTS] @ SQUARE_FROM_FREE, motion, rcond=1e-3
            )[0]
        velocity = SQUARE_FROM_FREE @ free
        velocity[3] += GAIN * (-math.pi - q[1] - q[2] - q[3])
        velocity[4] += GAIN * (-q[0] - q[4])
        action = velocity / MAX_VELOCITY
        return (action / max(1.0, np.abs(action).max())).astype(np.float32)

    def _locate(self, frame: np.ndarray, base_link_from_camera: np.ndarray) -> np.ndarray | None:
        """Returns the disc's centre in `base_link`, (3,) [m], or None where none is seen."""
        spot = red_disc.find(frame)
        if spot is None:
            return None
        height, width = frame.shape[:2]
        focal = width / 2 / HALF_WIDTH  # [pixel]
        right, down = spot.column - (width - 1) / 2, spot.row - (height - 1) / 2
        depth = focal * TARGET_RADIUS * math.sqrt(math.pi / spot.area)
        # The camera sits on the flange: image right is -x of tool0, image down is -y.
        in_camera = depth * np.array([-right / focal, -down / focal, 1.0])
        return base_link_from_camera[:3, :3] @ in_camera + base_link_from_camera[:3, 3]
