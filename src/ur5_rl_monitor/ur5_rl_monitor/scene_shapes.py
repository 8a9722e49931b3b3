"""What is drawn beside the robot, as plain data: each shape in the frame that it belongs to.

The robot, its camera and the monitor themselves are in its description (ur5_rl_env.urdf).
"""

from collections.abc import Sequence
from enum import Enum
from itertools import product
from typing import NamedTuple

import numpy as np

from ur5_rl_env.frames import BASE_LINK, MONITOR, OPTICAL_FRAME
from ur5_rl_monitor.motion_trace import Change, Place

Point = tuple[float, ...]
Colour = tuple[float, float, float, float]

BOX: Colour = (0.2, 0.7, 0.3, 0.8)
SCREEN: Colour = (0.1, 0.1, 0.1, 1.0)
TARGET: Colour = (1.0, 0.0, 0.0, 1.0)
VIEW: Colour = (0.9, 0.7, 0.1, 0.8)
AS_ASKED: Colour = (0.2, 0.4, 0.9, 1.0)
CHANGED: Colour = (1.0, 0.5, 0.0, 1.0)
REQUESTED: Colour = (0.9, 0.1, 0.7, 0.9)
EXECUTED: Colour = (0.1, 0.7, 0.8, 0.9)
LINE_M = 0.003
FLAT_M = 0.002
"""Height of a disc [m]."""
VIEW_M = 0.25
"""How far the edges of the camera's view are drawn [m]."""
ARROW_S = 0.5
"""An arrow is as long as the tool would move in that time."""


class Kind(Enum):
    """How the points of a shape are drawn."""

    LINES = 'a line between each two points'
    STRIP = 'a line from point to point'
    ARROW = 'from the first point to the second'
    DISC = 'about the one point, across z'


class Shape(NamedTuple):
    """Something to draw. Namespace and number are its name: another of that name takes its place."""

    namespace: str
    number: int
    kind: Kind
    frame: str
    points: tuple[Point, ...]  # [m]
    colours: tuple[Colour, ...]  # one for all points, or one each
    size: float  # thickness of a line or an arrow, diameter of a disc [m]

    @property
    def name(self) -> tuple[str, int]:
        """What tells it from all others."""
        return self.namespace, self.number


def box(low: Point, high: Point) -> Shape:
    """Returns the edges of the box that the guard keeps the tool point in; corners in `base_link` [m]."""
    corners = list(product(*zip(low, high, strict=True)))
    edges = [
        (a, b)
        for i, a in enumerate(corners)
        for b in corners[i + 1 :]
        if sum(p != q for p, q in zip(a, b, strict=True)) == 1
    ]
    return Shape('box', 0, Kind.LINES, BASE_LINK, tuple(p for edge in edges for p in edge), (BOX,), LINE_M)


def screen(width: float, height: float) -> Shape:
    """Returns the edge of the screen [m]."""
    x, y = width / 2, height / 2
    corners = ((-x, -y, 0.0), (x, -y, 0.0), (x, y, 0.0), (-x, y, 0.0))
    return Shape('screen', 0, Kind.STRIP, MONITOR, (*corners, corners[0]), (SCREEN,), LINE_M)


def target(x: float, y: float, radius: float) -> Shape:
    """Returns the disc on the screen; its centre to the right and up [m]."""
    return Shape('target', 0, Kind.DISC, MONITOR, ((x, y, 0.0),), (TARGET,), 2 * radius)


def camera_view(height: int, width: int, k: Point) -> Shape:
    """Returns the edges of what the camera sees.

    Args:
        height: of the picture [pixel].
        width: of the picture [pixel].
        k: the nine numbers of a camera_info; the centre of the first pixel is at 0, its edge at -0.5.

    Raises:
        ValueError: nobody has calibrated the camera: K is 0 then.
    """
    fx, cx, fy, cy = k[0], k[2], k[4], k[5]
    if not (fx > 0.0 and fy > 0.0):  # False for NaN too
        raise ValueError(f'camera_info has focal lengths of {fx:g} and {fy:g} pixels; calibrate the camera')
    ends = [
        (VIEW_M * (u - cx) / fx, VIEW_M * (v - cy) / fy, VIEW_M)
        for u, v in ((-0.5, -0.5), (width - 0.5, -0.5), (width - 0.5, height - 0.5), (-0.5, height - 0.5))
    ]
    lines = [point for end in ends for point in ((0.0, 0.0, 0.0), end)]
    lines += [point for a, b in zip(ends, (*ends[1:], ends[0]), strict=True) for point in (a, b)]
    return Shape('camera_view', 0, Kind.LINES, OPTICAL_FRAME, tuple(lines), (VIEW,), LINE_M / 2)


def path(places: Sequence[Place]) -> list[Shape]:
    """Returns the way of the tool, orange where the command had been changed; nothing of a single place."""
    if len(places) < 2:
        return []
    points = tuple(place.point for place in places)
    colours = tuple(CHANGED if place.changed else AS_ASKED for place in places)
    return [Shape('path', 0, Kind.STRIP, BASE_LINK, points, colours, 2 * LINE_M)]


def arrows(changes: Sequence[Change]) -> list[Shape]:
    """Returns for each change what was asked of the tool and what was done, as arrows where it was."""
    found = []
    for change in changes:
        for namespace, velocity, colour in (
            ('requested', change.requested, REQUESTED),
            ('executed', change.executed, EXECUTED),
        ):
            if velocity is not None and any(velocity):
                end = tuple((np.array(change.point) + ARROW_S * np.array(velocity)).tolist())
                ends = (change.point, end)
                found.append(
                    Shape(namespace, change.number, Kind.ARROW, BASE_LINK, ends, (colour,), 2 * LINE_M)
                )
    return found


class Drawn:
    """What viewers have been told to draw."""

    def __init__(self) -> None:
        """Knows of nothing."""
        self._names: set[tuple[str, int]] = set()

    def gone(self, shapes: list[Shape]) -> list[tuple[str, int]]:
        """Takes all that is to be drawn from now on; returns the names of what was drawn and is no more."""
        names = {shape.name for shape in shapes}
        gone, self._names = sorted(self._names - names), names
        return gone
