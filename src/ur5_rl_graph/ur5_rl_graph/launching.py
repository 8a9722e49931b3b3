"""What every node of a run is launched with. For launch files only."""

from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue


def run_node(package: str, executable: str, *parameters: dict) -> Node:
    """Returns a node that is started again when it dies, in a process of its own.

    It takes setting_file, task_file, seed and run_folder from the launch configurations, in this order, then
    `parameters`; a parameter that it does not declare is ignored.
    """
    run = {
        'seed': ParameterValue(LaunchConfiguration('seed'), value_type=int),
        'run_folder': LaunchConfiguration('run_folder'),
    }
    return Node(
        package=package,
        executable=executable,
        name=executable,
        output='screen',
        parameters=[LaunchConfiguration('setting_file'), LaunchConfiguration('task_file'), run, *parameters],
        respawn=True,
        respawn_delay=1.0,
        sigterm_timeout='20',  # a last checkpoint on a busy disk, the learning curve of a long run
    )
