"""Gradient updates on a GPU against floor and eager form, copies to it, accuracy; without ROS 2."""

import json
import sys
from collections.abc import Sequence

import numpy as np
import torch
from _accuracy import gradient_errors, mini_batches, statistic_errors
from _gradient import device_peaks, head, pinned_copy_ms, table
from _options import options_in_range, refusals

from buffer_sampler.config import BufferSamplerConfig
from cost_profile.sampling import sampling_times
from cost_profile.setting import configuration
from sac_learner.agent_config import AgentConfig
from sac_learner.learner_config import PRECISIONS

ONLY_TORCH = True  # neither ROS 2 nor rendering: it runs where set-up cannot
NAMES = ('baseline', 'high_resolution', 'large_minibatch', 'small')
UPDATES, BATCHES = 100, 10
THREADS, TRANSITIONS, REPEATS = (1, 2, 4), 2000, 20


def main(argv: Sequence[str]) -> int:
    """Prints tables and one line of JSON; some two minutes on an H100."""
    with refusals():
        given = options_in_range(argv, device='cuda', only=','.join(NAMES), seconds=2.0)
        if given['device'] != 'cuda' or not torch.cuda.is_available():
            raise ValueError(
                f'device is {given["device"]!r} and torch {torch.__version__} sees '
                f'{torch.cuda.device_count()} GPUs; this needs cuda (./ur5rl bench update is for a CPU)'
            )
        configs = {name: configuration(AgentConfig, name) for name in given['only'].split(',')}
    print(f'{torch.cuda.get_device_name(0)}, torch {torch.__version__}')
    peaks = device_peaks('cuda')
    figures = {f'{precision}_gflops': round(peak.operations_per_s / 1e9) for precision, peak in peaks.items()}
    figures |= {
        'device': torch.cuda.get_device_name(0),
        'copy_gb_per_s': round(peaks['float32'].bytes_per_s / 1e9),
    }
    print(head())
    for name, config in configs.items():
        figures |= table(name, config, 'cuda', peaks, given['seconds'])
        figures[f'{name}_pinned_copy_ms'] = round(pinned_copy_ms(config), 3)
        print(f'{name:16} images from pinned memory: {figures[f"{name}_pinned_copy_ms"]:.2f} ms', flush=True)
    figures |= sampling(list(configs))
    name, config = next(iter(configs.items()))
    figures |= accuracy(config, name)
    print(json.dumps(figures))
    return 0


def sampling(names: list[str]) -> dict:
    """Prints how long the sampler draws: images into slots, by threads, or the places where they lie."""
    figures = {}
    for name in names:
        for threads in THREADS:
            config = configuration(BufferSamplerConfig, name, run_folder='-', threads=threads)
            times = sampling_times(config, TRANSITIONS, REPEATS)[:, 0]
            figures[f'{name}_sampling_{threads}_threads_ms'] = round(float(np.median(times)), 3)
        times = sampling_times(config, TRANSITIONS, REPEATS, places=True)[:, 0]
        figures[f'{name}_sampling_places_ms'] = round(float(np.median(times)), 3)
        told = [f'{figures[f"{name}_sampling_{threads}_threads_ms"]:.2f} ({threads})' for threads in THREADS]
        print(
            f'{name:16} sampling by threads {", ".join(told)}; places '
            f'{figures[f"{name}_sampling_places_ms"]:.2f} ms',
            flush=True,
        )
    return figures


def accuracy(config: AgentConfig, name: str) -> dict:
    """Prints how near captured updates are to eager ones in float32."""
    batches, figures = list(mini_batches(config, BATCHES)), {}
    for precision, errors in gradient_errors(config, 'cuda', ('tf32', 'bfloat16'), batches).items():
        worst = max(errors, key=errors.get)
        print(f'{name}, captured {precision}: gradients within {errors[worst]:.1e} ({worst})', flush=True)
        figures[f'{precision}_gradient_errors'] = {key: float(f'{v:.2e}') for key, v in errors.items()}
    reports = statistic_errors(config, 'cuda', PRECISIONS, batches, UPDATES)
    for precision, errors in reports.items():
        print(
            f'{name}, captured {precision}: mean error of {UPDATES} updates '
            + ', '.join(f'{key} {value:.1e}' for key, value in errors.items()),
            flush=True,
        )
        figures[f'{precision}_report_errors'] = {key: float(f'{v:.2e}') for key, v in errors.items()}
    return figures


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
