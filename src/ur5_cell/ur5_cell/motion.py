"""Joint motion of the simulated UR5: speedj, movej and stopj, sampled at the control period.

Pure and deterministic: `JointMotion.step()` advances one control period and nothing else moves the arm. As
on the robot, acceleration and speed limits are those of the leading axis (the joint with the farthest to go);
the others are scaled so that all arrive together. What moves here is the target; where the joints are says
the arm (`simulated_arm.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

JOINTS = 6


@dataclass(frozen=True)
class Trapezoid:
    """Straight line in joint space with a trapezoidal (or triangular) speed, from rest to rest.

    Attributes:
        start: joint angles at time 0 [rad], 6 floats.
        goal: joint angles at `duration` [rad], 6 floats.
        speed: largest speed of the leading axis [rad/s], > 0.
        acceleration: acceleration and deceleration of the leading axis [rad/s^2], > 0.
    """

    start: tuple[float, ...]
    goal: tuple[float, ...]
    speed: float
    acceleration: float

    def __post_init__(self) -> None:
        for name in ('speed', 'acceleration'):
            if not getattr(self, name) > 0.0:
                raise ValueError(
                    f'{name} of a joint move is {getattr(self, name)}; it must be greater than 0'
                )

    @property
    def distance(self) -> float:
        """Way of the leading axis [rad]."""
        return max(abs(b - a) for a, b in zip(self.start, self.goal, strict=True))

    @property
    def peak_speed(self) -> float:
        """Speed the leading axis really reaches [rad/s]; lower than `speed` on a short way."""
        return min(self.speed, sqrt(self.distance * self.acceleration))

    @property
    def duration(self) -> float:
        """Time from start to goal [s]: the ramps, and the way left at peak speed."""
        peak = self.peak_speed
        return self.distance / peak + peak / self.acceleration if peak else 0.0

    def at(self, time: float) -> tuple[list[float], list[float]]:
        """Joint angles [rad] and velocities [rad/s] at `time` [s] after the start; exact, two lists of 6."""
        left = self.duration - time
        if left <= 0.0:
            return list(self.goal), [0.0] * JOINTS
        peak, ramp, distance = self.peak_speed, self.peak_speed / self.acceleration, self.distance
        if time < ramp:
            way, rate = 0.5 * self.acceleration * time * time, self.acceleration * time
        elif left < ramp:
            way, rate = distance - 0.5 * self.acceleration * left * left, self.acceleration * left
        else:
            way, rate = peak * (time - 0.5 * ramp), peak
        q = [a + (b - a) * way / distance for a, b in zip(self.start, self.goal, strict=True)]
        return q, [(b - a) * rate / distance for a, b in zip(self.start, self.goal, strict=True)]


def towards(velocity: Sequence[float], target: Sequence[float], largest_change: float) -> list[float]:
    """The joint velocity after one period of leading-axis limited acceleration.

    Args:
        velocity: present joint velocities [rad/s], 6 floats.
        target: wanted joint velocities [rad/s], 6 floats.
        largest_change: acceleration of the leading axis times the period [rad/s].

    Returns:
        The new velocities, a list of 6; exactly `target` once it is within reach.
    """
    change = [b - a for a, b in zip(velocity, target, strict=True)]
    leading = max(map(abs, change))
    if leading <= largest_change * (1.0 + 1e-9):  # rounding must not cost another period
        return list(target)
    scale = largest_change / leading
    return [a + scale * d for a, d in zip(velocity, change, strict=True)]


class JointMotion:
    """The arm: six joints, and the one motion that drives them.

    A new command replaces the old one. `hold()` brakes over whatever is commanded (safety stop, pause) and
    `release()` lets the command go on from where the arm came to rest.

    Args:
        q: initial joint angles [rad], 6 floats.
        period: control period [s].
    """

    def __init__(self, q: Sequence[float], period: float) -> None:
        self.q = [float(angle) for angle in q]
        self.qd = [0.0] * JOINTS
        self.qdd = [0.0] * JOINTS
        self.steps_at_rest = 0  # control periods for which the velocity has been zero
        self._period = period
        self._target = [0.0] * JOINTS  # velocity to go to, when no move is planned
        self._acceleration = 1.0
        # Goal, speed, acceleration still to be reached.
        self._move: tuple[tuple[float, ...], float, float] | None = None
        # The trapezoid, and periods since its start; None while braking before it.
        self._plan: tuple[Trapezoid, int] | None = None
        self._holding: float | None = None  # deceleration of a hold [rad/s^2]

    @property
    def at_rest(self) -> bool:
        """True when nothing is commanded that moves the arm and its velocity is exactly zero."""
        return self._move is None and not any(self._target) and not any(self.qd)

    @property
    def speed_reached(self) -> bool:
        """True when the arm moves with the velocity asked for by `speed()`."""
        return self._move is None and self.qd == self._target

    def speed(self, velocity: Sequence[float], acceleration: float) -> None:
        """Go to a joint velocity [rad/s] and keep it, leading axis at `acceleration` [rad/s^2] (speedj)."""
        self._move = self._plan = None
        self._target = [float(rate) for rate in velocity]
        self._acceleration = acceleration

    def brake(self, deceleration: float) -> None:
        """Come to rest, the leading axis at `deceleration` [rad/s^2] (stopj)."""
        self.speed([0.0] * JOINTS, deceleration)

    def move(self, goal: Sequence[float], speed: float, acceleration: float) -> None:
        """Go to joint angles [rad] on a straight line in joint space (movej); brakes first if the arm moves.

        Raises:
            ValueError: `speed` or `acceleration` is not greater than 0.
        """
        Trapezoid(tuple(self.q), tuple(goal), speed, acceleration)  # refuse bad limits before anything moves
        self.brake(acceleration)
        self._move = (tuple(float(angle) for angle in goal), speed, acceleration)

    def hold(self, deceleration: float) -> None:
        """Brake with the leading axis at `deceleration` [rad/s^2] and stay at rest until `release()`."""
        self._holding = deceleration
        self._plan = None

    def release(self) -> None:
        """Let the commanded motion go on after `hold()`."""
        self._holding = None

    def stand_at(self, q: Sequence[float]) -> None:
        """During a hold: be at rest at joint angles [rad]; what is commanded goes on from there."""
        self.q, self.qd = [float(angle) for angle in q], [0.0] * JOINTS

    def step(self) -> None:
        """Advance by one control period: angles, velocities and accelerations are those at its end."""
        before = self.qd
        if self._holding is not None:
            self._accelerate([0.0] * JOINTS, self._holding)
        elif self._move is None or (self._plan is None and any(before)):
            self._accelerate(self._target, self._acceleration)
        else:
            self._follow_plan(*self._move)
        self.qdd = [(b - a) / self._period for a, b in zip(before, self.qd, strict=True)]
        self.steps_at_rest = 0 if any(self.qd) else self.steps_at_rest + 1

    def _accelerate(self, target: Sequence[float], acceleration: float) -> None:
        before = self.qd
        self.qd = towards(before, target, acceleration * self._period)
        # Velocity is linear within the period, so the mean of its ends is the exact way.
        half = 0.5 * self._period
        self.q = [q + half * (a + b) for q, a, b in zip(self.q, before, self.qd, strict=True)]

    def _follow_plan(self, goal: tuple[float, ...], speed: float, acceleration: float) -> None:
        trapezoid, periods = self._plan or (Trapezoid(tuple(self.q), goal, speed, acceleration), 0)
        self.q, self.qd = trapezoid.at((periods + 1) * self._period)
        self._plan = (trapezoid, periods + 1)
        if (periods + 1) * self._period >= trapezoid.duration:
            self._move = self._plan = None
