"""Serves the view of a run that is over."""

import time
from collections.abc import Callable
from pathlib import Path

import torch

from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import load_policy
from sac_learner.saved_setting import saved_setting
from ur5_rl_bags.carried import parameters_of
from ur5_rl_bags.reader import Bag, BagError
from ur5_rl_bags.robots import namespace_of
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import run_files, topics
from ur5_rl_graph.hung import goes_on
from ur5_rl_graph.settings import configuration
from ur5_rl_monitor.diagnostics_config import DiagnosticsConfig
from ur5_rl_monitor.given import of_setting
from ur5_rl_monitor.live_view_config import LiveViewConfig
from ur5_rl_monitor.network_view import NetworkView
from ur5_rl_monitor.recorded_run import show_bag, show_tables
from ur5_rl_monitor.sights import Sight, Sink
from ur5_rl_monitor.view import HUNG_S, View

SETTING = 'small'
"""Of a bag that does not say its own."""
LOOK_S = 1.0


def view(path: Path, config: LiveViewConfig, chosen: dict) -> None:
    """Shows a run that is over until Ctrl-C.

    Args:
        path: folder of a run, or a bag.
        config: where it is served.
        chosen: options of `watch`: namespace, checkpoint, setting.

    Raises:
        ValueError, OSError: it cannot be shown, or not as asked for.
    """
    if (path / run_files.IDENTITY).is_file() and not (path / run_files.BAG).is_dir():
        _serve(config, lambda sink: show_tables(path, sink))
        return
    with Bag(path) as bag:
        namespace = namespace_of(bag, chosen['namespace'], topics.CYCLE_TIMING.name)
        nodes = _parameters(bag, chosen['setting'])
        # Nothing that is drawn depends on the period, which an older recording has otherwise for a UR5e.
        guard = configuration(nodes, 'scene_markers', GuardConfig, control_period_s=0.0)
        limits = configuration(nodes, 'diagnostics', DiagnosticsConfig)
        network = _network(path, nodes, chosen['checkpoint'])
        _serve(config, lambda sink: show_bag(bag, namespace, guard, limits, network, sink))


class _Beating:
    """Shows by another sink, and is not ended as long as that one returns."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def show(self, time_ns: int, sight: Sight) -> None:
        goes_on(HUNG_S)
        self._sink.show(time_ns, sight)


def _serve(config: LiveViewConfig, show: Callable[[Sink], list[str]]) -> None:
    served = View(config, live=False)
    try:
        for line in show(_Beating(served.sink)):
            print(line, flush=True)
        print('Ctrl-C ends the view', flush=True)
        while not served.ended:
            goes_on(HUNG_S)
            time.sleep(LOOK_S)
        raise ValueError('the server of the viewer has ended')
    finally:
        served.close()


def _parameters(bag: Bag, setting: str) -> dict[str, dict]:
    """Returns those of the setting that is named, else of the recorded run, else of `SETTING`."""
    try:
        own = {} if setting else parameters_of(bag)
    except BagError as error:
        print(f'{error}; shown with those of setting {SETTING}', flush=True)
        own = {}
    return own or of_setting(setting or SETTING)


def _network(path: Path, nodes: dict[str, dict], checkpoint: str) -> NetworkView | None:
    """Returns what draws the network's view, by the run's own last weights or those that are named."""
    weights = Path(checkpoint or path / run_files.CHECKPOINT)
    if not checkpoint and not weights.is_file():
        print(f'{path} holds no weights: what the network sees is not drawn (checkpoint:=FILE draws it)')
        return None
    agent, task = (configuration(nodes, 'actor', kind) for kind in (AgentConfig, TaskConfig))
    torch.set_num_threads(1)
    network = NetworkView(agent, task)
    network.load(load_policy(weights, saved_setting(agent, task))[0], weights.name)
    return network
