"""What a viewer is given to show, as plain data, between what reads messages and what draws."""

from typing import NamedTuple, Protocol

import numpy as np

from ur5_rl_monitor.robot_tree import Transform
from ur5_rl_monitor.scene_shapes import Shape
from ur5_rl_monitor.status import Level


class Point(NamedTuple):
    """One point of a curve."""

    curve: str  # one of `CURVES`
    value: float


class Picture(NamedTuple):
    """An image."""

    name: str  # one of `PICTURES`
    pixels: np.ndarray  # (H, W, 3) uint8 BGR


class Robot(NamedTuple):
    """The robot's description; all frames of its links."""

    urdf: str


class Frames(NamedTuple):
    """Where frames are now."""

    transforms: tuple[Transform, ...]


class Scene(NamedTuple):
    """Shapes that are drawn from now on, and names of those that are no more."""

    shapes: tuple[Shape, ...]
    gone: tuple[tuple[str, int], ...] = ()


class Line(NamedTuple):
    """A line of the log."""

    source: str
    level: Level
    text: str


class Sign(NamedTuple):
    """How the run is at a glance: stands above all else until the next one."""

    level: Level
    text: str


Sight = Point | Picture | Robot | Frames | Scene | Line | Sign

CAMERA, NETWORK = PICTURES = ('camera', 'network')
CURVES = {
    'reward/reward': 'reward of a step',
    'return/return': 'return of an episode',
    'cycle/cycle': 'action cycle [ms]',
    'cycle/response': 'observation to command [ms]',
    'weights/age': 'age of the weights [s]',
    'updates/rate': 'updates per s',
    'updates/count': 'updates',
    'policy/entropy': 'entropy [nat]',
    'policy/temperature': 'temperature',
}
"""What each curve is called, by its path: what stands before the slash is drawn together."""


class Sink(Protocol):
    """Shows sights."""

    def show(self, time_ns: int, sight: Sight) -> None:
        """Takes what is to be seen from a time on [ns since the epoch]."""
