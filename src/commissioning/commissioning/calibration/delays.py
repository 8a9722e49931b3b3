"""Delays from two recordings of one event: of a target that jumps, and of a joint that goes to and fro.

All times are seconds of one clock.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

GRID_S = 0.0005
"""Shifts are tried so far apart, and the best is refined between them."""

SHIFTS_S = (-0.15, 0.3)
"""Delays of pictures that are looked for."""
RESPONSES_S = (-0.05, 0.3)
"""Delays of the arm that are looked for."""


class Delay(NamedTuple):
    """A delay and how far it may be off."""

    seconds: float
    within: float  # half of the range that explains the measurements as well, or a standard deviation [s]


class Jump(NamedTuple):
    """A jump of the target, and the two pictures between which it was seen."""

    shown: float  # when it was told to the monitor
    before: float  # of the last picture that shows the old place
    after: float  # of the first one that shows the new place


def of_jumps(jumps: Sequence[Jump]) -> Delay:
    """Returns how long after a jump was told it is seen.

    Each jump says only that this is more than `before` and at most `after`; what most of them allow is it. A
    few wrong ones, such as of a late frame, move nothing. Many that disagree tell of jitter: then what nearly
    as many allow may be it, too, as many fewer as chance gives to the number of those that disagree.

    Raises:
        ValueError: no jump, or they agree on nothing.
    """
    if not jumps:
        raise ValueError('no jump of the target was seen')
    low = np.array([jump.before - jump.shown for jump in jumps])
    high = np.array([jump.after - jump.shown for jump in jumps])
    edges = np.unique(np.concatenate([low, high]))
    middles = (edges[:-1] + edges[1:]) / 2
    votes = ((middles[:, None] > low) & (middles[:, None] <= high)).sum(1)
    best = np.flatnonzero(votes >= votes.max() - np.sqrt(len(jumps) - votes.max()))
    if votes.max() <= len(jumps) / 2:
        raise ValueError(f'only {votes.max()} of {len(jumps)} jumps of the target agree on a delay')
    first, last = edges[best[0]], edges[best[-1] + 1]
    return Delay(float(first + last) / 2, float(last - first) / 2)


def of_motion(times: np.ndarray, seen: np.ndarray, joint_times: np.ndarray, angles: np.ndarray) -> Delay:
    """Returns by how much later a joint's motion shows in pictures than in joint states.

    The disc's place in the picture is a smooth function of the angle (a parabola, for a few degrees): the
    shift is the one with which it fits best.

    Args:
        times: of the pictures, (n,).
        seen: where the disc was in them, (n, 2) [pixel].
        joint_times: of the joint states, (m,), growing.
        angles: of the joint, (m,) [rad].

    Raises:
        ValueError: too few pictures, nothing moved in them, or no delay that is looked for fits.
    """

    def left(shift: float) -> float:
        angle = np.interp(times - shift, joint_times, angles)
        angle = angle - angles.mean()
        terms = np.column_stack([np.ones_like(angle), angle, angle**2])
        return float(((seen - terms @ np.linalg.lstsq(terms, seen, rcond=None)[0]) ** 2).sum())

    if len(times) < 20:
        raise ValueError(f'{len(times)} pictures of the moving arm: too few')
    best = _least(left, *SHIFTS_S)
    whole = float(((seen - seen.mean(0)) ** 2).sum())
    if whole <= 0.0 or left(best) > 0.1 * whole:
        raise ValueError(
            'what the pictures show does not move with the joint: is the disc seen all the time?'
        )
    return Delay(best, _deviation(left, best, 2 * len(times) - 7))


def of_response(
    sent_times: np.ndarray,
    sent: np.ndarray,
    joint_times: np.ndarray,
    velocities: np.ndarray,
    acceleration: float,
) -> Delay:
    """Returns how long after a command a joint begins to do it.

    What it is expected to do is to change its velocity by no more than `acceleration`.

    Args:
        sent_times: of the commands, (k,), growing.
        sent: velocities that were asked for, (k,) [rad/s].
        joint_times: of the joint states, (m,).
        velocities: of the joint, (m,) [rad/s].
        acceleration: [rad/s^2].

    Raises:
        ValueError: it does something else.
    """
    step = 0.001
    fine = np.arange(sent_times[0], sent_times[-1] + RESPONSES_S[1], step)
    wanted = sent[np.searchsorted(sent_times, fine, side='right') - 1]
    expected, velocity = np.empty_like(fine), 0.0
    for i, want in enumerate(wanted):
        velocity += min(max(want - velocity, -acceleration * step), acceleration * step)
        expected[i] = velocity
    inside = (joint_times > sent_times[0] + RESPONSES_S[1]) & (joint_times < sent_times[-1] + RESPONSES_S[0])
    at, real = joint_times[inside], velocities[inside]

    def left(shift: float) -> float:
        return float(((real - np.interp(at - shift, fine, expected)) ** 2).sum())

    best = _least(left, *RESPONSES_S)
    if left(best) > 0.1 * float((real**2).sum()):
        raise ValueError('the joint does not follow what it is told: guard, speed slider, another commander?')
    return Delay(best, _deviation(left, best, len(at) - 1))


def _least(left: Callable[[float], float], low: float, high: float) -> float:
    """The shift with the least that is left: on a grid, then by a parabola through the best three."""
    coarse = np.arange(low, high + GRID_S, 8 * GRID_S)
    place = int(np.argmin([left(shift) for shift in coarse.tolist()]))
    if place in (0, len(coarse) - 1):
        raise ValueError(f'no delay from {1e3 * low:.0f} to {1e3 * high:.0f} ms explains what was seen')
    middle = coarse[place]
    fine = middle + GRID_S * np.arange(-9, 10)
    values = [left(shift) for shift in fine]
    i = min(max(int(np.argmin(values)), 1), len(fine) - 2)
    before, at, after = values[i - 1 : i + 2]
    bend = before - 2 * at + after
    return float(fine[i] + (GRID_S * 0.5 * (before - after) / bend if bend > 0.0 else 0.0))


def _deviation(left: Callable[[float], float], best: float, freedom: int) -> float:
    """The standard deviation of a shift, by how fast the sum of squares rises beside it."""
    width = 0.004
    bend = (left(best - width) - 2 * left(best) + left(best + width)) / width**2
    return float(np.sqrt(2 * left(best) / max(freedom, 1) / bend)) if bend > 0.0 else width
