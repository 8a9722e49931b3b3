"""What the launch files share. For launch files only."""

from pathlib import Path
from typing import Any, NamedTuple

from launch import LaunchContext, LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    IncludeLaunchDescription,
    OpaqueFunction,
    SetEnvironmentVariable,
    SetLaunchConfiguration,
)
from launch.conditions import UnlessCondition
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitution import Substitution
from launch.substitutions import EnvironmentVariable, EqualsSubstitution, LaunchConfiguration
from launch_ros.actions import Node

from ur5_rl_graph import run_files
from ur5_rl_graph.launch_arguments import check_middleware, existing_file, expand_home, refuse_unknown
from ur5_rl_graph.parameter_text import text_of


class Typed(NamedTuple):
    """The value of a launch argument that is no text but an int, a float or a bool ('true' or 'false')."""

    text: Substitution
    kind: type

    def perform(self, context: LaunchContext) -> int | float | bool:
        """Returns the value."""
        text = self.text.perform(context)
        return text == 'true' if self.kind is bool else self.kind(text)


SEND_PICTURES = ('bag_player', 'camera', 'robot_cell', 'network_view', 'parameter_bridge')
DDS_PROFILE = 'FASTRTPS_DEFAULT_PROFILES_FILE'
"""Names a file of Fast DDS; the nodes that send pictures get config/fastdds.xml where a person names none."""

INIT = {
    'init': LaunchConfiguration('init'),
    'init_from_other_setting': Typed(LaunchConfiguration('init_from_other_setting'), bool),
}
"""Parameters of a learner that begins where `init:=` says."""

LEARNING = {'awaits_sampler': True}
"""Parameters of an actor whose experience somebody keeps."""

RECORDED = {'awaits_recorder': True}
"""Parameters of an environment whose episodes somebody records."""


def learning_run(launch_file: str, *agent: Node) -> LaunchDescription:
    """Returns a run in which the processes `agent` learn; the architecture is named as its launch file is.

    Args:
        launch_file: path of launch/<architecture>.launch.py.
        agent: what differs between the architectures.
    """
    init = DeclareLaunchArgument(
        'init', default_value='', description='checkpoint to start from; none = untrained'
    )
    resume = DeclareLaunchArgument(
        'resume',
        default_value='',
        description='folder of a run to go on with, by its own arguments; duration is the total; none = new',
    )
    anyway = DeclareLaunchArgument(
        'init_from_other_setting',
        default_value='false',
        choices=['true', 'false'],
        description='true = start from init although it was saved in another setting',
    )
    replay = DeclareLaunchArgument(
        'replay',
        default_value='',
        description='bags, or runs with one, whose transitions the run begins with, commas between them; '
        'replay_share says their share of a mini-batch; none = nothing',
    )
    find_init = OpaqueFunction(function=_find_init)
    return run(launch_file, init, anyway, resume, replay, checks=(find_init,), agent=agent)


def _find_init(context: LaunchContext) -> list:
    chosen = context.launch_configurations
    if not chosen['init'] or chosen['resume']:  # a run goes on from its own checkpoint
        return []
    hint = f"give a run's {run_files.CHECKPOINT}"
    return [SetLaunchConfiguration('init', str(existing_file('init', chosen['init'], hint)))]


def run(
    launch_file: str,
    *arguments: DeclareLaunchArgument,
    agent: tuple[Node, ...],
    checks: tuple[OpaqueFunction, ...] = (),
) -> LaunchDescription:
    """Returns a run with arguments of its own; their defaults come before those of the shared files.

    The processes of the devices come first, then those of the agent, then who looks on.
    """
    looking_on = (recorder(), bag_recorder(), included(Path(launch_file).resolve(), 'view'))
    return _launch(launch_file, arguments, ('run', 'looking_on', 'devices'), checks, (*agent, *looking_on))


def calibration(launch_file: str, *checks: OpaqueFunction) -> LaunchDescription:
    """Returns arm, camera and node calibration, with the arguments of a run; nobody learns or records."""
    return _launch(launch_file, (), ('run', 'devices'), checks, ())


def _launch(
    launch_file: str,
    arguments: tuple[DeclareLaunchArgument, ...],
    shared: tuple[str, ...],
    checks: tuple[OpaqueFunction, ...],
    processes: tuple,
) -> LaunchDescription:
    """Returns the devices and `processes`.

    Whatever may refuse an argument comes first: the names of all, those in `shared` files, too, the devices,
    `checks`, then the beginning of the run, which makes its folder last of all. Then the processes: a launch
    that ends with an exception does not end those that it has started.
    """
    check_middleware()  # before `begin` is looked into, which imports rclpy
    path = Path(launch_file).resolve()
    begin, gazebo, environment = (included(path, name) for name in ('begin', 'gazebo', 'environment'))
    architecture = SetLaunchConfiguration('architecture', path.name.removesuffix('.launch.py'))
    declared = [architecture, *arguments, *(included(path, name) for name in shared)]
    known = {argument.name for argument in LaunchDescription(declared).get_launch_arguments()}
    names = OpaqueFunction(function=refuse_unknown, args=[path, known])
    home = OpaqueFunction(function=expand_home)
    return LaunchDescription([names, home, *declared, *checks, begin, gazebo, environment, *processes])


def on_this_host() -> SetEnvironmentVariable:
    """Returns what has nodes find those of this host alone, where a person has said nothing else."""
    name = 'ROS_AUTOMATIC_DISCOVERY_RANGE'
    return SetEnvironmentVariable(name, EnvironmentVariable(name, default_value='LOCALHOST'))


def included(launch_file: Path, name: str) -> IncludeLaunchDescription:
    """Returns the inclusion of include/<name>.launch.py beside a launch file."""
    path = launch_file.parent / 'include' / f'{name}.launch.py'
    return IncludeLaunchDescription(PythonLaunchDescriptionSource(str(path)))


def recorder() -> Node:
    """Returns the recorder of a run."""
    return run_node(
        'run_recorder',
        'run_recorder',
        {
            'title': LaunchConfiguration('run_title'),
            'architecture': LaunchConfiguration('architecture'),
            'setting_name': LaunchConfiguration('setting_name'),
            'init': LaunchConfiguration('init', default=''),
            'replay': LaunchConfiguration('replay', default=''),
            'robot_ip': LaunchConfiguration('robot_ip'),
            'duration': Typed(LaunchConfiguration('duration'), float),
            'episodes': Typed(LaunchConfiguration('episodes', default='0'), int),
        },
    )


def bag_recorder() -> Node:
    """Returns what records the bag of a run, where `record:=` asks for one."""
    off = EqualsSubstitution(LaunchConfiguration('record'), 'false')
    values = {'record': LaunchConfiguration('record')}
    return run_node('ur5_rl_bags', 'bag_recorder', values, condition=UnlessCondition(off))


def run_node(package: str, executable: str, *parameters: dict, **kwargs: Any) -> Node:
    """Returns a node that is started again when it dies, in a process of its own.

    It takes namespace, parameter_file, seed, run_folder and identity of the run from the launch
    configurations, then `parameters`; it ignores what it does not declare.

    Args:
        package: that holds it.
        executable: its name, and that of the node.
        parameters: values by name. A substitution, such as a launch argument, is a text, whatever it looks
            like; `Typed` makes what is none.
        kwargs: of the action, such as its condition and the remappings of its topics.
    """
    return _process(package, executable, parameters, name=executable, **kwargs)


def run_process(label: str, *nodes: str, parameters: dict) -> Node:
    """Returns one process of several nodes, which take turns in one thread; started again when it dies.

    Args:
        label: of its lines.
        nodes: each '<package>/<node>'. They keep their own names and all get the same parameters.
        parameters: after those of the run, as with `run_node`.
    """
    return _process(
        'ur5_rl_graph', 'process', (parameters,), arguments=list(nodes), exec_name=label
    )  # no name: it would become that of every node


class ParameterRule(Substitution):
    """The words behind -p that give a node exactly this value; launch_ros' files would make 1e3 of a text."""

    def __init__(self, name: str, value: object) -> None:
        """Takes the name and the value: a substitution for a text, a Typed, or the value itself."""
        super().__init__()
        self._name, self._value = name, value

    def perform(self, context: LaunchContext) -> str:
        """Returns name:=value."""
        value = self._value
        if isinstance(value, Substitution | Typed):
            value = value.perform(context)
        return f'{self._name}:={text_of(value)}'

    def describe(self) -> str:
        """Returns what the list of a launch file's entities says."""
        return f'ParameterRule({self._name})'


def _process(package: str, executable: str, parameters: tuple[dict, ...], **kwargs: Any) -> Node:
    given = {
        'seed': Typed(LaunchConfiguration('seed'), int),
        'run_folder': LaunchConfiguration('run_folder'),
        'run_started_s': Typed(LaunchConfiguration('run_started_s'), float),
        'run_identity': LaunchConfiguration('run_identity'),  # where the end of a run finds its processes
        'checkpoint': LaunchConfiguration('own_checkpoint', default=''),
    }
    for values in parameters:
        given |= values
    rules = [word for name, value in given.items() for word in ('-p', ParameterRule(name, value))]
    environment = {'ROS_LOG_DIR': LaunchConfiguration('log_folder')}
    if executable in SEND_PICTURES:
        environment[DDS_PROFILE] = LaunchConfiguration('dds_profile')
    return Node(
        package=package,
        executable=executable,
        output='screen',
        namespace=LaunchConfiguration('namespace'),
        # In this order: what the launch gives wins.
        ros_arguments=['--params-file', LaunchConfiguration('parameter_file'), *rules],
        additional_env=environment,
        respawn=True,
        respawn_delay=1.0,
        sigterm_timeout='20',  # a last checkpoint on a busy disk, the learning curve of a long run
        **kwargs,
    )
