"""Time to draw and crop one mini-batch into shared memory, on one core, in every setting."""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from _options import options
from _sampling_settings import fill, setting

from buffer_sampler.replay import Replay
from buffer_sampler.sampler import MiniBatchSampler
from buffer_sampler.slots import SlotPool, batch_bytes

NAMES = ('baseline', 'high_resolution', 'large_minibatch', 'small')


def sampling_ms(name: str, transitions: int, repeats: int) -> np.ndarray:
    """Returns (repeats, 2) times of a mini-batch [ms], by the clock and of the processor."""
    config = setting(name)
    size = {'height': config.observation_height, 'width': config.observation_width}
    crop = config.crop_height, config.crop_width
    with tempfile.TemporaryDirectory() as folder:
        replay = Replay(Path(folder), capacity=transitions, **size)
        fill(replay, transitions)
        pool = SlotPool(config.slots, config.batch_size, *crop)
        sampler = MiniBatchSampler(replay, config.batch_size, *crop, np.random.default_rng(0))
        times = []
        for repeat in range(repeats + config.slots):
            slot = pool.take()
            began = time.perf_counter(), time.thread_time()
            sampler.sample_into(slot.views)
            times.append((time.perf_counter() - began[0], time.thread_time() - began[1]))
            pool.hand_out(slot, repeat)
            pool.done(repeat)
        replay.close()
        pool.close()
    return 1e3 * np.array(times[config.slots :])  # each slot once to warm up


def main() -> None:
    """Prints a table and the medians as JSON. On a busy machine the processor time is the one to compare."""
    given = options(sys.argv[1:], repeats=40, transitions=2000)
    head = f'{"median ms":>10} {"min":>7} {"p90":>7} {"cpu ms":>7}'
    print(f'{"setting":16} {"batch":>5} {"crop":>9} {"MB":>6} {head}')
    figures = {}
    for name in NAMES:
        config = setting(name)
        times, cpu = sampling_ms(name, given['transitions'], given['repeats']).T
        figures[f'{name}_ms'] = round(float(np.median(times)), 3)
        figures[f'{name}_cpu_ms'] = round(float(np.median(cpu)), 3)
        crop = config.crop_height, config.crop_width
        print(
            f'{name:16} {config.batch_size:5} {f"{crop[1]}x{crop[0]}":>9} '
            f'{batch_bytes(config.batch_size, *crop) / 1e6:6.1f} {np.median(times):10.2f} '
            f'{times.min():7.2f} {np.quantile(times, 0.9):7.2f} {np.median(cpu):7.2f}',
            flush=True,
        )
    print(json.dumps(figures))


if __name__ == '__main__':
    main()
