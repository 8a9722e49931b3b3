"""Time of one gradient update on one core, in every setting, without sampling."""

import json
import sys

import numpy as np
import torch
from _options import options
from _setting import configuration

from cost_profile.measure import gradient_times
from sac_learner.allocator import keep_freed_memory
from sac_learner.config import AgentConfig

SECONDS = {'small': 4.0, 'baseline': 12.0, 'high_resolution': 40.0, 'large_minibatch': 40.0}
"""Least time of measuring each setting; at least three updates are made."""


def main() -> None:
    """Prints a table and the medians as JSON. On a busy machine the processor time is the one to compare."""
    given = options(sys.argv[1:], device='cpu', threads=1, only=','.join(SECONDS), patience=1.0)
    torch.set_num_threads(given['threads'])
    keep_freed_memory()  # as the node does
    print(f'{"setting":16} {"batch":>5} {"crop":>8} {"median ms":>10} {"min":>8} {"p90":>8} {"cpu ms":>8}')
    figures = {}
    for name in given['only'].split(','):
        config = configuration(AgentConfig, name)
        seconds = given['patience'] * SECONDS.get(name, 10.0)
        times, cpu = gradient_times(config, given['device'], seconds).T
        figures[f'{name}_ms'] = round(float(np.median(times)), 2)
        figures[f'{name}_cpu_ms'] = round(float(np.median(cpu)), 2)
        median, p90 = np.quantile(times, (0.5, 0.9))
        print(
            f'{name:16} {config.batch_size:5} {f"{config.crop_width}x{config.crop_height}":>8} '
            f'{median:10.1f} {times.min():8.1f} {p90:8.1f} {np.median(cpu):8.1f}',
            flush=True,
        )
    print(json.dumps(figures))


if __name__ == '__main__':
    main()
