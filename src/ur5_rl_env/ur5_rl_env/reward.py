"""The reward of both tasks (thesis equation 3.1).

R = alpha / (h w) * sum_ij M_ij W_ij - beta (|pi + q2 + q3 + q4| + |q1 + q5|), joints counted from 1.

The thesis prints other joint indices; these are those of its released code, and the home position makes both
posture terms zero: the camera is square to the screen wherever they vanish.
"""

import cv2
import numpy as np

from ur5_rl_env.task import TaskConfig

ALPHA = 800.0
BETA = 1.0
TARGET_LOW = (0, 0, 120)
"""Darkest B, G, R that counts as the target."""
TARGET_HIGH = (50, 50, 255)
RELEASED_LIMIT = 4.0
"""Upper limit of the image term in the released code."""
REFERENCE_CYCLE_S = 0.040
"""Action cycle at which a reward counts once, so that returns compare across cycles (thesis 5.3)."""


class Reward:
    """Reward of one camera frame and the joint angles that belong to it."""

    def __init__(self, task: TaskConfig) -> None:
        """Prepares the weights for the camera frames of `task`."""
        self._shape = task.image_shape
        height, width, _ = self._shape
        self._weights = image_weights(task.reward, height, width)
        self._factor = ALPHA / (height * width)
        self._limit = RELEASED_LIMIT if task.reward == 'released' else np.inf
        self._scale = 1.0 if task.reward == 'released' else task.action_cycle_s / REFERENCE_CYCLE_S

    def __call__(self, frame: np.ndarray, joints: np.ndarray) -> float:
        """Returns the reward.

        Args:
            frame: camera frame (H, W, 3) uint8, BGR, at the camera's own size.
            joints: at least the five actuated joint angles [rad].
        """
        image = min(self._factor * weighted_target(frame, self._weights), self._limit)
        return self._scale * (image - BETA * posture_error(joints))


def target_mask(frame: np.ndarray) -> np.ndarray:
    """M of equation 3.1: (H, W) uint8, 255 where B, G, R lie within the limits (inclusive), else 0."""
    return cv2.inRange(frame, TARGET_LOW, TARGET_HIGH)  # type: ignore[call-overload]  # its stubs know no scalar


def weighted_target(frame: np.ndarray, weights: np.ndarray) -> float:
    """sum_ij M_ij W_ij of a (H, W, 3) uint8 frame and (H, W) float64 weights."""
    mask = target_mask(frame)
    # OpenCV's masked mean takes a tenth of the time of numpy's indexing.
    return cv2.mean(weights, mask)[0] * cv2.countNonZero(mask)


def posture_error(joints: np.ndarray) -> float:
    """|pi + q2 + q3 + q4| + |q1 + q5| [rad]: zero where the camera is square to the screen."""
    q1, q2, q3, q4, q5 = (float(angle) for angle in joints[:5])
    return abs(np.pi + q2 + q3 + q4) + abs(q1 + q5)


def image_weights(variant: str, height: int, width: int) -> np.ndarray:
    """W of equation 3.1, (height, width) float64; u, v run from -1 (first pixel) to 1 (last).

    'thesis': W = (1 - u^2)(1 - v^2). The text says only that W decreases quadratically from 1 at the centre
    to 0 at the edges; this is the one quadratic fall in each direction that is 1 at the centre, 0 along all
    four edges, and smooth at the centre.
    'released': W = 1/4 (1 - |u|)(1 - |v|), the product of two linear falls.
    """
    u = np.linspace(-1.0, 1.0, width)
    v = np.linspace(-1.0, 1.0, height)
    if variant == 'thesis':
        return np.outer(1.0 - v**2, 1.0 - u**2)
    return 0.25 * np.outer(1.0 - np.abs(v), 1.0 - np.abs(u))
