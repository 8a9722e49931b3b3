"""Opens a live view: beside a run that goes on, or of one that is over.

python -m ur5_rl_monitor.watch [RUN|BAG] [name:=value ...]
"""

import signal
import sys
from pathlib import Path

import torch

from sac_learner.checkpoint import load_policy
from sac_learner.config import AgentConfig
from sac_learner.saved_setting import saved_setting
from ur5_rl_bags.reader import OF_RUN, RUN, Bag
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import parameter_file
from ur5_rl_graph.options import options
from ur5_rl_graph.parameter_text import text_of
from ur5_rl_graph.settings import configuration
from ur5_rl_monitor.live_view_config import LiveViewConfig
from ur5_rl_monitor.network_view import NetworkView
from ur5_rl_monitor.recorded_run import namespace_of, show_bag, show_tables
from ur5_rl_monitor.view import View
from virtual_time.settings import run_parameters, setting_file

SERVED = {name: getattr(LiveViewConfig, name) for name in ('address', 'port', 'memory_mb')}
LIVE = {'namespace': ''} | SERVED
RECORDED = {'checkpoint': '', 'setting': 'small', 'task': 'reaching'} | LIVE
PARAMETERS = 'parameters.yaml'
CHECKPOINT = 'checkpoints/learner.safetensors'


def main(argv: list[str]) -> int:
    """Shows until Ctrl-C; returns the exit code."""
    paths = [word for word in argv if '=' not in word]
    words = [word for word in argv if '=' in word]
    try:
        if len(paths) > 1:
            raise ValueError(f'one RUN or BAG is shown at a time, not {", ".join(paths)}')
        chosen = options(words, **(RECORDED if paths else LIVE))
        config = LiveViewConfig(browser=True, **{name: chosen[name] for name in SERVED})
        if not paths:
            return watch(chosen)
        view_recorded(Path(paths[0]), config, chosen)
    except (ValueError, OSError) as error:
        print(f'error: {" ".join(str(error).split())}', file=sys.stderr, flush=True)
        return 2
    except KeyboardInterrupt:
        pass
    return 0


def watch(chosen: dict) -> int:
    """Becomes the node that shows a run beside it."""
    from ur5_rl_monitor.nodes import live_view  # without ROS 2 a run that is over can be shown

    values = {'browser': True} | {name: chosen[name] for name in SERVED}
    parameters = [word for name, value in values.items() for word in ('-p', f'{name}:={text_of(value)}')]
    inside = chosen['namespace'].strip('/')
    sys.argv[1:] = ['--ros-args', *(['-r', f'__ns:=/{inside}'] if inside else []), *parameters]
    return live_view.main()


def view_recorded(path: Path, config: LiveViewConfig, chosen: dict) -> None:
    """Shows a run that is over until Ctrl-C.

    Raises:
        ValueError, OSError: it cannot be shown, or not as asked for.
    """
    if (path / RUN).is_file() and not (path / OF_RUN).is_dir():
        _show(config, lambda view: show_tables(path, view.sink))
        return
    with Bag(path) as bag:
        namespace = namespace_of(bag, chosen['namespace'])
        nodes = _parameters(path)
        guard = configuration(nodes, 'scene_markers', GuardConfig)
        network = _network(path, nodes, chosen)
        _show(config, lambda view: show_bag(bag, namespace, guard, network, view.sink))


def _show(config: LiveViewConfig, show) -> None:
    view = View(config, live=False)
    try:
        for line in show(view):
            print(line, flush=True)
        print('Ctrl-C ends the view', flush=True)
        while not view.ended:
            signal.sigtimedwait([], 1.0)
        raise ValueError('the server of the viewer has ended')
    finally:
        view.close()


def _parameters(path: Path) -> dict:
    file = path / PARAMETERS
    if file.is_file():
        return parameter_file.read(file, None)
    return {}


def _network(path: Path, nodes: dict, chosen: dict) -> NetworkView | None:
    """Returns what draws the network's view, by the run's own last weights or those that are named."""
    weights = Path(chosen['checkpoint']) if chosen['checkpoint'] else path / CHECKPOINT
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


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
