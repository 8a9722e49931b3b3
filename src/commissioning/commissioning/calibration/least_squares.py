"""Least squares for a handful of unknowns (Levenberg and Marquardt), with the uncertainty of the result."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

STEP = 1e-6
TURNS = 60
ENOUGH = 1e-10
"""Relative gain of a turn below which it is over."""


class Fit(NamedTuple):
    """What was found."""

    values: np.ndarray  # (n,)
    deviations: np.ndarray  # (n,) standard deviations of the values, by what is left of the residuals
    residuals: np.ndarray  # (m,) at `values`


def jacobian(residuals: Callable[[np.ndarray], np.ndarray], values: np.ndarray) -> np.ndarray:
    """Returns d residuals / d values, (m, n), by central differences."""
    columns = []
    for i in range(len(values)):
        step = np.zeros(len(values))
        step[i] = STEP
        columns.append((residuals(values + step) - residuals(values - step)) / (2 * STEP))
    return np.array(columns).T


def fit(residuals: Callable[[np.ndarray], np.ndarray], start: np.ndarray) -> Fit:
    """Returns the values that make the sum of squared residuals least, near `start`.

    Args:
        residuals: of (n,) values, (m,), m > n; the values are to be of the order of 1.
        start: (n,).

    Raises:
        ValueError: there are too few residuals, or they do not tell all the values.
    """
    values, damping = np.array(start, float), 1e-3
    left = residuals(values)
    if len(left) <= len(values):
        raise ValueError(f'{len(left)} measurements do not tell {len(values)} unknown values')
    for _ in range(TURNS):
        slopes = jacobian(residuals, values)
        normal, gradient = slopes.T @ slopes, slopes.T @ left
        while damping < 1e12:
            step = np.linalg.solve(normal + damping * np.diag(normal.diagonal() + 1e-12), -gradient)
            better = residuals(values + step)
            gain = float(left @ left - better @ better)
            if gain >= 0.0:
                break
            damping *= 10.0
        else:
            break
        values, left, damping = values + step, better, max(damping / 10.0, 1e-12)
        if gain <= ENOUGH * float(left @ left) or np.abs(step).max() < STEP * STEP:
            break
    slopes = jacobian(residuals, values)
    variance = float(left @ left) / (len(left) - len(values))
    normal = slopes.T @ slopes
    if np.linalg.cond(normal) > 1e14:
        raise ValueError(
            'the measurements do not tell all the values: more, and more different, places are needed'
        )
    return Fit(values, np.sqrt(variance * np.linalg.inv(normal).diagonal()), left)
