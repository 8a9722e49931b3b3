"""A run that begins with what bags hold: replay:=BAG,BAG of a launch."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.past import FOLDER, cut_to_frames, new_buffer
from buffer_sampler.sampler import past_transitions
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.settings import configuration

if TYPE_CHECKING:  # what reads bags is half of a launch's imports, and few runs begin with one
    from offline_learning.experience import Experience

Nodes = Mapping[str, Mapping[str, Any]]
"""Parameters by the name of the node."""


def check(text: str, nodes: Nodes) -> str:
    """Looks whether a run can begin with some bags; returns them with absolute paths.

    Args:
        text: of the argument: bags, or runs with one, with commas between them.
        nodes: parameters of the run.

    Raises:
        ValueError: it cannot; one line.
    """
    paths = [str(Path(word.strip()).absolute()) for word in text.split(',') if word.strip()]
    config = configuration(nodes, 'buffer_sampler', BufferSamplerConfig, run_folder='-')
    past_transitions(config.replay_share, config.batch_size)
    with _opened(text, paths, nodes):
        return ','.join(paths)


def bring(text: str, nodes: Nodes, run_folder: Path, stopped: Callable[[], bool] = lambda: False) -> str:
    """Fills the buffer that a new run begins with; returns one line on what is in it.

    What a start that was broken off has left is removed, without bags, too: the run would learn from it.

    Args:
        text: as `check` has returned it; '' = nothing, and '' is returned.
        nodes: parameters of the run.
        run_folder: of the run, in which nothing has begun.
        stopped: asked before each transition; True ends it.

    Raises:
        ValueError: nothing of the bags can be learned from; one line.
        RuntimeError: it was stopped; nothing of it is left.
        OSError: the disk has no room for it, or what was there cannot be removed.
    """
    folder = run_folder / FOLDER
    if folder.exists():
        shutil.rmtree(folder)
    if not text:
        return ''
    from offline_learning.experience import fill

    config = configuration(nodes, 'buffer_sampler', BufferSamplerConfig, run_folder=str(run_folder))
    try:
        with _opened(text, text.split(','), nodes) as experience:
            replay = new_buffer(folder, experience.count, *config.observation_shape[:2])
            try:
                found = fill(replay, experience, stopped)
            finally:
                replay.close()
            cut_to_frames(replay)
        if stopped():
            raise RuntimeError(f'stopped while {text} was read: nothing was started')
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return f'the run begins with {found} of {text}'


def _opened(text: str, paths: list[str], nodes: Nodes) -> 'Experience':
    if not paths:
        raise ValueError(f"replay is '{text}', which names no bag: give BAG, or BAG,BAG")
    from offline_learning.experience import Experience

    try:
        return Experience(paths, configuration(nodes, 'learner', TaskConfig))
    except ValueError as error:
        raise ValueError(f"replay is '{text}': {error}") from None
