"""What the components exchange, as plain arrays. Images are BGR, uint8, (height, width, 3).

A frame is known by the time of its capture in nanoseconds, its frame id: unique, growing, and the
same before and after a restart of any node.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""(H, W, 3) BGR."""
JointVector = Sequence[float] | NDArray[np.float64]
"""(6,) in the order of `JOINT_NAMES`, [rad] or [rad/s]."""

STACK = 3
"""Camera frames in one observation (thesis 3.3)."""

JOINTS = 5
"""Actuated joints, shoulder_pan to wrist_2; the last wrist joint does not move."""

PROPRIO = 3 * JOINTS
"""Joint angles [rad], joint velocities / maximum, previous action in [-1, 1]."""

ANY_STEP = 2**64 - 1
"""Stands for an environment step where no action waits for updates."""

JOINT_NAMES = (
    'shoulder_pan_joint',
    'shoulder_lift_joint',
    'elbow_joint',
    'wrist_1_joint',
    'wrist_2_joint',
    'wrist_3_joint',
)


ACTION_FEEDBACK = ('executed', 'requested')
"""Which action of a step is shown as the previous one and learned from: what was done, or asked for."""


Array = Any
"""An np.ndarray, or on the learner's device a torch.Tensor."""


class Observation(NamedTuple):
    """Observation k of an episode and the outcome of the step that led to it."""

    episode: int
    step: int  # k, 0 = first
    total_steps: int  # environment steps of the run so far
    frames: np.ndarray  # (3, H, W, 3) uint8, oldest first
    frame_ids: np.ndarray  # (3,) int64 [ns]
    proprio: np.ndarray  # (15,) float32
    executed_action: np.ndarray  # (5,) float32 of step k-1 -> k, 0 where k = 0
    action_changed: bool  # it is not the one asked for
    reward: float  # of step k-1 -> k, 0 where k = 0
    terminated: bool
    truncated: bool
    stamp_ns: int  # t_k


class Action(NamedTuple):
    """The answer to one observation."""

    episode: int
    step: int
    action: np.ndarray  # (5,) float32 in [-1, 1]
    random: bool
    weights_version: int
    weights_updates: int
    weights_age_s: float
    inference_ms: float
    stamp_ns: int


class Transition(NamedTuple):
    """One step of experience. `new_frames` are those that no earlier transition carried."""

    episode: int
    step: int  # k
    total_steps: int  # up to observation k+1
    frame_ids: np.ndarray  # (2, 3) int64: observation k, k+1; oldest first
    proprio: np.ndarray  # (2, 15) float32
    action: np.ndarray  # (5,) float32, asked for
    executed_action: np.ndarray  # (5,) float32, the same bit for bit unless it was changed
    action_changed: bool
    reward: float
    terminated: bool
    truncated: bool
    new_frame_ids: np.ndarray  # (n,) int64
    new_frames: np.ndarray  # (n, H, W, 3) uint8
    stamp_ns: int  # of observation k+1


class Places(NamedTuple):
    """Where the images of a mini-batch lie: crops of frames in the stores of the sampler."""

    frames: np.ndarray  # (2, B, 3) int32, places in the rings of the stores, which follow one another
    corners: np.ndarray  # (2, B, 2) int32, upper left corner: row, column [pixel]


class FramesAt(NamedTuple):
    """A frame store at the time when a mini-batch was drawn from it."""

    folder: str  # of the store
    newest: int  # number of its newest frame


class MiniBatch(NamedTuple):
    """B transitions drawn from the replay buffer, images cropped to (h, w)."""

    images: Array  # (2, B, 3, h, w, 3) uint8; [0] = observation k, [1] = k+1; oldest first; or Places
    proprio: Array  # (2, B, 15) float32
    action: Array  # (B, 5) float32
    reward: Array  # (B,) float32
    discount: Array  # (B,) float32, 0 only where the task itself ended
