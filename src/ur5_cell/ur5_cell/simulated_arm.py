"""The arm: at each control step the controller tells it its target, and it tells where it is.

`IdealArm` is where it is told to be at once. `MeasuredArm` is moved by a simulator beside the controller,
which integrates the joint velocities that it is sent and measures the joints.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import hypot
from typing import Protocol

from ur5_cell.joint_state_ring import JointState, JointStateRing, StaleJointState
from ur5_rl_env.arm_shapes import camera
from ur5_rl_env.kinematics import BASE_LINK_FROM_CONTROLLER, Kinematics
from ur5_rl_env.robot_models import RobotModel

STIFFNESS = 5.0
"""Velocity sent for each radian that a joint lags behind its target [1/s]; the loop's delay is some 30 ms."""


class Arm(Protocol):
    """The arm behind the controller."""

    q: Sequence[float]
    """Joint angles [rad], 6."""

    def follow(self, q: Sequence[float], qd: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
        """Takes the target of this control step; returns angles [rad] and velocities [rad/s] as they are."""


class Screen:
    """What the wrist camera can run into: everything behind the front of the screen, in `base_link` [m]."""

    def __init__(
        self, centre: tuple[float, float, float], width: float, height: float, kinematics: Kinematics
    ) -> None:
        """Takes the middle of the screen, its size, and the kinematics of the arm before it."""
        self.centre, self.width, self.height = centre, width, height
        self._tool0_axes = kinematics.tool0_axes
        self._front = _front(kinematics.model)
        self._reach = max(hypot(*place) for place in self._front)

    def is_touched(self, q: Sequence[float]) -> bool:
        """Returns whether the front of the camera is in or behind the screen."""
        *axes, origin = self._tool0_axes(q)
        if _TURNS[1] * origin[1] + self._reach < self.centre[1]:
            return False
        for place in self._front:
            x, y, z = (
                turn * sum((start, *(part * axis[i] for part, axis in zip(place, axes, strict=True))))
                for i, (start, turn) in enumerate(zip(origin, _TURNS, strict=True))
            )
            beside = abs(x - self.centre[0]) > self.width / 2 or abs(z - self.centre[2]) > self.height / 2
            if y >= self.centre[1] and not beside:
                return True
        return False


def _front(model: RobotModel) -> tuple[tuple[float, float, float], ...]:
    """The corners of the camera and the end of its lens, in `tool0` [m]."""
    box, lens = camera(model)
    (x, y, z), (width, height, depth) = box.centre, box.size
    front = z + depth / 2 - model.d6
    corners = [(x + i * width / 2, y + j * height / 2, front) for i in (-1, 1) for j in (-1, 1)]
    return (*corners, (lens.end[0], lens.end[1], lens.end[2] - model.d6))


_TURNS = tuple(float(BASE_LINK_FROM_CONTROLLER[i, i]) for i in range(3))


class IdealArm:
    """Is at its target, unless the screen is in the way: then it stays where it was, at rest."""

    def __init__(self, q: Sequence[float], screen: Screen | None = None) -> None:
        """Starts at rest at joint angles [rad]."""
        self.q = q
        self._screen = screen

    def follow(self, q: Sequence[float], qd: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
        """Returns the target itself, or where the screen has stopped the arm."""
        screen = self._screen
        if screen is not None and screen.is_touched(q) and not screen.is_touched(self.q):
            return self.q, (0.0,) * len(self.q)
        self.q = q
        return q, qd


class MeasuredArm:
    """Sends joint velocities to a simulator and reads joint states back, both through shared memory.

    What is sent is the velocity of the target, and STIFFNESS times what the joints lag behind it: delays and
    lost steps do not add up. Between two measurements the joints are carried on at constant velocity.
    """

    def __init__(
        self,
        measured: JointStateRing,
        commanded: JointStateRing,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Begins where the arm is.

        Raises:
            StaleJointState: nothing has been measured yet.
        """
        self._measured, self._commanded, self._now_ns = measured, commanded, now_ns
        self.q: Sequence[float] = measured.latest().q
        self._qd: tuple[float, ...] = (0.0,) * 6

    def follow(self, q: Sequence[float], qd: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
        """Sends what moves the joints to the target; returns the newest that is known of them."""
        now = self._now_ns()
        with suppress(StaleJointState):  # the simulator has stopped: what is known of the arm stays as it is
            state = self._measured.at(now)
            self.q, self._qd = state.q, state.qd
        sent = [rate + STIFFNESS * (a - b) for rate, a, b in zip(qd, q, self.q, strict=True)]
        self._commanded.write(JointState(now, tuple(q), tuple(sent), 0))
        return self.q, self._qd
