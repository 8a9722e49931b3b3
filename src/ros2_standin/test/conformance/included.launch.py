"""Included by values.launch.py."""

from conformance_notes import say
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, SetLaunchConfiguration
from launch.substitutions import LaunchConfiguration


def generate_launch_description():
    """Returns an argument of its own, and one that the including file has, too."""
    return LaunchDescription(
        [
            DeclareLaunchArgument('first', default_value='not this'),
            DeclareLaunchArgument('given', default_value='not this'),
            say('included', [LaunchConfiguration('first'), ' ', LaunchConfiguration('given')]),
            SetLaunchConfiguration('from_included', 'set'),
        ]
    )
