"""Experience from before a run: a second buffer in its folder, which is filled once and then only read."""

import json
import os
from pathlib import Path

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.frame_store import INDEX, INDEX_FILE, PIXELS_FILE
from buffer_sampler.replay import SHAPE_FILE, Replay
from buffer_sampler.sampler import past_transitions
from ur5_rl_graph.data import STACK
from ur5_rl_graph.say import Say
from ur5_rl_graph.whole_file import write_text

FOLDER = 'replay_before'
"""In a run folder."""
MOST_FRAMES = 2.0 * STACK
"""A transition may name so many that no other does; the file is sparse, so that the rest takes no room on the
disk."""


def new_buffer(folder: Path, transitions: int, height: int, width: int) -> Replay:
    """Makes a buffer for so many transitions at most, with frames of this size [pixel].

    Raises:
        ValueError, OSError: the folder holds a buffer of another size, or cannot be written.
    """
    return Replay(
        folder, capacity=max(1, transitions), height=height, width=width, frames_per_transition=MOST_FRAMES
    )


def cut_to_frames(filled: Replay) -> None:
    """Cuts the ring of a buffer that is filled and closed to its frames: a GPU has to hold all of the ring.

    Raises:
        OSError: it cannot be written.
    """
    frames = min(filled.frames.newest + 1, filled.frames.capacity)  # the first stands in slot 1
    os.truncate(filled.folder / PIXELS_FILE, frames * filled.frames.frame_bytes)
    os.truncate(filled.folder / INDEX_FILE, frames * INDEX.itemsize)
    path = filled.folder / SHAPE_FILE
    shape = json.loads(path.read_text(encoding='utf-8')) | {'frames': frames}
    write_text(path, json.dumps(shape) + '\n')


def open_past(config: BufferSamplerConfig) -> tuple[Replay | None, list[Say]]:
    """Opens what a run began with, None where that is nothing.

    Returns:
        The buffer, and what to say of it.

    Raises:
        ValueError, OSError: a buffer that is damaged as a whole, or of another size of frames, or of which
            a mini-batch of one transition is to take a share.
    """
    folder = Path(config.run_folder) / FOLDER
    try:
        found = json.loads((folder / SHAPE_FILE).read_text(encoding='utf-8'))
        capacity, frames = int(found['capacity']), int(found['frames'])
    except FileNotFoundError:
        return None, []
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            f'{folder}/{SHAPE_FILE} is damaged: begin a new run with replay:=, or remove {folder}'
        ) from None
    height, width, _ = config.observation_shape
    share = past_transitions(config.replay_share, config.batch_size)
    past = Replay(folder, capacity=capacity, height=height, width=width, frame_capacity=frames)
    if not len(past):
        past.close()
        raise ValueError(f'{folder} holds no transition any more ({past.recovered}): remove it')
    told = f'{share} of {config.batch_size} transitions of a mini-batch come from before the run'
    return past, [Say('info', f'{"warning: " if past.damaged else ""}{told}: {past.recovered}')]
