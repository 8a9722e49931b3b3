"""Opens the replay buffer of a run."""

from pathlib import Path

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.replay import Replay
from ur5_rl_graph import run_files
from ur5_rl_graph.say import Say


def open_replay(config: BufferSamplerConfig) -> tuple[Replay, list[Say]]:
    """Opens the buffer in the run's folder, or makes it; refuses a run that could not begin to learn.

    Returns:
        The buffer, and what to say of it: what was found, where the room is less than wanted.

    Raises:
        ValueError, OSError: a buffer of another shape, or of another process; a disk without room.
    """
    height, width, _ = config.observation_shape
    replay = Replay(
        Path(config.run_folder) / run_files.REPLAY,
        capacity=config.capacity,
        height=height,
        width=width,
        frames_per_transition=config.frames_per_transition,
    )
    lines = [Say('info', f'{"warning: " if replay.damaged else ""}{replay.recovered}')]
    replay.reserve(config.random_steps)
    room = replay.room
    if room < config.capacity:
        room_for = f'{replay.folder} has room for {room} of {config.capacity} transitions'
        lines.append(Say('info', f'{room_for}; what comes when the disk is full is not stored'))
    return replay, lines
