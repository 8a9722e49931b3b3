"""The bounds of the arm: of its joints, and the box of its tool point."""

from collections.abc import Iterable, Sequence
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np

from ur5_rl_env.kinematics import kinematics_of
from ur5_rl_env.tool_point import ToolPoint
from ur5_rl_graph.data import JOINT_NAMES, JointVector

if TYPE_CHECKING:
    from ur5_rl_env.guard import GuardConfig

ACTUATED = 5  # joints that we move; the last stays where it is
TOLERANCE = 1e-3  # [m, rad] beyond a bound that does not yet count as outside
UNSEEN = 3e-4  # [m] that a bent way of the tool may go out between two places that are looked at
FIXED = np.array([0.0] * ACTUATED + [1.0] + [0.0] * 3)
Numbers = Sequence[float] | np.ndarray


class Bounds:
    """A place of the arm is nine numbers: its joint angles [rad], and its tool point in `base_link` [m].

    Attributes:
        low, high: (9,) bounds of a place.
        tool: the point that the box bounds.
    """

    def __init__(self, config: 'GuardConfig') -> None:
        self.tool = ToolPoint(kinematics_of(config.robot_model), config.tool_offset)
        self.low = np.array([*config.joint_low, *config.box_low])
        self.high = np.array([*config.joint_high, *config.box_high])

    def place(self, q: JointVector) -> tuple[float, ...]:
        """Returns the place, a tuple of 9, of an arm at joint angles `q` (6,) [rad]."""
        return (*q, *self.tool.position(q))

    def inside(self, place: Iterable[float], depth: float) -> bool:
        """True if the place is at least `depth` [rad, m] inside; negative: or that far outside."""
        return between(place, self.low + depth, self.high - depth)

    def shrunk(self, depth: float) -> tuple[np.ndarray, np.ndarray]:
        """Returns the bounds `depth` farther in, two (9,); the unmoved joint keeps its own."""
        depths = np.minimum(depth, 0.0) * FIXED + depth * (1.0 - FIXED)
        return self.low + depths, self.high - depths

    def line_inside(self, a: JointVector, b: JointVector) -> bool:
        """True if the straight line in joint space between `a` and `b`, (6,) [rad], is inside all bounds."""
        ends = np.array([a, b], float)
        inside = within(ends, self.low[:6], self.high[:6])
        return inside and self.tool_inside(ends[:1], ends[1:], self.low[6:].tolist(), self.high[6:].tolist())

    def tool_inside(self, begins: np.ndarray, ends: np.ndarray, low: Numbers, high: Numbers) -> bool:
        """True if the tool is inside a box all along straight lines in joint space.

        Args:
            begins: (n, 6) joint angles [rad] at which the lines begin.
            ends: (n, 6) [rad] at which they end.
            low: corner of the box, three floats [m].
            high: its other corner.
        """
        lowest, highest = extent(self.tool.positions(np.concatenate([begins, ends])))
        bend = self.tool.bend(turns(ends - begins))
        if between(lowest, [a + bend for a in low], high) and between(highest, low, [b - bend for b in high]):
            return True  # also between the ends, however a way is bent
        if not (between(lowest, low, high) and between(highest, low, high)):
            return False
        parts = ceil(sqrt(bend / UNSEEN))
        shares = np.arange(1, parts)[:, None, None] / parts
        inner = begins + shares * (ends - begins)
        return within(self.tool.positions(inner.reshape(-1, 6)), low, high)

    def passed(self, q: JointVector) -> str:
        """Names the joint or flange coordinate farthest beyond its bound at `q` (6,) [rad]; '' if none is."""
        place = self.place(q)
        over = np.maximum(self.low - place, place - self.high)
        i = int(over.argmax())
        return (*JOINT_NAMES, 'flange x', 'flange y', 'flange z')[i] if over[i] > 0.0 else ''

    def out_of_reach(self, q: JointVector) -> str:
        """Says why no command brings the arm at `q` (6,) [rad] back inside, and what does; '' if one does."""
        angle, low, high = float(q[ACTUATED]), self.low[ACTUATED], self.high[ACTUATED]
        if low - TOLERANCE <= angle <= high + TOLERANCE:
            return ''
        return (
            f'{JOINT_NAMES[ACTUATED]} is at {angle:.3f} rad, out of its bounds {low:.3f} to {high:.3f}, and '
            'no command moves it: turn it back with the pendant'
        )


def turns(ways: np.ndarray) -> list[float]:
    """Returns the farthest that each joint turns on any of the ways, (n, 6) [rad]."""
    return np.maximum.reduce(np.abs(ways)).tolist()


def extent(values: np.ndarray) -> tuple[list[float], list[float]]:
    """Returns the lowest and the highest number of each column of `values` (n, m): two lists of m."""
    return np.minimum.reduce(values).tolist(), np.maximum.reduce(values).tolist()


def between(values: Iterable[float], low: Iterable[float], high: Iterable[float]) -> bool:
    """True if each of a few numbers is from its own `low` to its own `high`: `within`, without arrays."""
    return all(a <= x <= b for x, a, b in zip(values, low, high, strict=True))


def within(values: np.ndarray, low: Numbers, high: Numbers) -> bool:
    """True if all values are from `low` to `high`."""
    return bool(np.logical_and.reduce((values >= low) & (values <= high), axis=None))
