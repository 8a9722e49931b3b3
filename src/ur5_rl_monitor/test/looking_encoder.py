"""A synthetic encoder whose peak is known: its channels look for light in one colour, or for nothing."""

import numpy as np

from sac_learner.agent_config import AgentConfig
from sac_learner.networks import Encoder
from ur5_rl_env.task import TaskConfig

AGENT = AgentConfig(crop_width=156, crop_height=88, channels=3, strides=(2, 2, 2, 1), hidden_width=16)
TASK = TaskConfig()
BLUE, GREEN, FLAT = range(3)
"""Channels of `weights`; the last gives the same everywhere."""


def weights(sharpness: float = 1e4) -> dict[str, np.ndarray]:
    """A policy's weights: the middle of each kernel of one colour of the newest frame is handed on."""
    state = {
        name: np.zeros(tuple(tensor.shape), np.float32)
        for name, tensor in Encoder(AGENT).state_dict().items()
    }
    for channel in (BLUE, GREEN):
        state['frames.weight'][channel, channel, -1, 1, 1] = 1.0  # (outputs, colours, frames, rows, columns)
        for layer in range(3):
            state[f'convolutions.{layer}.weight'][channel, channel, 1, 1] = sharpness if layer == 2 else 1.0
    actor = {'actor.output.bias': np.zeros(10, np.float32)}  # nothing that is looked at
    return {f'encoder.{name}': array for name, array in state.items()} | actor


def pictures(spots: dict[int, tuple[int, int]], height: int = 90, width: int = 160) -> list[np.ndarray]:
    """Three black frames; the newest has a bright pixel of each colour at (x, y)."""
    frames = [np.zeros((height, width, 3), np.uint8) for _ in range(3)]
    for colour, (x, y) in spots.items():
        frames[-1][y, x, colour] = 255
    return frames
