"""How exactly a device multiplies: a GPU as it is told, a CPU as the tensors are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

BFLOAT16_UNITS = {'avx512_bf16', 'amx_bf16', 'bf16'}
"""Flags of processors that multiply bfloat16 faster than float32."""


def usual(device: torch.device) -> str:
    """Returns the precision where none is chosen.

    Not bfloat16, which is faster: with a low softmax temperature its gradients are not near enough.
    """
    return 'tf32' if device.type == 'cuda' else 'float32'


def unfit(precision: str, device: torch.device, cpuinfo: Path = Path('/proc/cpuinfo')) -> str:
    """Returns why a precision is slower than float32 on a device; empty where it is not known to be."""
    if precision != 'bfloat16' or device.type != 'cpu' or not cpuinfo.exists():
        return ''
    if BFLOAT16_UNITS & set(cpuinfo.read_text(encoding='utf-8', errors='replace').split()):
        return ''
    flags = ', '.join(sorted(BFLOAT16_UNITS))
    return f'precision is bfloat16, which this processor has no units for ({flags}): float32 is faster'


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
