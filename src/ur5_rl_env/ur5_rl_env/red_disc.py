"""Where the red disc is in a picture, to a part of a pixel."""

from typing import NamedTuple

import numpy as np

MIN_AREA = 3.0
"""Less red than this counts as nothing seen [pixel]."""
GREY = 60.0
"""So much redder than blue and green is what does not count yet [grey level]."""


class Spot(NamedTuple):
    """The disc in a picture."""

    column: float  # of its centroid [pixel], centres of pixels at integers
    row: float
    area: float  # pixels, those of its rim by their share
    whole: bool  # it does not reach the edge of the picture


def find(picture: np.ndarray) -> Spot | None:
    """Returns the disc in a picture (H, W, 3) uint8 BGR, or None where none is seen."""
    blue, green, red = (picture[..., channel].astype(float) for channel in range(3))
    redness = np.clip(red - np.maximum(blue, green) - GREY, 0.0, None)  # its rim is blurred: count by share
    share = redness / max(redness.max(), 1.0)
    area = float(share.sum())
    if redness.max() <= 0.0 or area < MIN_AREA:
        return None
    height, width = share.shape
    across, down = share.sum(0), share.sum(1)
    whole = max(across[0], across[-1], down[0], down[-1]) < 0.5
    return Spot(float(across @ np.arange(width)) / area, float(down @ np.arange(height)) / area, area, whole)


def core(picture: np.ndarray) -> np.ndarray:
    """Returns the pixels, (n, 3) B, G, R, that are surely of the disc: those nearly as red as the reddest."""
    redness = picture[..., 2].astype(int) - picture[..., :2].max(axis=2)
    return picture[redness >= 0.8 * redness.max()]
