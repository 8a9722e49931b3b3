"""How exactly a GPU multiplies; a CPU always multiplies as the tensors are."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


def usual(device: torch.device) -> str:
    """Returns the precision where none is chosen.

    Not bfloat16, which is faster: with a low softmax temperature its gradients are not near enough.
    """
    return 'tf32' if device.type == 'cuda' else 'float32'


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
