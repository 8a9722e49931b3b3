"""Where the red disc is on the monitor, at any time (thesis 3.1: Reaching and Tracking).

Screen coordinates: origin at the centre of the screen, x to the right as the arm sees it, y up, in metres.
The motion is a closed form of time, so that nodes that ask at different moments never drift apart.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ur5_rl_graph.architectures import TASKS
from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class ScreenConfig:
    """The monitor's picture and the disc on it."""

    screen_width: float = setting(0.53, 'visible width of the monitor [m]', low=0.1, high=3.0)
    screen_height: float = setting(0.298, 'visible height of the monitor [m]', low=0.1, high=2.0)
    target_radius: float = setting(
        0.0232, 'radius of the red disc [m]; 0.0232 = 7 of 160 screen units', low=0.002, high=0.2
    )

    def __post_init__(self) -> None:
        check(self)
        if min(self.half_range) <= 0.0:
            smaller = min(self.screen_width, self.screen_height)
            raise ValueError(
                f'target_radius is {self.target_radius} m; less than {smaller / 2} m fits on a screen of '
                f'{self.screen_width} x {self.screen_height} m'
            )

    @property
    def half_range(self) -> tuple[float, float]:
        """Largest |x| and |y| of the disc's centre at which the whole disc is visible [m]."""
        return self.screen_width / 2 - self.target_radius, self.screen_height / 2 - self.target_radius


@dataclass(frozen=True, kw_only=True)
class TargetConfig(ScreenConfig):
    """How targets are drawn."""

    task: str = setting('reaching', 'what the target does: stand still or move', choices=TASKS)
    target_speed: float = setting(
        0.083,
        'speed of the target in tracking [m/s]; 0.083 = 25 of 160 screen units a second',
        low=0.0,
        high=1.0,
    )


class TargetPoint(NamedTuple):
    """Centre of the disc [m] and its velocity [m/s] in screen coordinates."""

    x: float
    y: float
    vx: float
    vy: float


def on_screen(point: TargetPoint, believed: tuple[float, float], screen: ScreenConfig) -> TargetPoint:
    """Returns where a target is in truth that was told for a screen of another size.

    A window fills the monitor, whatever size that is believed to have.

    Args:
        point: as it was told.
        believed: width and height of the screen that it was told for [m].
        screen: the real one.
    """
    across, up = np.divide((screen.screen_width, screen.screen_height), believed)
    return TargetPoint(point.x * across, point.y * up, point.vx * across, point.vy * up)


@dataclass(frozen=True)
class TargetMotion:
    """Straight motion from a point, reflected at the edges of the screen.

    Attributes:
        start: position and velocity at time 0.
        half_range: limits of |x| and |y| of the centre [m], > 0.
    """

    start: TargetPoint
    half_range: tuple[float, float]

    @classmethod
    def draw(cls, config: TargetConfig, rng: np.random.Generator) -> 'TargetMotion':
        """Draws a target: anywhere, static, in reaching; from the centre in any direction in tracking."""
        half_x, half_y = config.half_range
        if config.task == 'reaching':
            point = TargetPoint(
                float(rng.uniform(-half_x, half_x)), float(rng.uniform(-half_y, half_y)), 0.0, 0.0
            )
        else:
            angle = rng.uniform(-math.pi, math.pi)
            speed = config.target_speed
            point = TargetPoint(0.0, 0.0, speed * math.cos(angle), speed * math.sin(angle))
        return cls(point, config.half_range)

    def at(self, time: float) -> TargetPoint:
        """Returns the target `time` seconds after the start; exact for any time, also before it."""
        x, vx = _reflect(self.start.x, self.start.vx, self.half_range[0], time)
        y, vy = _reflect(self.start.y, self.start.vy, self.half_range[1], time)
        return TargetPoint(x, y, vx, vy)


@dataclass(frozen=True)
class ShownTarget:
    """A target on the screen: it stands where it was drawn until its motion begins.

    Its place is a function of what was drawn and of the time since then alone.

    Attributes:
        motion: from the begin on.
        start_ns: when it begins, in nanoseconds of the clock that `at` is asked in; None = not known yet.
    """

    motion: TargetMotion
    start_ns: int | None = None

    @classmethod
    def announced(
        cls, stamp_ns: int, point: TargetPoint, start_ns: int | None, half_range: tuple[float, float]
    ) -> 'ShownTarget':
        """Returns the target that was at `point` at `stamp_ns`.

        Raises:
            ValueError: numbers that cannot be drawn.
        """
        if not np.isfinite(point).all() or not min(half_range) > 0.0:
            raise ValueError(f'target {tuple(point)} on a screen of half range {half_range} cannot be drawn')
        under_way_ns = 0 if start_ns is None else max(stamp_ns - start_ns, 0)
        begin = TargetMotion(point, half_range).at(-1e-9 * under_way_ns)
        return cls(TargetMotion(begin, half_range), start_ns)

    def at(self, stamp_ns: int) -> TargetPoint:
        """Returns where it is at that time, and the velocity that it has from its start on."""
        moving_ns = 0 if self.start_ns is None else max(stamp_ns - self.start_ns, 0)
        return self.motion.at(1e-9 * moving_ns)


def _reflect(start: float, velocity: float, half: float, time: float) -> tuple[float, float]:
    """Position and velocity of a point that bounces between -half and +half: the free path, folded."""
    if velocity == 0.0:
        return min(max(start, -half), half), 0.0
    period = 4.0 * half
    phase = (start + half + velocity * time) % period  # 0 at the lower edge, 2 half at the upper one
    if phase <= 2.0 * half:
        return phase - half, velocity
    return 3.0 * half - phase, -velocity
