"""The beginning of every run: its settings, its place on this host, its folder, made last of all."""

import math
import time
from dataclasses import asdict
from pathlib import Path

from launch import LaunchDescription
from launch.actions import LogInfo, OpaqueFunction, SetLaunchConfiguration

from commissioning import quick
from run_recorder import resume
from sac_learner.checkpoint import load_policy, load_start
from sac_learner.config import AgentConfig
from sac_learner.saved_setting import saved_setting
from ur5_rl_env.agreement import check_run
from ur5_rl_env.cell.cell_config import SceneConfig
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.target import ScreenConfig
from ur5_rl_env.task import TaskConfig
from ur5_rl_env.urdf import robot_description
from ur5_rl_graph import declared, parameter_file, settings
from ur5_rl_graph.launch_arguments import check_installed, check_numbers
from ur5_rl_graph.launching import DDS_PROFILE
from ur5_rl_graph.run_of_launch import begin_run, namespace
from ur5_rl_graph.whole_run import take_folder
from ur5_rl_monitor.state_publisher_config import StatePublisherConfig

ROOT = Path(__file__).resolve().parents[2]


def generate_launch_description():
    """Takes architecture and all arguments, sets what nodes and recorder take; starts nothing."""
    return LaunchDescription([OpaqueFunction(function=begin)])


def begin(context):
    """Looks at settings and machine, then makes the run folder with the parameters of the nodes."""
    chosen = context.launch_configurations
    check_numbers(chosen)
    setting_name, nodes = parameters(chosen)
    settings.check_nodes(nodes, running(chosen))
    check_run(nodes)
    check_checkpoints(chosen, nodes)
    give_views(nodes)
    if chosen['architecture'] == 'calibrate':
        give_calibration(nodes)
    check_installed(context)
    parts = [chosen['architecture'], chosen['task'], setting_name, chosen['seed'], chosen['namespace']]
    name = '_'.join(part.strip('/').replace('/', '_') for part in parts if part)
    new = ROOT / 'results' / f'{time.strftime("%Y%m%d-%H%M%S")}_{name}'
    folder = Path(chosen['output'] or new).absolute()
    if not chosen.get('resume'):
        resume.refuse_used(folder)
    begun = begin_run(context)
    take_folder(folder)
    path = folder / resume.PARAMETERS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        parameter_file.write(path, nodes, namespace(context))
    except OSError as error:
        raise RuntimeError(f"output is '{folder}', which cannot be written: {error.strerror}") from None
    wrong = quick.line(folder, bool(chosen['robot_ip']))
    own = (
        folder / 'checkpoints/learner.safetensors'
    )  # with which a resumed run acts until the learner is there
    return [
        *begun,
        *([LogInfo(msg=wrong)] if wrong else []),
        SetLaunchConfiguration('own_checkpoint', str(own) if own.is_file() else ''),
        SetLaunchConfiguration('parameter_file', str(path)),
        SetLaunchConfiguration('setting_name', setting_name),
        SetLaunchConfiguration('run_folder', str(folder)),
        SetLaunchConfiguration('log_folder', context.environment.get('ROS_LOG_DIR') or str(folder / 'log')),
        SetLaunchConfiguration(
            'dds_profile', context.environment.get(DDS_PROFILE) or str(ROOT / 'config/fastdds.xml')
        ),
        SetLaunchConfiguration('run_title', name.replace('_', ' ')),
    ]


def parameters(chosen):
    """Returns the name of the setting and the parameters of each node; a resumed run has its own."""
    if chosen.get('resume'):
        return chosen['setting'], parameter_file.read(Path(chosen['output']) / resume.PARAMETERS, None)
    setting = settings.setting_file(ROOT / 'config', chosen['setting'])
    cycle_s = action_cycle_s(chosen['action_cycle'])
    return setting.stem, settings.resolve(
        ROOT / 'config', chosen['architecture'], setting, chosen['task'], cycle_s
    )


def give_views(nodes):
    """Gives the nodes that people look at what others have: the place of the monitor, the guard's bounds."""
    screen = settings.configuration(nodes, 'target_monitor', ScreenConfig)
    scene = settings.configuration(nodes, 'robot_cell', SceneConfig, **asdict(screen))
    described = settings.configuration(
        nodes, 'robot_state_publisher', StatePublisherConfig, robot_description=robot_description(scene)
    )
    nodes['/robot_state_publisher'] = asdict(described)
    guard = settings.configuration(nodes, 'arm_driver', GuardConfig)
    nodes['/scene_markers'] = nodes.get('/scene_markers', {}) | asdict(guard)


def give_calibration(nodes):
    """Gives the calibration bounds and home of the arm."""
    guard, arm = (settings.configuration(nodes, 'arm_driver', kind) for kind in (GuardConfig, ArmConfig))
    nodes['/calibration'] = nodes.get('/calibration', {}) | asdict(guard) | {'home': arm.home}


def check_checkpoints(chosen, nodes):
    """Refuses a file that is no checkpoint, and what was saved in another setting."""

    def setting(node):
        return saved_setting(
            *(settings.configuration(nodes, node, kind) for kind in (AgentConfig, TaskConfig))
        )

    if (init := chosen.get('init')) and not chosen.get('resume'):
        load_start(Path(init), setting('learner'), chosen['init_from_other_setting'] == 'true')
    if policy := chosen.get('checkpoint_file'):
        load_policy(Path(policy), setting('actor'))


def running(chosen):
    """Returns the names of the nodes that this run is to have."""
    left_out = set() if chosen['camera'] else {'camera'}
    if chosen['architecture'] == 'calibrate':
        devices = {'arm_driver', 'camera', 'robot_cell', 'calibration'}
        left_out |= declared.NODES.keys() - devices
    else:
        left_out.add('calibration')
    if chosen['robot_ip']:
        left_out.add('robot_cell')
    if chosen['record'] == 'false':
        left_out.add('bag_recorder')
    if chosen['architecture'] == 'evaluate':
        left_out |= {'buffer_sampler', 'learner'}
    if chosen['view'] != 'true':
        left_out.update(declared.WITH_VIEW)
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
