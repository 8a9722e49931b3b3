"""From where the monitor is looked at: places inside the guard's bounds that together tell the most."""

from collections.abc import Sequence

import numpy as np

from commissioning.calibration.least_squares import jacobian
from commissioning.calibration.monitor_geometry import UNKNOWN, Geometry, project
from ur5_rl_env.guard import Guard, GuardConfig
from ur5_rl_env.kinematics import Kinematics, kinematics_of
from ur5_rl_graph.data import JointVector

PLACES = ((0.0, 0.0), (-0.35, -0.3), (0.35, -0.3), (0.35, 0.3), (-0.35, 0.3))
"""Where the disc is shown, in shares of the screen's width and height from its centre."""
SPREAD = np.array([0.25, 0.35, 0.35, 0.35, 0.3, 0.0])
"""How far joints may be from home [rad]."""
DEPTH = 0.03
"""How far inside the guard's bounds every place is [rad, m]: no command is changed on the way."""
EDGE = 0.08
"""Share of the picture's width and height that discs keep from its edges, and what the monitor may be off."""
CANDIDATES = 1500
POSES = 16
SEED = 5


def choose(home: tuple, guard: GuardConfig, geometry: Geometry, size: tuple[int, int]) -> list[tuple]:
    """Returns the joint angles, (6,) [rad] each, to look from; home is the first.

    One after the other the candidate is taken with which the discs tell most: the largest determinant of the
    information on all that is unknown.

    Args:
        home: joint angles [rad].
        guard: bounds of the arm.
        geometry: about where things are.
        size: of the pictures (H, W) [pixel].

    Raises:
        ValueError: too few places see the screen.
    """
    arm = kinematics_of(guard.robot_model)
    candidates = _candidates(arm, home, Guard(guard), geometry, size)
    if len(candidates) < POSES:
        raise ValueError(
            f"from {len(candidates)} of {CANDIDATES} places inside the guard's bounds the screen would be "
            f'seen, {POSES} are needed: are monitor_y, screen_width, horizontal_fov about right?'
        )
    told = [_information(arm, q, geometry, size) for q in candidates]
    chosen, known = [0], told[0] + 1e-6 * np.eye(UNKNOWN)
    while len(chosen) < POSES:
        gains = [
            -np.inf if i in chosen else np.linalg.slogdet(known + more)[1] for i, more in enumerate(told)
        ]
        chosen.append(int(np.argmax(gains)))
        known = known + told[chosen[-1]]
    return [candidates[i] for i in chosen]


def _candidates(
    arm: Kinematics, home: Sequence[float], guard: Guard, geometry: Geometry, size: tuple[int, int]
) -> list[tuple]:
    rng = np.random.default_rng(SEED)
    around = np.array(home) + SPREAD * rng.uniform(-1.0, 1.0, (CANDIDATES, 6))
    low, high = guard.bounds.shrunk(DEPTH)
    return [
        tuple(q)
        for q in (np.array(home), *around)
        if np.all((guard.bounds.place(q) >= low) & (guard.bounds.place(q) <= high))
        and guard.bounds.line_inside(home, q)
        and _sees_all(arm, q, geometry, size)
    ]


def _sees_all(arm: Kinematics, q: JointVector, geometry: Geometry, size: tuple[int, int]) -> bool:
    seen, depth = project(geometry, *_of(arm, q), size)
    margin = EDGE * np.array([size[1], size[0]])
    far = np.array([size[1] - 1, size[0] - 1]) - margin
    return bool(np.all(depth > 0.1) and np.all(seen >= margin) and np.all(seen <= far))


def _information(arm: Kinematics, q: JointVector, geometry: Geometry, size: tuple[int, int]) -> np.ndarray:
    poses, places = _of(arm, q)
    slopes = jacobian(lambda v: project(Geometry.of(v), poses, places, size)[0].ravel(), geometry.values)
    return slopes.T @ slopes


def _of(arm: Kinematics, q: JointVector) -> tuple[np.ndarray, np.ndarray]:
    return np.repeat(arm.base_link_from_tool0(q)[None], len(PLACES), 0), np.array(PLACES)
