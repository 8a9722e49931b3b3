"""Two ways to encode the same images: in chunks for a processor's cache, or all at once for a GPU."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from sac_learner import cuda_kernels
from sac_learner.blocks import images_to_blocks, kernel_of_blocks
from sac_learner.networks import Encoder, images_to_float, spatial_softmax

CHUNK, CHUNK_PIXELS = 32, 32 * 78 * 44
"""Observations encoded at a time: what they need stays in the processor's cache and in reused memory.

Of tiny images more, up to so many pixels: the calls would cost more than their work.
"""


def encode_in_chunks(encoders: Sequence[Encoder], images: Tensor, dtype: torch.dtype) -> list[Tensor]:
    """The coordinates (B, 2 channels) of the same images, uint8 (B, 3, h, w, 3), by each encoder.

    Maps are of `dtype`; the coordinates are as exact as the weights.
    """
    height, width = images.shape[2:4]
    exact = dtype == encoders[0].frames.weight.dtype
    forms: Sequence[Callable[[Tensor], Tensor]]
    forms = encoders if exact else [rounded_encoder(encoder, dtype) for encoder in encoders]
    coordinates: list[list[Tensor]] = [[] for _ in encoders]
    for chunk in images.split(max(CHUNK, CHUNK_PIXELS // (height * width))):
        pixels = images_to_float(chunk) if exact else chunk.permute(0, 4, 1, 2, 3).to(dtype)
        for form, parts in zip(forms, coordinates, strict=True):
            parts.append(form(pixels))
    return [torch.cat(parts) for parts in coordinates]


def rounded_encoder(encoder: Encoder, dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
    """`encoder` with kernels and maps of `dtype`, of pixels from 0 to 255, which are exact in it."""
    frames: Any = encoder.frames
    layers: Any = encoder.convolutions
    kernel, bias = (frames.weight / 255).to(dtype), frames.bias.to(dtype)
    *hidden, last = [(*_rounded(layer.weight, layer.bias, dtype), layer.stride) for layer in layers]

    def encode(pixels: Tensor) -> Tensor:
        maps = F.relu(F.conv3d(pixels, kernel, bias, frames.stride), inplace=True).squeeze(2)
        for layer in hidden:
            maps = F.relu(F.conv2d(maps, *layer), inplace=True)
        return spatial_softmax(F.conv2d(maps, *last).to(frames.weight.dtype), encoder.temperature)

    return encode


def encode_whole(encoders: Sequence[Encoder], images: Tensor, dtype: torch.dtype) -> list[Tensor]:
    """As `encode_in_chunks`, in one call for each encoder, with images and maps of `dtype`."""
    blocks = images_to_blocks(images, encoders[0].frames.stride[1], dtype)
    return [encode_blocks(encoder, blocks) for encoder in encoders]


def encode_blocks(encoder: Encoder, blocks: Tensor) -> Tensor:
    """What `encoder` gives for images, by 2-D convolutions in the dtype of their blocks."""
    frames: Any = encoder.frames
    layers: Any = encoder.convolutions  # of no kind that torch's stubs know
    *hidden, last = layers
    kernel = kernel_of_blocks(frames.weight / 255, frames.stride[1], blocks.shape[1])
    maps = RectifiedConvolution.apply(blocks, *_rounded(kernel, frames.bias, blocks.dtype), 1)
    for layer in hidden:
        parameters = _rounded(layer.weight, layer.bias, blocks.dtype)
        maps = RectifiedConvolution.apply(maps, *parameters, layer.stride[0])
    maps = F.conv2d(maps, *_rounded(last.weight, last.bias, blocks.dtype), last.stride)
    return spatial_softmax(maps.to(frames.weight.dtype), encoder.temperature)


def _rounded(kernel: Tensor, bias: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    return kernel.to(dtype, memory_format=torch.channels_last), bias.to(dtype)


class RectifiedConvolution(torch.autograd.Function):
    """A convolution with ReLU: (B, C, h, w), (D, C, k, k), (D,), stride -> (B, D, h', w').

    On CUDA both are one kernel, which autograd has no gradient of: its maps are written once, not twice.
    """

    @staticmethod
    def forward(ctx: Any, maps: Tensor, kernel: Tensor, bias: Tensor, stride: int) -> Tensor:
        """Keeps what came in and what goes out."""
        if maps.is_cuda:
            rectified = torch.cudnn_convolution_relu(maps, kernel, bias, [stride] * 2, [0, 0], [1, 1], 1)
        else:
            rectified = F.relu_(F.conv2d(maps, kernel, bias, stride))
        ctx.save_for_backward(maps, kernel, rectified)
        ctx.stride = stride
        return rectified

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Of maps (None of images), kernel and bias."""
        maps, kernel, rectified = ctx.saved_tensors
        ours = maps.is_cuda and cuda_kernels.usable()
        if ours:
            gradient, of_bias = cuda_kernels.rectified_gradient(gradient, rectified)
        else:
            gradient = torch.ops.aten.threshold_backward(gradient, rectified, 0)
        *gradients, summed = torch.ops.aten.convolution_backward(
            gradient,
            maps,
            kernel,
            [kernel.shape[0]],
            *([ctx.stride] * 2, [0, 0], [1, 1], False, [0, 0], 1),
            [ctx.needs_input_grad[0], True, not ours],
        )
        return *gradients, of_bias if ours else summed, None
