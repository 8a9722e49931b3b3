"""The first convolution, which has a stride, written as one over blocks of pixels, which has none.

A block of `stride` x `stride` pixels of all frames becomes the channels of one position: 36 of 9 at a stride
of 2. A GPU's matrix units are filled better by them, and the maps have no strides to jump over.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from sac_learner import cuda_kernels

KERNEL = 3  # width of the convolutions
ALIGNMENT = 16  # bytes of a position's channels that tensor cores want a multiple of


def images_to_blocks(images: Tensor, stride: int, dtype: torch.dtype) -> Tensor:
    """uint8 (B, 3 frames, h, w, 3) -> (B, C, rows, columns) of `dtype` in channels_last, 0 to 255.

    Not 0 to 1: whole numbers up to 256 are exact in every dtype, and the kernel can be divided. Channels are
    frames, oldest first, rows, columns, colours, then zeros up to a multiple of 16 bytes.
    """
    batch, frames, height, width, colours = images.shape
    rows, columns = (_blocks(size, stride) for size in (height, width))
    run = stride * colours  # bytes that lie together in both
    used = frames * stride * run
    if images.is_cuda and cuda_kernels.usable():
        channels = _aligned(used, dtype)
        return cuda_kernels.blocks(images, stride, (rows, columns), channels, dtype).permute(0, 3, 1, 2)
    if (rows * stride, columns * stride) != (height, width):
        images = F.pad(images, (0, 0, 0, columns * stride - width, 0, rows * stride - height))
    blocks = images.new_zeros(batch, rows, columns, _aligned(used, dtype))
    source = images.reshape(batch, frames, rows, stride, columns, run).permute(0, 2, 4, 1, 3, 5)
    target = blocks[..., :used].unflatten(-1, (frames, stride, run))
    if run % 2 == 0:  # half as many to move
        source, target = source.view(torch.int16), target.view(torch.int16)
    target.copy_(source)
    return blocks.to(dtype).permute(0, 3, 1, 2)


def kernel_of_blocks(kernel: Tensor, stride: int, channels: int) -> Tensor:
    """(D, 3 colours, 3 frames, 3, 3) -> (D, channels, k, k) for `images_to_blocks`."""
    outputs, colours, frames = kernel.shape[:3]
    across = -(-KERNEL // stride)
    missing = across * stride - KERNEL
    kernel = F.pad(kernel, (0, missing, 0, missing))
    kernel = kernel.unflatten(4, (across, stride)).unflatten(3, (across, stride))
    kernel = kernel.permute(0, 2, 4, 6, 1, 3, 5).reshape(outputs, -1, across, across)
    return F.pad(kernel, (0, 0, 0, 0, 0, channels - kernel.shape[1]))


def _blocks(size: int, stride: int) -> int:
    """How many blocks the convolution of `size` pixels reads; the last may lack some, or leave some over."""
    return (size - KERNEL) // stride + -(-KERNEL // stride)


def _aligned(channels: int, dtype: torch.dtype) -> int:
    step = ALIGNMENT // dtype.itemsize
    return -(-channels // step) * step
