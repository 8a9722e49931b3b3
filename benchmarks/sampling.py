"""Time to draw and crop one mini-batch into shared memory, in every setting, against its floor; device:=cuda.

Images are bytes wherever they go: neither a precision applies to them nor an eager form.
"""

import json
import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from _copies import HEAD, Rates, copy_rates, told
from _options import options_in_range, refusals

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.slots import batch_bytes
from cost_profile.floor import copy_bytes
from cost_profile.sampling import sampling_times
from cost_profile.setting import configuration
from sac_learner.learner_config import LearnerConfig

ONLY_TORCH = True  # neither ROS 2 nor rendering: it runs where set-up cannot
NAMES = ('baseline', 'high_resolution', 'large_minibatch', 'small')


class Way(NamedTuple):
    """How images go, and how far."""

    name: str
    key: str  # in the figures, after the setting's name
    places: bool = False  # it is only said where they lie
    device: str = ''  # until they lie there; '' = in shared memory

    def floor_ms(self, count: int, rates: Rates) -> float:
        """The least time of so many bytes of images, one copy after the other; 0 where none is copied."""
        if self.places:
            return rates.gpu_ms(count) if self.device else 0.0
        return rates.memory_ms(count) + (rates.bus_ms(count) if self.device else 0.0)


WAYS = {
    'cpu': [Way('slots', ''), Way('places', '_places', True)],
    'cuda': [
        Way('slots to GPU', '_slots_to_cuda', False, 'cuda'),
        Way('crops on GPU', '_crops_on_cuda', True, 'cuda'),
    ],
}
"""Those of a GPU come after those of a CPU."""


def main(argv: Sequence[str]) -> int:
    """Prints a table and the medians as JSON. On a busy machine the processor time is the one to compare."""
    with refusals():
        given = options_in_range(argv, device='cpu', repeats=40, transitions=2000, threads=1)
        device = LearnerConfig(device=given['device']).chosen_device
        more = {'run_folder': '-', 'threads': given['threads']}
        configs = {name: configuration(BufferSamplerConfig, name, **more) for name in NAMES}
    rates = copy_rates(device, given['threads'])
    head = f'{"way":>12} {"median ms":>10} {"min":>7} {"p90":>7} {"cpu ms":>7} {HEAD}'
    print(f'{"setting":16} {"batch":>5} {"crop":>9} {"MB":>6} {head}')
    figures = {}
    for name, config in configs.items():
        for way in [*WAYS['cpu'], *(WAYS['cuda'] if device == 'cuda' else [])]:
            times = sampling_times(
                config, given['transitions'], given['repeats'], places=way.places, device=way.device
            )
            figures |= row(name, config, way, times, way.floor_ms(copy_bytes(config), rates))
    print(json.dumps(figures))
    return 0


def row(name: str, config: BufferSamplerConfig, way: Way, times: np.ndarray, floor_ms: float) -> dict:
    """Prints a line and returns its figures."""
    clock, cpu = times.T
    crop = config.crop_height, config.crop_width
    print(
        f'{name:16} {config.batch_size:5} {f"{crop[1]}x{crop[0]}":>9} '
        f'{batch_bytes(config.batch_size, *crop) / 1e6:6.1f} {way.name:>12} {np.median(clock):10.2f} '
        f'{clock.min():7.2f} {np.quantile(clock, 0.9):7.2f} {np.median(cpu):7.2f} '
        f'{told(floor_ms, float(np.median(clock)))}',
        flush=True,
    )
    found = {'ms': float(np.median(clock)), 'cpu_ms': float(np.median(cpu))}
    if floor_ms:
        found['floor_ms'] = floor_ms
    return {f'{name}{way.key}_{key}': round(value, 3) for key, value in found.items()}


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
