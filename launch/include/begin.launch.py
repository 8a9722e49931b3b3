"""The beginning of every run: its settings, its place on this host, its folder, made last of all."""

import math
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path

from launch import LaunchDescription
from launch.actions import LogInfo, OpaqueFunction, SetLaunchConfiguration

from commissioning import quick
from offline_learning import beginning
from offline_learning.asked_to_stop import Stop
from run_reading.report.making import tell_report
from run_reading.report.report_config import ReportConfig
from run_recorder import resume
from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import load_policy
from sac_learner.learner_check import check_learner
from sac_learner.saved_setting import saved_setting
from ur5_cell.cell_config import CellConfig, SimulatedCameraConfig
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.run_parameters import check, run_parameters, setting_file
from ur5_rl_env.task import TaskConfig
from ur5_rl_gazebo import world
from ur5_rl_graph import declared, parameter_file, run_files, settings, shipped
from ur5_rl_graph.launch_arguments import check_installed, check_numbers
from ur5_rl_graph.launching import DDS_PROFILE
from ur5_rl_graph.run_of_launch import begin_run, namespace
from ur5_rl_graph.whole_run import take_folder
from ur5_rl_monitor.given import give_views


def generate_launch_description():
    """Takes architecture and all arguments, sets what nodes and recorder take; starts nothing."""
    return LaunchDescription([OpaqueFunction(function=begin)])


def begin(context):
    """Looks at settings and machine, then makes the run folder with the parameters of the nodes."""
    chosen = context.launch_configurations
    setting_name, nodes, bags = looked_at(context)
    name = name_of(chosen, setting_name)
    folder = folder_of(chosen, name)
    limit_s = settings.configuration(nodes, 'launch', ReportConfig).report_limit_s
    begun = begin_run(context, at_end=partial(tell_report, folder, limit_s))
    take_folder(folder)
    fill(context, folder, nodes, bags)
    wrong = quick.line(folder, bool(chosen['robot_ip']))
    told = [LogInfo(msg=wrong)] if wrong else []
    given = given_to_nodes(context, folder) | {
        'setting_name': setting_name,
        'run_title': name.replace('_', ' '),
        **({'replay': bags} if bags else {}),
    }
    return [*begun, *told, *(SetLaunchConfiguration(key, value) for key, value in given.items())]


def looked_at(context):
    """Returns setting, parameters of each node and bags to begin with; refuses what cannot work."""
    chosen = context.launch_configurations
    check_numbers(chosen)
    setting_name, nodes = parameters(chosen)
    check_checkpoints(chosen, nodes)
    bags = '' if chosen.get('resume') else chosen.get('replay', '')
    if bags:
        bags = beginning.check(bags, nodes)
    give_views(nodes)
    if chosen['architecture'] == 'calibrate':
        give_calibration(nodes)
    check_installed(context)
    return setting_name, nodes, bags


def name_of(chosen, setting_name):
    """Returns what the run is, in words that a folder's name may hold."""
    parts = [chosen['architecture'], chosen['task'], setting_name, chosen['seed'], chosen['namespace']]
    return '_'.join(part.strip('/').replace('/', '_') for part in parts if part)


def folder_of(chosen, name):
    """Returns the folder of the run; refuses one that holds another run, or one of another simulator."""
    new = shipped.results() / f'{time.strftime("%Y%m%d-%H%M%S")}_{name}'
    folder = Path(chosen['output'] or new).absolute()
    if not chosen.get('resume'):
        resume.refuse_used(folder)
    else:
        check_same_simulator(chosen, folder)
    return folder


def fill(context, folder, nodes, bags):
    """Makes the run folder, with all that the nodes find there when they start."""
    chosen = context.launch_configurations
    try:
        folder.mkdir(parents=True, exist_ok=True)
        parameter_file.write(folder / run_files.PARAMETERS, nodes, namespace(context))
        if not chosen.get('resume'):
            with Stop() as stop:  # a launch looks at signals behind this: it would first start an arm
                told = beginning.bring(bags, nodes, folder, stop)
            if told:
                print(told, flush=True)
        if chosen['simulator'] == 'gazebo':
            (folder / world.FILE_NAME).write_text(world_of(nodes), encoding='utf-8')
    except OSError as error:
        raise RuntimeError(f"output is '{folder}', which cannot be written: {error.strerror}") from None


def given_to_nodes(context, folder):
    """Returns, by the names of launch configurations, where the nodes find what is theirs."""
    own = folder / run_files.CHECKPOINT  # with which a resumed run acts until the learner is there
    environment = context.environment
    return {
        'own_checkpoint': str(own) if own.is_file() else '',
        'parameter_file': str(folder / run_files.PARAMETERS),
        'run_folder': str(folder),
        'log_folder': environment.get('ROS_LOG_DIR') or str(folder / 'log'),
        'dds_profile': environment.get(DDS_PROFILE) or str(shipped.folder() / 'config/fastdds.xml'),
    }


def parameters(chosen):
    """Returns the name of the setting and the parameters of each node; a resumed run has its own."""
    if chosen.get('resume'):
        nodes = parameter_file.read(Path(chosen['output']) / run_files.PARAMETERS, None)
        check(nodes, running(chosen))
        return chosen['setting'], nodes
    setting, given = setting_file(chosen['setting']), action_cycle(chosen['action_cycle'])
    model = chosen.get('robot_model', '')
    nodes = run_parameters(chosen['architecture'], setting, chosen['task'], running(chosen), model, **given)
    return setting.stem, nodes


def give_calibration(nodes):
    """Gives the node that measures what arm_driver has: the guard's bounds, and the home."""
    guard = asdict(settings.configuration(nodes, 'arm_driver', GuardConfig))
    home = settings.configuration(nodes, 'arm_driver', ArmConfig).home
    nodes['/calibration'] = nodes.get('/calibration', {}) | guard | {'home': home}


def world_of(nodes):
    """Returns the world of Gazebo for what robot_cell has been given."""
    camera = settings.configuration(nodes, 'robot_cell', SimulatedCameraConfig)
    return world.world_sdf(camera, settings.configuration(nodes, 'robot_cell', CellConfig).camera_period_s)


def check_same_simulator(chosen, folder):
    """Refuses to go on with a run in another simulator."""
    own = 'gazebo' if (folder / world.FILE_NAME).exists() else 'mujoco'
    if not chosen['robot_ip'] and chosen['simulator'] != own:
        raise RuntimeError(
            f'simulator is {chosen["simulator"]}, but the run in {folder} is of {own}: simulator:={own}'
        )


def check_checkpoints(chosen, nodes):
    """Refuses a file that is no checkpoint, one saved in another setting, and a device that is not there."""
    if 'learner' in running(chosen):
        init = '' if chosen.get('resume') else chosen.get('init', '')
        check_learner(nodes, init, chosen.get('init_from_other_setting') == 'true')
    if policy := chosen.get('checkpoint_file'):
        agent, task = (settings.configuration(nodes, 'actor', kind) for kind in (AgentConfig, TaskConfig))
        load_policy(Path(policy), saved_setting(agent, task))


def running(chosen):
    """Returns the names of the nodes that this run is to have."""
    left_out = {'bag_player'} | ({'camera'} if not chosen['camera'] else set())
    if chosen['architecture'] == 'calibrate':
        devices = {'arm_driver', 'camera', 'robot_cell', 'calibration'}
        left_out |= declared.NODES.keys() - devices
    else:
        left_out.add('calibration')
        left_out |= set(declared.WITH_MONITOR) - set(declared.asked_for(chosen['view'], chosen['monitor']))
        left_out |= {'bag_recorder'} if chosen['record'] == 'false' else set()
    if chosen['robot_ip']:
        left_out.add('robot_cell')
    if chosen['architecture'] in ('evaluate', 'environment'):
        left_out |= {'buffer_sampler', 'learner'}
    if chosen['architecture'] == 'environment':
        left_out.add('actor')
    return tuple(node for node in declared.NODES if node not in left_out)


def action_cycle(text):
    """Returns the parameter of the action cycle that was asked for, none where the setting's is wanted."""
    if not text:
        return {}
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds < math.inf:
        raise RuntimeError(f"action_cycle is '{text}'; give seconds, such as 0.08")
    return {'action_cycle_s': seconds}
