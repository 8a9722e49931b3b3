"""Two ways to encode the same images: in chunks for a processor's cache, or all at once for a GPU."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from sac_learner.networks import Encoder, images_to_float, spatial_softmax

CHUNK, CHUNK_PIXELS = 32, 32 * 78 * 44
"""Observations encoded at a time: what they need stays in the processor's cache and in reused memory.

Of tiny images more, up to so many pixels: the calls would cost more than their work.
"""


def encode_in_chunks(encoders: Sequence[Encoder], images: Tensor) -> list[Tensor]:
    """The coordinates (B, 2 channels) of the same images, uint8 (B, 3, h, w, 3), by each encoder."""
    height, width = images.shape[2:4]
    coordinates: list[list[Tensor]] = [[] for _ in encoders]
    for chunk in images.split(max(CHUNK, CHUNK_PIXELS // (height * width))):
        floats = images_to_float(chunk)
        for encoder, parts in zip(encoders, coordinates, strict=True):
            parts.append(encoder(floats))
    return [torch.cat(parts) for parts in coordinates]


def encode_whole(encoders: Sequence[Encoder], images: Tensor, dtype: torch.dtype) -> list[Tensor]:
    """As `encode_in_chunks`, in one call for each encoder, with images and maps of `dtype`."""
    planes = images_to_planes(images, dtype)
    return [encode_planes(encoder, planes) for encoder in encoders]


def images_to_planes(images: Tensor, dtype: torch.dtype) -> Tensor:
    """uint8 (B, 3, h, w, 3) -> (B, 9, h, w) in channels_last, the oldest frame first, 0 to 255.

    Not 0 to 1: whole numbers up to 256 are exact in every dtype, and the first kernel can divide.
    """
    pixels = images.permute(0, 2, 3, 1, 4).to(dtype, memory_format=torch.contiguous_format)
    return pixels.flatten(3).permute(0, 3, 1, 2)


def encode_planes(encoder: Encoder, planes: Tensor) -> Tensor:
    """What `encoder` gives for images, by 2-D convolutions in the dtype of the planes."""
    kernel = encoder.frames.weight.transpose(1, 2).flatten(1, 2) / 255
    features = _convolve(planes, kernel, encoder.frames.bias, encoder.frames.stride[1:])
    for layer in encoder.convolutions:
        features = _convolve(F.relu_(features), layer.weight, layer.bias, layer.stride)
    return spatial_softmax(features.to(encoder.frames.weight.dtype), encoder.temperature)


def _convolve(images: Tensor, kernel: Tensor, bias: Tensor, stride: tuple[int, ...]) -> Tensor:
    kernel = kernel.to(images.dtype, memory_format=torch.channels_last)
    return F.conv2d(images, kernel, bias.to(images.dtype), stride)
