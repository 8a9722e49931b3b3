"""Opens rviz2 and rqt with the layouts of config/, where they are installed; touches no run."""

from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, LogInfo, OpaqueFunction
from launch_ros.actions import Node

from ur5_rl_graph import shipped
from ur5_rl_graph.launch_arguments import refuse_unknown
from ur5_rl_monitor.viewers import VIEWERS, missing, remappings


def generate_launch_description():
    """Returns the viewers, or one line on each that cannot be opened."""
    return LaunchDescription(
        [
            OpaqueFunction(function=refuse_unknown, args=[Path(__file__).resolve(), {'namespace'}]),
            DeclareLaunchArgument(
                'namespace',
                default_value='',
                description='of the run that is looked at; none = as the run has none',
            ),
            OpaqueFunction(function=viewers),
        ]
    )


def viewers(context):
    """Returns what can be opened here; says of the rest what to do."""
    found = []
    for viewer in VIEWERS:
        why = missing(viewer, context.environment)
        if why:
            found.append(LogInfo(msg=why))
            continue
        found.append(
            Node(
                package=viewer.package,
                executable=viewer.executable,
                arguments=[viewer.option, str(shipped.folder() / 'config' / viewer.layout)],
                remappings=remappings(context.launch_configurations['namespace']),
                output='screen',
            )
        )
    return found
