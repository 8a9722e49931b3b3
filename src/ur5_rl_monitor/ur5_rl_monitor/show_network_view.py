"""Draws what a saved policy sees in an episode in virtual time (thesis figure 8.5).

python -m ur5_rl_monitor.show_network_view checkpoint:=FILE output:=PICTURE.png [name:=value ...]
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import load_policy
from ur5_rl_env.run_parameters import run_parameters, setting_file
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.command import command
from ur5_rl_graph.data import STACK
from ur5_rl_graph.options import Defaults, options
from ur5_rl_graph.settings import configuration
from ur5_rl_monitor.network_view import NetworkView
from virtual_time.environment import Shot
from virtual_time.lab import evaluation_lab

OPTIONS: Defaults = {
    'checkpoint': '',
    'output': '',
    'task': 'reaching',
    'setting': 'small',
    'seed': 12345,
    'scale': 3,
}
MOMENTS = (0.05, 0.2, 0.5, 0.95)
"""Of the episode, as shares of its length; two in a row of the picture."""
LARGEST = 16
"""The largest scale."""


@command
def main(argv: Sequence[str]) -> int:
    """Draws; returns the exit code."""
    chosen = options(argv, **OPTIONS)
    for name in ('checkpoint', 'output'):
        if not chosen[name]:
            raise ValueError(f"{name} is ''; give the path of a file")
    if not 1 <= chosen['scale'] <= LARGEST:
        raise ValueError(f'scale is {chosen["scale"]}; allowed is 1 to {LARGEST}')
    if not _asked(cv2.haveImageWriter, chosen['output']):
        raise ValueError(f'output is {chosen["output"]}, whose ending names no kind of picture: try .png')
    picture = draw(chosen)
    if not _asked(cv2.imwrite, chosen['output'], picture):
        raise OSError(f'{chosen["output"]} cannot be written')
    print(f'{chosen["output"]}: {picture.shape[1]}x{picture.shape[0]} pixels', flush=True)
    return 0


def _asked(function: Callable[..., bool], *words: object) -> bool:
    """What OpenCV answers; no, where it knows a kind of picture and was told to refuse it."""
    try:
        return function(*words)
    except cv2.error:
        return False


def draw(chosen: dict) -> np.ndarray:
    """Has the policy act for an episode and returns its moments, (H, W, 3) uint8 BGR.

    Raises:
        ValueError, OSError: no such checkpoint or setting, or one of another setting.
    """
    nodes = run_parameters('evaluate', setting_file(chosen['setting']), chosen['task'])
    agent, task = (configuration(nodes, 'actor', kind) for kind in (AgentConfig, TaskConfig))
    view, path = NetworkView(agent, task, chosen['scale']), Path(chosen['checkpoint'])
    shots: list[Shot] = []
    with evaluation_lab(nodes, chosen['seed'], 1) as lab:
        view.load(load_policy(path, lab.setting), path.stem)
        lab.evaluate(path)
        lab.watch(shots.append)
        lab.run(lambda: None)
    images = [shot.picture for shot in shots if shot.in_episode]
    ends = [max(round(moment * len(images)), STACK) for moment in MOMENTS]
    pictures = [view.picture(images[end - STACK : end]) for end in ends]
    return np.vstack([np.hstack(pictures[at : at + 2]) for at in range(0, len(pictures), 2)])


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
