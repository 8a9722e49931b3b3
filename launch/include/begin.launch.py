"""The beginning of every run: its settings, its place on this host, its folder, made last of all."""

import math
import time
from pathlib import Path

from launch import LaunchDescription
from launch.actions import OpaqueFunction, SetLaunchConfiguration

from sac_learner.checkpoint import load_checkpoint, load_policy
from sac_learner.config import AgentConfig
from ur5_rl_env.agreement import check_run
from ur5_rl_graph import declared, parameter_file, settings
from ur5_rl_graph.launch_arguments import check_installed, check_numbers
from ur5_rl_graph.run_of_launch import begin_run, namespace

ROOT = Path(__file__).resolve().parents[2]


def generate_launch_description():
    """Takes architecture and all arguments, sets what nodes and recorder take; starts nothing."""
    return LaunchDescription([OpaqueFunction(function=begin)])


def begin(context):
    """Looks at settings and machine, then makes the run folder with the parameters of the nodes."""
    chosen = context.launch_configurations
    check_numbers(chosen)
    setting = settings.setting_file(ROOT / 'config', chosen['setting'])
    cycle_s = action_cycle_s(chosen['action_cycle'])
    nodes = settings.resolve(ROOT / 'config', chosen['architecture'], setting, chosen['task'], cycle_s)
    settings.check_nodes(nodes, running(chosen))
    check_run(nodes)
    check_checkpoints(chosen, nodes)
    check_installed(context)
    begun = begin_run(context)
    parts = [chosen['architecture'], chosen['task'], setting.stem, chosen['seed'], chosen['namespace']]
    name = '_'.join(part.strip('/').replace('/', '_') for part in parts if part)
    folder = Path(chosen['output'] or ROOT / 'results' / f'{time.strftime("%Y%m%d-%H%M%S")}_{name}')
    path = folder.absolute() / 'parameters.yaml'
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        parameter_file.write(path, nodes, namespace(context))
    except OSError as error:
        raise RuntimeError(f"output is '{folder}', which cannot be written: {error.strerror}") from None
    logs = context.environment.get('ROS_LOG_DIR') or str(path.parent / 'log')
    return [
        *begun,
        SetLaunchConfiguration('parameter_file', str(path)),
        SetLaunchConfiguration('setting_name', setting.stem),
        SetLaunchConfiguration('run_folder', str(path.parent)),
        SetLaunchConfiguration('log_folder', logs),
        SetLaunchConfiguration('run_title', name.replace('_', ' ')),
    ]


def check_checkpoints(chosen, nodes):
    """Refuses a file that is no checkpoint, and a policy of another setting."""
    if init := chosen.get('init'):
        load_checkpoint(Path(init))
    if policy := chosen.get('checkpoint_file'):
        load_policy(Path(policy), settings.configuration(nodes, 'actor', AgentConfig))


def running(chosen):
    """Returns the names of the nodes that this run is to have."""
    left_out = {'camera'} if not chosen['camera'] else set()
    if chosen['robot_ip']:
        left_out.add('robot_cell')
    if chosen['architecture'] == 'evaluate':
        left_out |= {'buffer_sampler', 'learner'}
    return tuple(node for node in declared.NODES if node not in left_out)


def action_cycle_s(text):
    """Returns the action cycle that was asked for, None where the setting's is wanted."""
    try:
        seconds = float(text) if text else None
    except ValueError:
        seconds = 0.0
    if seconds is not None and not 0.0 < seconds < math.inf:
        raise RuntimeError(f"action_cycle is '{text}'; give seconds, such as 0.08")
    return seconds
