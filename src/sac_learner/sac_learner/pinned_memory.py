"""Shared memory that a GPU reads by itself, so that nobody copies it for the GPU first."""

import mmap
from contextlib import suppress

import numpy as np
import torch

READ_ONLY = 8
"""cudaHostRegisterReadOnly: the slots are mapped so."""


class PinnedMemory:
    """Has the newest memory of a sampler pinned for a device on CUDA; the one before it is given free."""

    def __init__(self, device: str) -> None:
        """Starts without a memory; does nothing for other devices."""
        self._on_cuda = device == 'cuda'
        self._pinned: np.ndarray | None = None

    def __call__(self, memory: mmap.mmap) -> None:
        """Pins `memory` instead of the one before; says so if it cannot be, since copies take longer then."""
        if not self._on_cuda:
            return
        cuda = torch.cuda.cudart()
        if self._pinned is not None:
            torch.cuda.synchronize()  # no copy reads it any more
            cuda.cudaHostUnregister(self._pinned.ctypes.data)
        self._pinned = None
        view = np.frombuffer(memory, np.uint8)
        error = cuda.cudaHostRegister(view.ctypes.data, view.nbytes, READ_ONLY)
        if int(error):
            why = cuda.cudaGetErrorString(error)
            with suppress(RuntimeError):  # CUDA tells it once more, to whoever calls next
                torch.zeros(1, device='cuda').add_(1)
            print(f'learner: slots are not pinned ({why}): copies to the GPU take longer', flush=True)
            return
        self._pinned = view
