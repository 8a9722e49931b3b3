"""Quantiles of as many times as one likes, in a memory that does not grow."""

import bisect

import numpy as np

_FINE = 0.01 * np.arange(10_000)
_DECADES = [width * np.arange(1_000, 10_000) for width in (0.1, 1.0, 10.0)]
_VALUES = np.round(np.concatenate([_FINE, *_DECADES, [100_000.0]]), 2)
"""(37001,) what is told apart [ms]: steps of 0.01 below 100, of a thousandth at most above it."""
_BOUNDS = (0.5 * (_VALUES[1:] + _VALUES[:-1])).tolist()


class Histogram:
    """Counts times from 0 to 100 s [ms], each as the nearest of 37001 values; longer ones as 100 s."""

    def __init__(self) -> None:
        """Starts without times."""
        self._counts = np.zeros(len(_VALUES), np.int64)

    def add(self, time_ms: float) -> None:
        """Adds one time."""
        self._counts[bisect.bisect_left(_BOUNDS, time_ms)] += 1

    def quantiles(self, *fractions: float) -> list[float]:
        """Returns the quantiles at `fractions` (0 to 1), between two neighbours as numpy.quantile.

        Raises:
            ValueError: nothing was added.
        """
        up_to = np.cumsum(self._counts)
        if not up_to[-1]:
            raise ValueError('there are no quantiles of nothing')
        place = np.asarray(fractions) * (up_to[-1] - 1)
        low, high = (
            _VALUES[np.searchsorted(up_to, rank, side='right')] for rank in (np.floor(place), np.ceil(place))
        )
        return (low + (place - np.floor(place)) * (high - low)).tolist()
