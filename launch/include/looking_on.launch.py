"""The arguments of those who look on, and how long a run lasts: of every run, not of the calibration."""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument


def generate_launch_description():
    """Returns the arguments; starts nothing."""
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                'duration',
                default_value='7200.0',
                description='wall time after the random steps [s]; 0 = without end',
            ),
            DeclareLaunchArgument(
                'view',
                default_value='false',
                choices=['true', 'false'],
                description='true = also the nodes that show people what goes on, for rviz2, rqt and others',
            ),
            DeclareLaunchArgument(
                'monitor',
                default_value='false',
                choices=['true', 'false'],
                description='true = also those, and a live view of the run in a browser (./ur5rl monitor)',
            ),
            DeclareLaunchArgument(
                'record',
                default_value='false',
                choices=['false', 'true', 'all'],
                description='true = the run folder gets a bag of what a replay needs; '
                'all = observations, mini-batches and weights, too',
            ),
        ]
    )
