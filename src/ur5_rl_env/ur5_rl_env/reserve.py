"""What may still become of the arm: commands that act for a while, then braking."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ur5_rl_graph.data import JointVector

SPACING_S = 0.032  # [s] at most, between the times at which a motion is looked at
LATE_S = 0.016  # [s] that a reading may be old, and a packet be on its way


class Futures(NamedTuple):
    """Where braking may begin, and where it ends then; each (n, 6) [rad]."""

    begins: np.ndarray
    ends: np.ndarray


def late_steps(period: float) -> int:
    """Returns for how many control steps of `period` [s] a command may act after the reading, or not yet show
    in it, although others were sent after it.
    """
    return round(LATE_S / period) + 1


class Reserve:
    """Foresees motion under the commands that may be acting and the one that is about to be sent.

    Args:
        period: control step [s].
        longest: that a command may act [control steps].
        acceleration: of the leading axis, to a command [rad/s^2].
        deceleration: of the leading axis, the slowest with which the arm may be brought to rest [rad/s^2].
    """

    def __init__(self, period: float, longest: int, acceleration: float, deceleration: float) -> None:
        self._seconds = 2 * longest * period
        self._acceleration, self._deceleration = acceleration, deceleration
        spacing = round(SPACING_S / period)
        self._newest = period * _grid(1, longest, spacing)
        self._older = period * _grid(1, min(late_steps(period), longest), spacing)
        self._after = period * _grid(0, longest, spacing)[:, None]
        # Number of commands that may be acting -> (which acts, for how long).
        self._begins: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def states(
        self, q: JointVector, qd: JointVector, sent: Sequence[JointVector]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Returns joint angles and velocities, each (n, 6), at which the next command may begin to act.

        Args:
            q: (6,) joint angles [rad] that the controller commands now.
            qd: (6,) joint velocities [rad/s] that it commands now.
            sent: commands that may be acting, each (6,) [rad/s], the newest last; this one may act for the
                longest time, since the next may be late by it, the older ones for `late_steps`.
        """
        older = len(sent) - 1
        if older not in self._begins:
            which = np.array([*range(older)] * len(self._older) + [older] * len(self._newest))
            self._begins[older] = which, np.concatenate([np.repeat(self._older, older, axis=0), self._newest])
        which, times = self._begins[older]
        return _motion(q, qd, np.array(sent)[which], self._acceleration, times)

    def futures(self, states: tuple[np.ndarray, np.ndarray], velocity: JointVector) -> Futures:
        """Returns where the arm may come to from `states` if `velocity` (6,) [rad/s] acts, then brakes it."""
        q, qd = _motion(states[0], states[1], velocity, self._acceleration, self._after)
        q, qd = q.reshape(-1, 6), qd.reshape(-1, 6)
        leading = np.maximum.reduce(np.abs(qd), axis=1, keepdims=True)
        return Futures(q, q + qd * (leading / (2 * self._deceleration)))

    def horizon(self, speed: float) -> float:
        """Returns the time in which the arm would come as far at `speed` [rad/s] as it may until rest [s]."""
        return self._seconds + speed / (2 * self._deceleration)


def _grid(first: int, last: int, spacing: int) -> np.ndarray:
    """Times from `first` to `last` [control steps], (n, 1), at most `spacing` apart."""
    return np.linspace(first, last, -(-(last - first) // spacing) + 1)[:, None]


def _motion(
    q: JointVector, qd: JointVector, target: Any, acceleration: float, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Joint angles and velocities, (..., 6), `times` (..., 1) [s] after speedj(target) at (q, qd)."""
    change = target - qd
    ramp = (
        np.maximum.reduce(np.abs(change), axis=-1, keepdims=True) / acceleration
    )  # the leading axis sets the pace of all
    ramp = np.maximum(ramp, 1e-9)
    ramping = np.minimum(times, ramp)
    gained = change * (ramping / ramp)
    velocity = qd + gained
    return q + times * velocity - (0.5 * ramping) * gained, velocity
