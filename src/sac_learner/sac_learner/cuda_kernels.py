"""What moves much memory and computes little, on CUDA: kernels that read and write each byte once.

With those of torch it takes two to four passes.
"""

import functools

import torch
from torch import Tensor

try:
    import triton
    import triton.language as tl
except ImportError:  # a CPU build of torch comes without
    triton = None


@functools.cache
def usable() -> bool:
    """Whether they can be built and run here; says so once where they cannot."""
    if triton is None:
        why = 'Triton is not installed'
    else:
        try:
            _try_all()
            return True
        except Exception as error:  # whatever a compiler of users' machines may say
            why = str(error).strip().splitlines()[0]
    print(f"learner: torch's own kernels are used ({why}): updates take a tenth longer", flush=True)
    return False


def _try_all() -> None:
    images = torch.zeros(2, 3, 4, 4, 3, dtype=torch.uint8, device='cuda')
    places = torch.zeros(2, 1, 3, dtype=torch.int32, device='cuda')
    crops(images[0], places, places[..., :2], (4, 4))
    for dtype in (torch.float32, torch.bfloat16):
        maps = blocks(images, 2, (2, 2), 40, dtype).permute(0, 3, 1, 2)
        rectified_gradient(maps, maps)


def blocks(images: Tensor, stride: int, size: tuple[int, int], channels: int, dtype: torch.dtype) -> Tensor:
    """uint8 (B, 3, h, w, 3) -> (B, rows, columns, channels) of `dtype`; what is beyond an image is 0.

    Args:
        images: on CUDA, in one piece.
        stride: width of a block [pixel].
        size: rows and columns of blocks.
        channels: of a block; those of the images are the first.
        dtype: of the result.
    """
    batch, frames, height, width, colours = images.shape
    rows, columns = size
    made = images.new_empty(batch, rows, columns, channels, dtype=dtype)
    across = 32
    _blocks[batch * rows, triton.cdiv(columns, across)](
        images, made, height, width * colours, rows, columns, channels,
        FRAMES=frames, STRIDE=stride, RUN=stride * colours,
        ACROSS=across, CHANNELS=triton.next_power_of_2(channels),
    )  # fmt: skip
    return made


def crops(frames: Tensor, places: Tensor, corners: Tensor, crop: tuple[int, int]) -> Tensor:
    """uint8 (n, H, W, 3), int32 (2, B, 3) frames, int32 (2, B, 2) corners -> uint8 (2, B, 3, h, w, 3)."""
    _, full_height, full_width, colours = frames.shape
    made = frames.new_empty(*places.shape, *crop, colours)
    height, run = crop[0], crop[1] * colours
    down = 8
    _crops[places.numel(), triton.cdiv(height, down)](
        frames, made, places, corners, full_height * full_width * colours, full_width * colours, height, run,
        STACK=places.shape[-1], COLOURS=colours, DOWN=down, RUN=triton.next_power_of_2(run), num_warps=8,
    )  # fmt: skip
    return made


def rectified_gradient(gradient: Tensor, rectified: Tensor) -> tuple[Tensor, Tensor]:
    """That of ReLU, and its sum over all positions, which is a bias' gradient.

    Args:
        gradient: (B, C, h, w) of what ReLU gave, on CUDA.
        rectified: the same shape, what ReLU gave.

    Returns:
        (B, C, h, w) in channels_last and (C,), of the same dtype.
    """
    gradient, rectified = (
        maps.contiguous(memory_format=torch.channels_last) for maps in (gradient, rectified)
    )
    made = torch.empty_like(gradient)
    channels = gradient.shape[1]
    positions = gradient.numel() // channels
    down, turns = 64, 16
    programs = triton.cdiv(positions, down * turns)
    sums = gradient.new_empty(programs, channels, dtype=torch.float32)
    _rectified_gradient[programs,](
        gradient, rectified, made, sums, positions, channels,
        DOWN=down, TURNS=turns, CHANNELS=triton.next_power_of_2(channels),
    )  # fmt: skip
    return made, sums.sum(0).to(gradient.dtype)


if triton is not None:

    @triton.jit
    def _blocks(
        images, made, height, width, rows, columns, channels,
        FRAMES: tl.constexpr, STRIDE: tl.constexpr, RUN: tl.constexpr,
        ACROSS: tl.constexpr, CHANNELS: tl.constexpr,
    ):  # fmt: skip
        """Some blocks of one row: (blocks, channels). `width` and RUN are in bytes."""
        row = tl.program_id(0).to(tl.int64)
        column = tl.program_id(1) * ACROSS + tl.arange(0, ACROSS)
        channel = tl.arange(0, CHANNELS)
        frame, line = channel // (STRIDE * RUN), row % rows * STRIDE + channel // RUN % STRIDE
        byte = column[:, None] * RUN + (channel % RUN)[None, :]
        inside = ((frame < FRAMES) & (line < height))[None, :] & (byte < width)
        source = ((row // rows * FRAMES + frame) * height + line) * width
        pixels = tl.load(images + source[None, :] + byte, mask=inside, other=0)
        target = (row * columns + column)[:, None] * channels + channel[None, :]
        wanted = (column < columns)[:, None] & (channel < channels)[None, :]
        tl.store(made + target, pixels.to(tl.float32).to(made.dtype.element_ty), mask=wanted)

    @triton.jit
    def _crops(
        frames, made, places, corners, frame_bytes, row_bytes, height, run,
        STACK: tl.constexpr, COLOURS: tl.constexpr, DOWN: tl.constexpr, RUN: tl.constexpr,
    ):  # fmt: skip
        """Some rows of one image: (rows, bytes)."""
        image = tl.program_id(0).to(tl.int64)
        place = tl.load(places + image).to(tl.int64)
        top = tl.load(corners + image // STACK * 2)
        left = tl.load(corners + image // STACK * 2 + 1)
        line = tl.program_id(1) * DOWN + tl.arange(0, DOWN)
        byte = tl.arange(0, RUN)
        inside = (line < height)[:, None] & (byte < run)[None, :]
        source = place * frame_bytes + (top + line)[:, None] * row_bytes + left * COLOURS + byte[None, :]
        pixels = tl.load(frames + source, mask=inside)
        tl.store(made + (image * height + line[:, None]) * run + byte[None, :], pixels, mask=inside)

    @triton.jit
    def _rectified_gradient(
        gradient, rectified, made, sums, positions, channels,
        DOWN: tl.constexpr, TURNS: tl.constexpr, CHANNELS: tl.constexpr,
    ):  # fmt: skip
        """Some positions: (positions, channels), as often as TURNS says."""
        channel = tl.arange(0, CHANNELS)
        first = tl.program_id(0).to(tl.int64) * DOWN * TURNS
        total = tl.zeros((CHANNELS,), tl.float32)
        for turn in range(TURNS):
            position = first + turn * DOWN + tl.arange(0, DOWN)
            inside = (position < positions)[:, None] & (channel < channels)[None, :]
            at = position[:, None] * channels + channel[None, :]
            kept = tl.load(rectified + at, mask=inside, other=0.0) > 0
            value = tl.where(kept, tl.load(gradient + at, mask=inside, other=0.0), 0.0)
            tl.store(made + at, value, mask=inside)
            total += tl.sum(value.to(tl.float32), axis=0)
        tl.store(sums + tl.program_id(0) * channels + channel, total, mask=channel < channels)
