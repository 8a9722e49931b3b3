"""What the launch files share. For launch files only."""

from pathlib import Path

from launch import LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    IncludeLaunchDescription,
    OpaqueFunction,
    SetLaunchConfiguration,
)
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

INIT = {
    'init': LaunchConfiguration('init'),
    'init_from_other_setting': ParameterValue(
        LaunchConfiguration('init_from_other_setting'), value_type=bool
    ),
}
"""Parameters of a learner that begins where `init:=` says."""


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
    return run(launch_file, init, anyway, resume, agent=agent)


def run(
    launch_file: str,
    *arguments: DeclareLaunchArgument,
    agent: tuple[Node, ...],
    checks: tuple[OpaqueFunction, ...] = (),
) -> LaunchDescription:
    """Returns a run with arguments of its own; their defaults come before those of the shared files.

    Whatever may refuse an argument (`checks`, the shared files) comes before the first process: a launch that
    ends with an exception does not end the processes that it has started.
    """
    path = Path(launch_file).resolve()
    arguments_of_run, environment = (
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(path.parent / 'include' / f'{name}.launch.py'))
        )
        for name in ('run', 'environment')
    )
    architecture = SetLaunchConfiguration('architecture', path.name.removesuffix('.launch.py'))
    return LaunchDescription(
        [architecture, *arguments, arguments_of_run, *checks, environment, *agent, recorder()]
    )


def recorder() -> Node:
    """Returns the recorder of a run."""
    return run_node(
        'run_recorder',
        'run_recorder',
        {
            'title': LaunchConfiguration('run_title'),
            'architecture': LaunchConfiguration('architecture'),
            'setting_name': LaunchConfiguration('setting_name'),
            'init': ParameterValue(LaunchConfiguration('init', default=''), value_type=str),
            'robot_ip': ParameterValue(LaunchConfiguration('robot_ip'), value_type=str),
            'duration': ParameterValue(LaunchConfiguration('duration'), value_type=float),
            'episodes': ParameterValue(LaunchConfiguration('episodes', default='0'), value_type=int),
        },
    )


def run_node(package: str, executable: str, *parameters: dict) -> Node:
    """Returns a node that is started again when it dies, in a process of its own.

    It takes namespace, parameter_file, seed, run_folder and identity of the run from the launch
    configurations, then `parameters`; it ignores what it does not declare.
    """
    return _process(package, executable, parameters, name=executable)


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


def _process(package: str, executable: str, parameters: tuple[dict, ...], **kwargs) -> Node:
    run = {
        'seed': ParameterValue(LaunchConfiguration('seed'), value_type=int),
        'run_folder': LaunchConfiguration('run_folder'),
        'run_started_s': ParameterValue(LaunchConfiguration('run_started_s'), value_type=float),
        'checkpoint': ParameterValue(LaunchConfiguration('own_checkpoint', default=''), value_type=str),
    }
    return Node(
        package=package,
        executable=executable,
        output='screen',
        namespace=LaunchConfiguration('namespace'),
        parameters=[LaunchConfiguration('parameter_file'), run, *parameters],
        # On the command line, where the end of a run finds its processes.
        ros_arguments=['-p', ['run_identity:=', LaunchConfiguration('run_identity')]],
        respawn=True,
        respawn_delay=1.0,
        sigterm_timeout='20',  # a last checkpoint on a busy disk, the learning curve of a long run
        **kwargs,
    )
