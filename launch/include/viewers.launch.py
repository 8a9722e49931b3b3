"""rviz2 and rqt with the layouts of config/, where they are installed; they touch no run."""

from launch import LaunchDescription
from launch.actions import LogInfo, OpaqueFunction
from launch_ros.actions import Node

from ur5_rl_graph import shipped
from ur5_rl_monitor.viewers import VIEWERS, missing, remappings


def generate_launch_description():
    """Returns the viewers, or a line on each that cannot be opened; by namespace, use_sim_time, viewers."""
    return LaunchDescription([OpaqueFunction(function=viewers)])


def viewers(context):
    """Returns what can be opened here; says of the rest what to do."""
    chosen = context.launch_configurations
    if chosen.get('viewers') == 'false':
        return []
    clock = ['-p', 'use_sim_time:=true'] if chosen.get('use_sim_time') == 'true' else []
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
                remappings=remappings(chosen['namespace']),
                ros_arguments=clock,
                output='screen',
            )
        )
    return found
