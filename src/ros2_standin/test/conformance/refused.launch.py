"""What ends a launch before it has begun."""

from conformance_notes import shell
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, LogInfo, OpaqueFunction
from launch.conditions import IfCondition
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import Node


def refuse(context):
    """Raises, as our launch files do where they refuse something."""
    raise RuntimeError('it is refused')


WHAT = {
    'choice': lambda: DeclareLaunchArgument('given', choices=['a', 'b']),
    'missing': lambda: DeclareLaunchArgument('not_given'),
    'unset': lambda: LogInfo(msg=LaunchConfiguration('not_there')),
    'environment': lambda: LogInfo(msg=EnvironmentVariable('NOT_THERE')),
    'condition': lambda: LogInfo(msg='', condition=IfCondition('maybe')),
    'function': lambda: OpaqueFunction(function=refuse),
    'executable': lambda: Node(package='demo', executable='nothing', output='screen'),
    'package': lambda: Node(package='nothing', executable='nothing', output='screen'),
    'namespace': lambda: Node(package='demo', executable='talker', namespace='1x', output='screen'),
    'command': lambda: shell('nothing', '', prefix='/no/such/command'),
}


def generate_launch_description():
    """Returns what is refused, and behind it a process that never starts."""
    return LaunchDescription([OpaqueFunction(function=asked), shell('never', 'note "it has started"')])


def asked(context):
    """Returns what was asked for."""
    return [WHAT[context.launch_configurations['what']]()]
