"""Means over time, runs and episodes, with what is said of their uncertainty."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

CONFIDENCE = 0.95


class Estimate(NamedTuple):
    """A mean over n independent values."""

    mean: float  # nan for n = 0
    error: float  # standard error of the mean; nan for n < 2
    n: int


class Interval(NamedTuple):
    """A mean with its confidence interval."""

    mean: float
    low: float  # nan for n < 2
    high: float
    n: int


def estimate(values: ArrayLike) -> Estimate:
    """Returns mean and standard error, s / sqrt(n) with s over n - 1, of the values (N,) that are not nan."""
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    n = len(known)
    mean = float(np.mean(known)) if n else math.nan
    error = float(np.std(known, ddof=1) / math.sqrt(n)) if n > 1 else math.nan
    return Estimate(mean, error, n)


def interval(values: ArrayLike) -> Interval:
    """Returns the mean of the values (N,) and its interval of `CONFIDENCE`, by Student's t."""
    mean, error, n = estimate(values)
    half = t_quantile(0.5 + CONFIDENCE / 2, n - 1) * error if n > 1 else math.nan
    return Interval(mean, mean - half, mean + half, n)


def bin_means(times: np.ndarray, values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Returns the mean of the values in each stretch of time, nan where there is none.

    Args:
        times: (N,) when each value came.
        values: (N,)
        edges: (B + 1,) ascending limits of the stretches. A value on an edge belongs to the stretch before
            it, as an episode is dated by its end; what came after the last edge belongs to the last stretch.

    Returns:
        (B,)
    """
    bins = len(edges) - 1
    index = np.clip(np.searchsorted(edges, times, side='left') - 1, 0, bins - 1)
    counts = np.bincount(index, minlength=bins)
    sums = np.bincount(index, weights=values, minlength=bins)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def t_quantile(probability: float, degrees: int) -> float:
    """Returns the quantile of Student's t distribution, for a probability above 1/2, to 1e-6.

    The distribution function is integrated over the angle a with t = sqrt(degrees) tan(a), where the density
    is proportional to cos(a)^(degrees - 1) and the whole range is finite.
    """
    angles = np.linspace(0.0, math.pi / 2, 200_001)
    density = np.cos(angles) ** (degrees - 1)
    below = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    angle = np.interp(2 * probability - 1, below / below[-1], angles)
    return float(math.sqrt(degrees) * math.tan(angle))
