"""Time to draw and crop one mini-batch into shared memory, in every setting; and to say where it lies."""

import json
import sys
from collections.abc import Sequence

import numpy as np
from _options import options_in_range, refusals

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.slots import batch_bytes
from cost_profile.sampling import sampling_times
from cost_profile.setting import configuration

ONLY_TORCH = True  # neither ROS 2 nor rendering: it runs where set-up cannot
NAMES = ('baseline', 'high_resolution', 'large_minibatch', 'small')


def main(argv: Sequence[str]) -> int:
    """Prints a table and the medians as JSON. On a busy machine the processor time is the one to compare."""
    with refusals():
        given = options_in_range(argv, repeats=40, transitions=2000, threads=1)
        more = {'run_folder': '-', 'threads': given['threads']}
        configs = {name: configuration(BufferSamplerConfig, name, **more) for name in NAMES}
    head = f'{"median ms":>10} {"min":>7} {"p90":>7} {"cpu ms":>7} {"places":>7}'
    print(f'{"setting":16} {"batch":>5} {"crop":>9} {"MB":>6} {head}')
    figures = {}
    for name, config in configs.items():
        times, cpu = sampling_times(config, given['transitions'], given['repeats']).T
        places = sampling_times(config, given['transitions'], given['repeats'], places=True)[:, 0]
        figures[f'{name}_ms'] = round(float(np.median(times)), 3)
        figures[f'{name}_cpu_ms'] = round(float(np.median(cpu)), 3)
        figures[f'{name}_places_ms'] = round(float(np.median(places)), 3)
        crop = config.crop_height, config.crop_width
        print(
            f'{name:16} {config.batch_size:5} {f"{crop[1]}x{crop[0]}":>9} '
            f'{batch_bytes(config.batch_size, *crop) / 1e6:6.1f} {np.median(times):10.2f} '
            f'{times.min():7.2f} {np.quantile(times, 0.9):7.2f} {np.median(cpu):7.2f} '
            f'{np.median(places):7.2f}',
            flush=True,
        )
    print(json.dumps(figures))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
