"""What copies reach at best, measured, and the least time that bytes need with that."""

import math
from typing import NamedTuple

import torch

from cost_profile.peaks import bus_rate, copy_rate


class Rates(NamedTuple):
    """Bytes a second. A copy within a memory counts both ways, since it reads and writes there."""

    memory: float  # within main memory
    bus: float = math.nan  # from pinned memory to the GPU; nan without one
    gpu: float = math.nan  # within the GPU's memory; nan without one

    def memory_ms(self, count: int) -> float:
        """Least time of copying `count` bytes once within main memory."""
        return 2e3 * count / self.memory

    def bus_ms(self, count: int) -> float:
        """Least time of copying them to the GPU."""
        return 1e3 * count / self.bus

    def gpu_ms(self, count: int) -> float:
        """Least time of copying them once within the GPU's memory."""
        return 2e3 * count / self.gpu


def copy_rates(device: str, threads: int = 1) -> Rates:
    """Measures and prints what copies reach with so many threads, on a GPU also those to it and within it."""
    torch.set_num_threads(threads)
    rates = Rates(copy_rate('cpu'))
    print(f'cpu: copies {rates.memory / 1e9:.1f} GB/s', flush=True)
    if device == 'cuda':
        rates = Rates(rates.memory, bus_rate(), copy_rate('cuda'))
        told = f'copies {rates.gpu / 1e9:.1f} GB/s, to it from pinned memory {rates.bus / 1e9:.1f}'
        print(f'cuda ({torch.cuda.get_device_name(0)}): {told}', flush=True)
    return rates


def told(floor_ms: float, ms: float) -> str:
    """A floor and the ratio to it, as two columns; '-' where nothing has to be copied."""
    return f'{floor_ms:7.2f} {ms / floor_ms:7.1f}' if floor_ms else f'{"-":>7} {"-":>7}'


HEAD = f'{"floor":>7} {"/ floor":>7}'
"""Above `told`."""
