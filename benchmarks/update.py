"""Time of one gradient update on one core, in every setting, without sampling."""

import dataclasses
import json
import sys
import time

import numpy as np
import torch
import yaml
from _graph import setting_file
from _options import options

from sac_learner.allocator import keep_freed_memory
from sac_learner.config import AgentConfig
from sac_learner.learner import SacLearner
from ur5_rl_graph.data import JOINTS, PROPRIO, MiniBatch

SECONDS = {'small': 4.0, 'baseline': 12.0, 'high_resolution': 40.0, 'large_minibatch': 40.0}
"""Least time of measuring each setting; at least three updates are made."""


def agent(name: str) -> AgentConfig:
    """Returns the agent's parameters in one of config/settings."""
    values = yaml.safe_load(setting_file(name).read_text())['/**']['ros__parameters']
    known = {field.name for field in dataclasses.fields(AgentConfig)}
    return AgentConfig(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in known})


def mini_batch(config: AgentConfig) -> MiniBatch:
    """Returns a mini-batch of noise."""
    rng = np.random.default_rng(0)
    batch = config.batch_size
    return MiniBatch(
        images=rng.integers(0, 256, (2, batch, *config.image_shape), np.uint8),
        proprio=rng.random((2, batch, PROPRIO), np.float32),
        action=rng.uniform(-1.0, 1.0, (batch, JOINTS)).astype(np.float32),
        reward=rng.random(batch, np.float32),
        discount=np.ones(batch, np.float32),
    )


def update_ms(config: AgentConfig, device: str, seconds: float) -> np.ndarray:
    """Returns (n, 2) times of an update [ms], by the clock and of the processor, as means of two."""
    learner = SacLearner(config, 0, device)
    batch = mini_batch(config)
    learner.update(batch)
    learner.update(batch)
    times, end = [], time.monotonic() + seconds
    while len(times) < 3 or time.monotonic() < end:
        began = time.perf_counter(), time.process_time()
        learner.update(batch)
        learner.update(batch)  # its losses are read back, so a GPU has finished here
        times.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    return 1e3 * np.array(times) / 2


def main() -> None:
    """Prints a table and the medians as JSON. On a busy machine the processor time is the one to compare."""
    given = options(sys.argv[1:], device='cpu', threads=1, only=','.join(SECONDS), patience=1.0)
    torch.set_num_threads(given['threads'])
    keep_freed_memory()  # as the node does
    print(f'{"setting":16} {"batch":>5} {"crop":>8} {"median ms":>10} {"min":>8} {"p90":>8} {"cpu ms":>8}')
    figures = {}
    for name in given['only'].split(','):
        config = agent(name)
        times, cpu = update_ms(config, given['device'], given['patience'] * SECONDS.get(name, 10.0)).T
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
