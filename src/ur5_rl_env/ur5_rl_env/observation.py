"""From what the sensors gave to what the agent sees (thesis 3.3)."""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from ur5_rl_env.executed import Executed
from ur5_rl_env.joint_history import Joints
from ur5_rl_env.sync import Frame
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.data import JOINT_NAMES, JOINTS, PROPRIO, Image


def frame_from_image(pixels: Image, frame_id: int, task: TaskConfig) -> Frame:
    """Returns the frame of a camera image, with the smaller copy that observations hold if the task asks so.

    Args:
        pixels: (H, W, 3) uint8 BGR.
        frame_id: capture time [ns].
        task: says the size of both.

    Raises:
        ValueError: the image is not of the size that the task expects.
    """
    if pixels.shape != task.image_shape:
        height, width = pixels.shape[:2]
        raise ValueError(
            f'camera image is {width}x{height}, expected is {task.image_width}x{task.image_height}: '
            'set image_width and image_height of camera and environment alike'
        )
    camera = np.ascontiguousarray(pixels)
    height, width, _ = task.observation_shape
    same = task.observation_shape == task.image_shape
    observed = camera if same else cv2.resize(camera, (width, height), interpolation=cv2.INTER_AREA)
    return Frame(frame_id, camera, observed)


def joints_from_state(
    names: Sequence[str], position: Sequence[float], velocity: Sequence[float], stamp_ns: int
) -> Joints:
    """Returns the six joints by name, whatever their order in the message.

    Raises:
        ValueError: a joint of the UR5 is missing, or a number is missing or not finite.
    """
    missing = [name for name in JOINT_NAMES if name not in names]
    if missing:
        raise ValueError(
            f'joint_states lack {", ".join(missing)}; they name {", ".join(names) or "no joint"}'
        )
    if len(position) != len(names) or len(velocity) != len(names):
        raise ValueError(
            f'joint_states hold {len(position)} positions, {len(velocity)} velocities of {len(names)} joints'
        )
    order = [names.index(name) for name in JOINT_NAMES]
    angles, rates = np.asarray(position, float)[order], np.asarray(velocity, float)[order]
    if not (np.isfinite(angles).all() and np.isfinite(rates).all()):
        raise ValueError(
            f'joint_states hold a number that is not finite: {angles.tolist()}, {rates.tolist()}'
        )
    return Joints(stamp_ns, angles, rates)


def executed_from_report(stamp_ns: int, names: list[str], mean_velocity: list, changed: bool) -> Executed:
    """Returns what the arm driver reports on a command, joints by name.

    Raises:
        ValueError: a joint is missing, or a number is missing or not finite.
    """
    by_name = dict(zip(names, mean_velocity, strict=False))
    velocity = tuple(by_name.get(name, math.nan) for name in JOINT_NAMES)
    if len(names) != len(mean_velocity) or not all(map(math.isfinite, velocity)):
        raise ValueError(
            f'arm/executed_command holds {list(mean_velocity)} rad/s for {", ".join(names) or "no joint"}; '
            f'a finite number for each of {", ".join(JOINT_NAMES)} is needed'
        )
    return Executed(stamp_ns, velocity, changed)


def proprioception(joints: Joints, previous_action: np.ndarray, max_velocity: float) -> np.ndarray:
    """Returns (15,) float32: 5 angles [rad], 5 velocities / `max_velocity`, the previous action."""
    out = np.empty(PROPRIO, np.float32)
    out[:JOINTS] = joints.position[:JOINTS]
    out[JOINTS : 2 * JOINTS] = joints.velocity[:JOINTS] / max_velocity
    out[2 * JOINTS :] = previous_action
    return out
