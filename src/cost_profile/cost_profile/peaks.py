"""What a device reaches at best, measured: products, convolutions, copies within it and to it."""

import time
from collections.abc import Callable

import torch
import torch.nn.functional as F

from sac_learner.precision import products

SIZES = {'cpu': (1024, 8, 16 << 20), 'cuda': (8192, 512, 1 << 30)}
"""Width of the matrices, images of the convolution, bytes of the copy."""
BUS_BYTES = 256 << 20
CHANNELS, HEIGHT, WIDTH = 64, 44, 78
LEAST_S = 0.3
"""Time of looking for the best: others who use the machine are not there all the while."""


def product_rate(device: str, precision: str) -> float:
    """Operations a second of a square matrix product."""
    width, _, _ = SIZES[device]
    a, b = (torch.randn(width, width, device=device, dtype=_dtype(precision)) for _ in range(2))
    with products(precision, torch.device(device)):
        return 2 * width**3 / best_s(device, lambda: a @ b)


def convolution_rate(device: str, precision: str) -> float:
    """Operations a second of a convolution 3x3 of maps in channels_last."""
    _, batch, _ = SIZES[device]
    kind = _dtype(precision)
    maps = torch.randn(batch, CHANNELS, HEIGHT, WIDTH, device=device, dtype=kind)
    kernel = torch.randn(CHANNELS, CHANNELS, 3, 3, device=device, dtype=kind)
    maps, kernel = (tensor.to(memory_format=torch.channels_last) for tensor in (maps, kernel))
    operations = 2 * 9 * CHANNELS**2 * batch * (HEIGHT - 2) * (WIDTH - 2)
    with products(precision, torch.device(device)):
        return operations / best_s(device, lambda: F.conv2d(maps, kernel))


def copy_rate(device: str) -> float:
    """Bytes a second, read and written, of a copy within the device's memory."""
    count = SIZES[device][2]
    a, b = (torch.ones(count, dtype=torch.uint8, device=device) for _ in range(2))
    return 2 * count / best_s(device, lambda: b.copy_(a))


def bus_rate() -> float:
    """Bytes a second, each counted once, from pinned memory to the GPU."""
    return BUS_BYTES / pinned_copy_s(BUS_BYTES)


def pinned_copy_s(count: int) -> float:
    """The least time [s] of copying `count` bytes from pinned memory to the GPU."""
    host = torch.ones(count, dtype=torch.uint8).pin_memory()
    device = torch.empty_like(host, device='cuda')
    return best_s('cuda', lambda: device.copy_(host, non_blocking=True))


def best_s(device: str, work: Callable[[], object]) -> float:
    """The least time [s] of some work, done twice before and then for `LEAST_S` at least."""
    wait = torch.cuda.synchronize if device == 'cuda' else lambda: None

    def once() -> float:
        wait()
        began = time.perf_counter()
        work()
        wait()
        return time.perf_counter() - began

    with torch.inference_mode():
        for _ in range(2):
            once()
        best, end = once(), time.perf_counter() + LEAST_S
        while time.perf_counter() < end:
            best = min(best, once())
    return best


def _dtype(precision: str) -> torch.dtype:
    return torch.bfloat16 if precision == 'bfloat16' else torch.float32
