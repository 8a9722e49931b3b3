"""Settings shared by the benchmarks of the replay buffer."""

from pathlib import Path

import numpy as np
import yaml

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.replay import Replay
from ur5_rl_graph.data import Transition

SETTINGS = Path(__file__).parents[1] / 'config' / 'settings'


def setting(name: str) -> BufferSamplerConfig:
    """Returns the buffer's parameters in one of config/settings."""
    parameters = yaml.safe_load((SETTINGS / f'{name}.yaml').read_text())['/**']['ros__parameters']
    known = BufferSamplerConfig.__dataclass_fields__
    return BufferSamplerConfig(run_folder='-', **{k: v for k, v in parameters.items() if k in known})


def fill(replay: Replay, count: int, episode_steps: int = 100) -> None:
    """Stores `count` transitions of episodes of 100 steps, with pixels of noise."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (4, *replay.frames.shape), np.uint8)
    frame_id = 1
    for index in range(count):
        first = index % episode_steps == 0
        if first:
            frame_id += 3
        ids = frame_id + np.array([[-3, -2, -1], [-2, -1, 0]])
        new_ids = np.unique(ids) if first else ids[1, 2:]
        replay.append(
            Transition(
                episode=index // episode_steps + 1,
                step=index % episode_steps,
                total_steps=index + 1,
                frame_ids=ids,
                proprio=np.zeros((2, 15), np.float32),
                action=np.zeros(5, np.float32),
                reward=0.0,
                terminated=False,
                truncated=index % episode_steps == episode_steps - 1,
                new_frame_ids=new_ids,
                new_frames=pixels[: len(new_ids)],
                stamp_ns=0,
            )
        )
        frame_id += 1
