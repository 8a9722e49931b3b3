"""The size of a camera's picture: sub-sampling, and the pinhole model that goes with it."""

import math

from ur5_rl_graph.data import Image


def stride_of(shape: tuple[int, int], height: int, width: int) -> int:
    """Returns the step between the pixels kept of a picture of `shape` (H, W) to get (height, width).

    Raises:
        ValueError: the wanted size is not the picture's divided by a whole number.
    """
    stride = shape[1] // width
    if stride < 1 or (height * stride, width * stride) != tuple(shape):
        raise ValueError(
            f'a picture of {shape[1]}x{shape[0]} cannot be sub-sampled to {width}x{height}; '
            + sizes_for(shape, height, width)
        )
    return stride


def sizes_for(shape: tuple[int, int], height: int, width: int) -> str:
    """Returns what to set for a camera whose picture has `shape` (H, W) where (height, width) is wanted.

    All of it at once: a size that fits one parameter alone would be refused by the next.
    """
    common = math.gcd(*shape)
    strides = [stride for stride in range(1, common + 1) if common % stride == 0]
    stride = min(strides, key=lambda stride: abs(shape[1] / stride - width))
    image = f'image_width: {shape[1] // stride}, image_height: {shape[0] // stride}'
    capture = f'capture_width: {shape[1]}, capture_height: {shape[0]}'
    if (shape[1] // stride, shape[0] // stride) == (width, height):
        return f'set {capture}'
    return (
        f'choose a mode of {width}x{height} times a whole number, such as {4 * width}x{4 * height}, or set '
        f"for every node ('/**') {capture}, {image}, and observation_width and observation_height in that "
        'proportion'
    )


def subsample(picture: Image, height: int, width: int) -> Image:
    """Returns every n-th pixel of every n-th row, as the thesis' camera process does, (height, width, 3)."""
    stride = stride_of((picture.shape[0], picture.shape[1]), height, width)
    return picture[::stride, ::stride]


def pinhole(height: int, width: int, horizontal_fov: float) -> tuple[float, float, float]:
    """Returns focal length and principal point (f, cx, cy) in pixels, square pixels, centres at integers.

    Args:
        height: of the picture [pixel].
        width: of the picture [pixel].
        horizontal_fov: from the left edge to the right one [degree].
    """
    focal = width / 2 / math.tan(math.radians(horizontal_fov) / 2)
    return focal, (width - 1) / 2, (height - 1) / 2
