"""Shows a bag as its run was shown: rviz2, rqt and the nodes that draw, by the bag's time; nothing moves."""

import dataclasses
from pathlib import Path
from tempfile import TemporaryDirectory

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetLaunchConfiguration
from launch.substitutions import LaunchConfiguration

from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import load_policy
from sac_learner.saved_setting import saved_setting
from ur5_rl_bags.carried import parameters_of
from ur5_rl_bags.play_config import PlayConfig
from ur5_rl_bags.playing import Playing
from ur5_rl_bags.reader import Bag
from ur5_rl_bags.shown import choose
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import declared, parameter_file, run_files, settings, shipped
from ur5_rl_graph.config import number_of
from ur5_rl_graph.launch_arguments import check_installed, existing_file, expand_home, refuse_unknown
from ur5_rl_graph.launching import DDS_PROFILE, Typed, included, on_this_host, run_node
from ur5_rl_graph.run_of_launch import begin_run
from ur5_rl_monitor.given import of_setting

ARGUMENTS = {
    'bag': (str(shipped.folder() / 'bags/reaching_small'), 'folder of a bag, or of a run that holds one'),
    'rate': ('1.0', 'so many times as fast as it was, 0.01 to 100'),
    'start_offset': ('0.0', 'what comes before is left out [s]'),
    'namespace': ('', 'of the robot in the bag; needed where it holds several'),
    'setting': ('', "setting of the bag's run; none = as the bag says, or small where it does not"),
    'checkpoint': ('', "whose positions are drawn; none = the run's own, or the weights in the bag"),
}
"""Default and description of each that is a text or a number."""
YES_OR_NO = {
    'loop': ('false', 'true = again and again, until Ctrl-C'),
    'viewers': ('true', 'true = also opens rviz2 and rqt, where they are installed'),
}
_folders = []  # of parameter files; they go with this process


def generate_launch_description():
    """Returns the player of the bag and all that shows it."""
    path = Path(__file__).resolve()
    known = ARGUMENTS.keys() | YES_OR_NO.keys()
    player = {name: LaunchConfiguration(name) for name in ('bag', 'bag_namespace')}
    player |= {name: Typed(LaunchConfiguration(name), float) for name in ('rate', 'start_offset')}
    player['loop'] = Typed(LaunchConfiguration('loop'), bool)
    return LaunchDescription(
        [
            OpaqueFunction(function=refuse_unknown, args=[path, known]),
            OpaqueFunction(function=expand_home),
            on_this_host(),
            *(
                DeclareLaunchArgument(name, default_value=default, description=text)
                for name, (default, text) in ARGUMENTS.items()
            ),
            *(
                DeclareLaunchArgument(
                    name, default_value=default, choices=['true', 'false'], description=text
                )
                for name, (default, text) in YES_OR_NO.items()
            ),
            OpaqueFunction(function=begin),
            run_node('ur5_rl_bags', 'bag_player', player),
            included(path, 'view'),
            included(path, 'viewers'),
        ]
    )


def begin(context):
    """Looks at the bag and takes the place of a run, so that none is there and none can come."""
    chosen = context.launch_configurations
    for field in dataclasses.fields(PlayConfig):
        if field.name in ('rate', 'start_offset'):
            number_of(field, chosen[field.name])
    nodes, choice, told = look(chosen)
    settings.check_nodes(nodes, ('robot_state_publisher', *declared.WITH_VIEW))
    give_checkpoint(chosen, nodes)
    check_installed(context)
    chosen['namespace'] = choice.namespace.rstrip('/')  # whose place is taken
    begun = begin_run(context, 'a bag is never played beside a run: end it, or set another ROS_DOMAIN_ID')
    folder = TemporaryDirectory(prefix='shown_bag_')
    _folders.append(folder)
    parameter_file.write(Path(folder.name) / run_files.PARAMETERS, nodes, choice.namespace.rstrip('/') or '/')
    learns = any(name.endswith('/learner_status') for name in choice.played)
    given = {
        'parameter_file': f'{folder.name}/{run_files.PARAMETERS}',
        'log_folder': context.environment.get('ROS_LOG_DIR') or folder.name,
        'dds_profile': context.environment.get(DDS_PROFILE) or str(shipped.folder() / 'config/fastdds.xml'),
        'bag': str(Path(chosen['bag']).absolute()),
        'bag_namespace': choice.namespace,
        'architecture': '' if learns else 'evaluate',
        'view': 'true',
        'monitor': 'false',
        'use_sim_time': 'true',
        **dict.fromkeys(('run_folder', 'own_checkpoint', 'robot_ip'), ''),
        'seed': '0',
    }
    print(told, flush=True)
    return [*begun, *(SetLaunchConfiguration(name, value) for name, value in given.items())]


def look(chosen):
    """Returns the parameters of the nodes that show the bag, what is played of it, and a line on these."""
    try:
        with Bag(chosen['bag']) as bag:
            choice = choose(bag, chosen['namespace'])
            check_start(bag, choice, chosen['start_offset'])
            nodes = {} if chosen['setting'] else parameters_of(bag)
    except ValueError as error:
        raise RuntimeError(f"bag is '{chosen['bag']}': {error}") from None
    if nodes:
        return nodes, choice, 'shown with the parameters of its run'
    name = chosen['setting'] or 'small'
    return of_setting(name), choice, f'shown with the parameters of setting {name}'


def check_start(bag, choice, start_offset):
    """Refuses to begin behind the end."""
    try:
        Playing(bag, choice.played, lambda message: None, start_offset_s=float(start_offset))
    except ValueError as error:
        raise RuntimeError(f'start_offset is {start_offset}: {error}') from None


def give_checkpoint(chosen, nodes):
    """Sets the checkpoint that was chosen, or that of the run in whose folder the bag lies."""
    own = Path(chosen['bag']).absolute()
    beside = [folder / run_files.CHECKPOINT for folder in (own, own.parent)]
    found = next((str(path) for path in beside if path.is_file()), '')
    if chosen['checkpoint']:
        hint = f"give a run's {run_files.CHECKPOINT}"
        found = str(existing_file('checkpoint', chosen['checkpoint'], hint))
    if found:
        kinds = (settings.configuration(nodes, 'network_view', kind) for kind in (AgentConfig, TaskConfig))
        load_policy(Path(found), saved_setting(*kinds))
    chosen['checkpoint_file'] = found
