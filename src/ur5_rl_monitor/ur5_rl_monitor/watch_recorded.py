"""Serves the view of a run that is over."""

import time
from collections.abc import Callable
from pathlib import Path

import torch

from run_recorder.resume import PARAMETERS
from sac_learner.checkpoint import load_policy
from sac_learner.config import AgentConfig
from sac_learner.saved_setting import saved_setting
from ur5_rl_bags.reader import OF_RUN, RUN, Bag
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import parameter_file
from ur5_rl_graph.settings import configuration
from ur5_rl_monitor.live_view_config import LiveViewConfig
from ur5_rl_monitor.network_view import NetworkView
from ur5_rl_monitor.recorded_run import namespace_of, show_bag, show_tables
from ur5_rl_monitor.view import View
from virtual_time.settings import run_parameters, setting_file

CHECKPOINT = 'checkpoints/learner.safetensors'
LOOK_S = 1.0


def view(path: Path, config: LiveViewConfig, chosen: dict) -> None:
    """Shows a run that is over until Ctrl-C.

    Args:
        path: folder of a run, or a bag.
        config: where it is served.
        chosen: options of `watch`: namespace, checkpoint, setting, task.

    Raises:
        ValueError, OSError: it cannot be shown, or not as asked for.
    """
    if (path / RUN).is_file() and not (path / OF_RUN).is_dir():
        _serve(config, lambda served: show_tables(path, served.sink))
        return
    with Bag(path) as bag:
        namespace = namespace_of(bag, chosen['namespace'])
        nodes = _parameters(path)
        guard = configuration(nodes, 'scene_markers', GuardConfig)
        network = _network(path, nodes, chosen)
        _serve(config, lambda served: show_bag(bag, namespace, guard, network, served.sink))


def _serve(config: LiveViewConfig, show: Callable[[View], list[str]]) -> None:
    served = View(config, live=False)
    try:
        for line in show(served):
            print(line, flush=True)
        print('Ctrl-C ends the view', flush=True)
        while not served.ended:
            time.sleep(LOOK_S)
        raise ValueError('the server of the viewer has ended')
    finally:
        served.close()


def _parameters(path: Path) -> dict[str, dict]:
    """Returns the parameters of a run by the name of the node; a bag alone has none here."""
    file = path / PARAMETERS
    return parameter_file.read(file, None) if file.is_file() else {}


def _network(path: Path, nodes: dict[str, dict], chosen: dict) -> NetworkView | None:
    """Returns what draws the network's view, by the run's own last weights or those that are named."""
    weights = Path(chosen['checkpoint'] or path / CHECKPOINT)
    if not chosen['checkpoint'] and not weights.is_file():
        print(f'{path} holds no weights: what the network sees is not drawn (checkpoint:=FILE draws it)')
        return None
    if not nodes:
        nodes = run_parameters('evaluate', setting_file(chosen['setting']), chosen['task'])
    agent, task = (configuration(nodes, 'actor', kind) for kind in (AgentConfig, TaskConfig))
    torch.set_num_threads(1)
    network = NetworkView(agent, task)
    network.load(load_policy(weights, saved_setting(agent, task)), weights.name)
    return network
