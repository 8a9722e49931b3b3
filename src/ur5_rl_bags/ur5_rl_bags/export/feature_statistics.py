"""Count, mean, variance and bounds of what comes in parts, as LeRobot's stats.json has them. Pure."""

from typing import NamedTuple

import numpy as np


class Statistics(NamedTuple):
    """Of n samples, by component."""

    count: int  # type: ignore[assignment]  # for the method of tuples that it hides
    mean: np.ndarray
    variance: np.ndarray  # of the n samples themselves
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of_vectors(cls, values: np.ndarray) -> 'Statistics':
        """Returns those of (n, d) numbers, by column."""
        values = values.astype(np.float64)
        return cls(len(values), values.mean(0), values.var(0), values.min(0), values.max(0))

    @classmethod
    def of_images(cls, images: np.ndarray) -> 'Statistics':
        """Returns those of the pixels of (n, H, W, 3) uint8 images, by channel, in [0, 1]; all (3, 1, 1)."""
        # By how often each value is there: copies as floats would be eight times as large as the images.
        counts = np.stack([np.bincount(images[..., channel].ravel(), minlength=256) for channel in range(3)])
        scale = np.arange(256) / 255.0
        shares = counts / counts.sum(1, keepdims=True)
        mean = shares @ scale
        variance = (shares * (scale - mean[:, None]) ** 2).sum(1)
        low = scale[(counts > 0).argmax(1)]
        high = scale[255 - (counts > 0)[:, ::-1].argmax(1)]
        return cls(len(images), *(value.reshape(3, 1, 1) for value in (mean, variance, low, high)))

    def merged(self, other: 'Statistics') -> 'Statistics':
        """Returns those of both parts together."""
        count = self.count + other.count
        share = other.count / count
        apart = other.mean - self.mean
        return Statistics(
            count,
            self.mean + share * apart,
            (1.0 - share) * self.variance + share * other.variance + share * (1.0 - share) * apart**2,
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
        )

    def described(self) -> dict[str, list]:
        """Returns them under the names that LeRobot gives them."""
        return {
            'min': self.low.tolist(),
            'max': self.high.tolist(),
            'mean': self.mean.tolist(),
            'std': np.sqrt(self.variance).tolist(),
            'count': [self.count],
        }
