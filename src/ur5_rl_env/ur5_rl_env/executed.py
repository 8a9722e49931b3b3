"""What the arm made of a velocity command: summed up where it is sent, an action where it is learned from.

A command is known by its stamp. Its executed velocity is the mean, over the control steps since it was first
sent, of what was sent times the speed scaling of that step. What the environment knows at observation k+1 are
the steps that were sent by then: the next command is some milliseconds away, at most one more step.
"""

from typing import NamedTuple

import numpy as np

from ur5_rl_graph.data import JOINTS

FULL_SPEED = 0.995
"""A speed scaling from here on counts as 100 %: sliders move in steps of 1 %, and reports are rounded."""

REPORT_S = 0.020
"""So long after a command the arm driver's report on it may still be on its way [s]."""


class Executed(NamedTuple):
    """What has become of a command so far."""

    stamp_ns: int  # of the command
    velocity: tuple  # (6,) mean of velocity times speed scaling [rad/s]
    changed: bool  # guard, watchdog or speed scaling changed it


class ExecutedMean:
    """The servo's side: sums over the control steps of one command."""

    def __init__(self) -> None:
        self._stamp_ns = 0
        self._begin()

    def _begin(self) -> None:
        self._total, self._steps, self._changed = (0.0,) * 6, 0, False

    def sent(self, stamp_ns: int, velocity: tuple, scaling: float, changed: bool) -> Executed:
        """Takes what was sent in one control step and returns what has become of the command.

        Args:
            stamp_ns: of the newest command, whether or not it still counts.
            velocity: (6,) [rad/s].
            scaling: share of it that the controller grants, 0 to 1.
            changed: it is not what the command asked for.
        """
        if stamp_ns != self._stamp_ns:
            self._stamp_ns = stamp_ns
            self._begin()
        self._total = tuple(a + b * scaling for a, b in zip(self._total, velocity, strict=True))
        self._steps += 1
        self._changed |= changed or scaling < FULL_SPEED
        return Executed(stamp_ns, tuple(total / self._steps for total in self._total), self._changed)


class ExecutedAction(NamedTuple):
    """What the arm made of an action."""

    action: np.ndarray  # (5,) float32 in [-1, 1]
    changed: bool  # it may differ from the one asked for; else it is that one, bit for bit
    reported: bool  # the arm driver has spoken of it, or could not have yet


def executed_action(
    requested: np.ndarray,
    stamp_ns: int,
    age_s: float,
    newest: Executed | None,
    measured: np.ndarray,
    max_velocity: float,
) -> ExecutedAction:
    """Returns the executed action of a step.

    Without a report of the command the requested action stands, if the report may still be on its way (the
    action came late) and the command before it is not being changed. Else the command never reached the arm,
    or the driver is silent, and what the joints do is the best that is known.

    Args:
        requested: (5,) float32 in [-1, 1], the action asked for.
        stamp_ns: of the velocity command that it became.
        age_s: time since then [s].
        newest: the arm driver's newest report, on whatever command; None before the first.
        measured: (>= 5,) joint velocities at the end of the step [rad/s].
        max_velocity: joint velocity of an action of 1 [rad/s].
    """
    reported = newest is not None and newest.stamp_ns == stamp_ns
    if not reported and age_s <= REPORT_S and not (newest and newest.changed):
        return ExecutedAction(requested, False, True)
    if newest and reported and not newest.changed:
        return ExecutedAction(requested, False, True)
    velocity = np.asarray(newest.velocity if newest and reported else measured, float)[:JOINTS]
    action = np.clip(velocity / max_velocity, -1.0, 1.0).astype(np.float32)
    return ExecutedAction(action, True, reported)
