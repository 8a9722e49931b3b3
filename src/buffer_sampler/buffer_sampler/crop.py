"""Cropping of camera images (thesis 2.2, equation 2.3)."""

import numpy as np


def check_crop(height: int, width: int, crop_height: int, crop_width: int) -> None:
    """Raises ValueError if a crop does not fit into an image."""
    if not (0 < crop_height <= height and 0 < crop_width <= width):
        raise ValueError(
            f'crop {crop_width}x{crop_height} does not fit into images of {width}x{height} pixels; '
            'set crop_width and crop_height to at most observation_width and observation_height'
        )


def random_offsets(
    rng: np.random.Generator, count: int, height: int, width: int, crop_height: int, crop_width: int
) -> np.ndarray:
    """Draws the upper left corners of `count` crops, uniform over the whole margin.

    h ~ U{0, ..., H - H'} and w ~ U{0, ..., W - W'}, both ends included (equation 2.3).

    Returns:
        (count, 2) int64: row h, column w [pixel].
    """
    return rng.integers((0, 0), (height - crop_height, width - crop_width), (count, 2), endpoint=True)


def centre_crop(images: np.ndarray, crop_height: int, crop_width: int) -> np.ndarray:
    """Returns the central patch as a view: h = (H - H') / 2, w = (W - W') / 2, rounded down.

    Args:
        images: (..., H, W, 3).
        crop_height: H' [pixel].
        crop_width: W' [pixel].

    Raises:
        ValueError: the crop is larger than the image.
    """
    height, width = images.shape[-3:-1]
    check_crop(height, width, crop_height, crop_width)
    top, left = (height - crop_height) // 2, (width - crop_width) // 2
    return images[..., top : top + crop_height, left : left + crop_width, :]
