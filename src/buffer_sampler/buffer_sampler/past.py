"""Experience from before a run: a second buffer in its folder, which is filled once and then only read."""

import json
from pathlib import Path

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.replay import Replay
from ur5_rl_graph.data import STACK
from ur5_rl_graph.say import Say

FOLDER = 'replay_before'
"""In a run folder."""
MOST_FRAMES = 2.0 * STACK
"""A transition may name so many that no other does; the file is sparse, so that the rest takes no room."""


def new_buffer(folder: Path, transitions: int, height: int, width: int) -> Replay:
    """Makes a buffer for so many transitions at most, with frames of this size [pixel].

    Raises:
        ValueError, OSError: the folder holds a buffer of another size, or cannot be written.
    """
    return Replay(
        folder, capacity=max(1, transitions), height=height, width=width, frames_per_transition=MOST_FRAMES
    )


def open_past(config: BufferSamplerConfig) -> tuple[Replay | None, list[Say]]:
    """Opens what a run began with, None where that is nothing.

    Returns:
        The buffer, and what to say of it.

    Raises:
        ValueError, OSError: a buffer that is damaged as a whole, or of another size of frames.
    """
    folder = Path(config.run_folder) / FOLDER
    try:
        found = json.loads((folder / 'replay.json').read_text(encoding='utf-8'))
        capacity = int(found['capacity'])
    except FileNotFoundError:
        return None, []
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            f'{folder}/replay.json is damaged: begin a new run with replay:=, or remove {folder}'
        ) from None
    past = new_buffer(folder, capacity, *config.observation_shape[:2])
    if not len(past):
        past.close()
        raise ValueError(f'{folder} holds no transition any more ({past.recovered}): remove it')
    share = round(config.replay_share * config.batch_size)
    told = f'{share} of {config.batch_size} transitions of a mini-batch come from before the run'
    return past, [Say('info', f'{"warning: " if past.damaged else ""}{told}: {past.recovered}')]
