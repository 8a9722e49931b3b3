"""How exactly a GPU multiplies; a CPU always multiplies as the tensors are."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

PRECISIONS = ('float32', 'tf32', 'bfloat16')


def fastest(device: torch.device, static: bool, softmax_temperature: float) -> str:
    """The fastest precision whose gradients are near enough (test_static_update.py says how near).

    Args:
        device: of the learner.
        static: whether its inputs are static.
        softmax_temperature: of the encoder; one below 1 multiplies the rounding errors of the maps.
    """
    if device.type != 'cuda':
        return 'float32'
    return 'bfloat16' if static and softmax_temperature >= 1 else 'tf32'


@contextmanager
def products(precision: str, device: torch.device) -> Iterator[None]:
    """Multiplies float32 with 24 significant bits (`float32`) or 11 (all others) on `device`, and repeatably.

    The flags are those of the whole process, so they are put back. Kernels are chosen by torch's rules and
    not by a race between them, which could end differently in the next process.
    """
    if device.type != 'cuda':
        yield
        return
    rounded = precision != 'float32'
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision('high' if rounded else 'highest')
    try:
        with torch.backends.cudnn.flags(
            enabled=True, benchmark=False, deterministic=True, allow_tf32=rounded
        ):
            yield
    finally:
        torch.set_float32_matmul_precision(before)
