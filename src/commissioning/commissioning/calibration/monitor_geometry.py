"""Where the monitor stands, how large it is, and how the camera is mounted and sees: from discs in pictures.

Unknown are 15 numbers: the camera's field of view, its turn and place on the flange, centre and turn of the
screen, width and height. What is known are the angles of the arm, and what share of the screen's width and
height each disc stands at.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from commissioning.calibration.least_squares import Fit, fit
from ur5_rl_env.devices.picture import pinhole
from ur5_rl_env.kinematics import Kinematics, rotation_matrix
from ur5_rl_env.scene_config import MONITOR_CENTRE, SceneConfig

UNKNOWN = 15
SCREEN_FROM_BASE = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""x right and y up as seen from the arm, z out of the screen, where it stands as it should."""
OUTLIER = 4.0
"""A disc that lies so many times the median off is left out: a frame of another disc, a reflection."""


class Sighting(NamedTuple):
    """A disc in a picture."""

    q: tuple  # (6,) joint angles [rad]
    place: tuple[float, float]  # of the disc on the screen, right and up, in shares of its width and height
    column: float  # in the picture [pixel]
    row: float


class Geometry(NamedTuple):
    """Screen and camera."""

    horizontal_fov: float  # [degree]
    camera_turn: np.ndarray  # (3,) rotation vector of the camera in tool0 [rad]
    camera_place: np.ndarray  # (3,) from the flange, in tool0 [m]
    centre: np.ndarray  # (3,) of the screen in base_link [m]
    turn: np.ndarray  # (3,) rotation vector of the screen in its own frame [rad]
    width: float  # of the screen [m]
    height: float

    @classmethod
    def nominal(cls, scene: SceneConfig) -> 'Geometry':
        """Returns what a setting says: the camera on the flange, looking along z, the screen square to it."""
        x, _, z = MONITOR_CENTRE
        zero = np.zeros(3)
        centre = np.array([x, scene.monitor_y, z])
        return cls(scene.horizontal_fov, zero, zero, centre, zero, scene.screen_width, scene.screen_height)

    @classmethod
    def of(cls, values: np.ndarray) -> 'Geometry':
        """Returns the geometry of (15,) values."""
        camera, place, centre, turn = values[1:4], values[4:7], values[7:10], values[10:13]
        return cls(math.degrees(values[0]), camera, place, centre, turn, values[13], values[14])

    @property
    def values(self) -> np.ndarray:
        """The 15 unknown values, angles in rad."""
        fov, sizes = [math.radians(self.horizontal_fov)], [self.width, self.height]
        return np.concatenate([fov, self.camera_turn, self.camera_place, self.centre, self.turn, sizes])


class Measured(NamedTuple):
    """The geometry that was found."""

    geometry: Geometry
    deviations: Geometry  # standard deviations
    residuals: np.ndarray  # (n, 2) of the discs that were used, columns and rows [pixel]
    used: list[Sighting]
    left_out: int


def project(
    geometry: Geometry, poses: np.ndarray, places: np.ndarray, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns where discs are in pictures, (n, 2) columns and rows [pixel], and their depth [m].

    Args:
        geometry: of screen and camera.
        poses: base_link_from_tool0 of each, (n, 4, 4).
        places: on the screen, (n, 2) in shares of its width and height.
        size: of the picture (H, W) [pixel].
    """
    focal, cx, cy = pinhole(*size, geometry.horizontal_fov)
    flat = np.zeros((len(places), 3))
    flat[:, :2] = places * (geometry.width, geometry.height)
    points = geometry.centre + flat @ (SCREEN_FROM_BASE.T @ rotation_matrix(geometry.turn)).T
    in_tool = np.einsum('nji,nj->ni', poses[:, :3, :3], points - poses[:, :3, 3])
    x, y, depth = ((in_tool - geometry.camera_place) @ rotation_matrix(geometry.camera_turn)).T
    # Image right is -x of tool0, image down is -y (docs/units_and_frames.md).
    return np.column_stack([cx - focal * x / depth, cy - focal * y / depth]), depth


def measure(
    sightings: Sequence[Sighting], start: Geometry, size: tuple[int, int], arm: Kinematics
) -> Measured:
    """Returns the geometry that explains the sightings best.

    Args:
        sightings: of many places of the arm and several places on the screen.
        start: about where things are.
        size: of the pictures (H, W) [pixel].
        arm: that looks.

    Raises:
        ValueError: the sightings do not tell it.
    """
    found = _fit(sightings, start, size, arm)
    off = np.linalg.norm(found.residuals.reshape(-1, 2), axis=1)
    limit = max(OUTLIER * float(np.median(off)), 1e-6)
    used = [sighting for sighting, by in zip(sightings, off, strict=True) if by <= limit]
    if len(used) < len(sightings):
        found = _fit(used, Geometry.of(found.values), size, arm)
    return Measured(
        Geometry.of(found.values),
        Geometry.of(found.deviations),
        found.residuals.reshape(-1, 2),
        used,
        len(sightings) - len(used),
    )


def _fit(sightings: Sequence[Sighting], start: Geometry, size: tuple[int, int], arm: Kinematics) -> Fit:
    poses = np.array([arm.base_link_from_tool0(sighting.q) for sighting in sightings]).reshape(-1, 4, 4)
    places = np.array([sighting.place for sighting in sightings]).reshape(-1, 2)
    seen = np.array([(sighting.column, sighting.row) for sighting in sightings]).reshape(-1, 2)

    def residuals(values: np.ndarray) -> np.ndarray:
        return (project(Geometry.of(values), poses, places, size)[0] - seen).ravel()

    return fit(residuals, start.values)
