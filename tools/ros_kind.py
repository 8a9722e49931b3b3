"""Which ROS 2 there is: Jazzy's own packages, sourced in this terminal, or none (then the wheels of PyPI)."""

import os
import shutil
import sys

from tools.stop import Stop

WHEELS = 'wheels'
SYSTEM = 'system'


def ros_kind() -> str:
    """SYSTEM where ROS 2 Jazzy is sourced, else WHEELS.

    Raises:
        Stop: another ROS distribution is sourced (its packages must not mix with Jazzy's).
    """
    distro = os.environ.get('ROS_DISTRO', '')
    if not distro:
        return WHEELS
    if distro != 'jazzy':
        raise Stop(
            f'ROS_DISTRO is "{distro}", and this needs Jazzy or none: use a terminal that sources no ROS '
            '(Jazzy is then installed under .ur5rl/), or source /opt/ros/jazzy/setup.bash'
        )
    return SYSTEM


def check_system_ros() -> None:
    """Checks that the sourced Jazzy is complete and made for this Python.

    Raises:
        Stop: rclpy, launch or colcon is missing, or the Python differs.
    """
    import subprocess

    tried = subprocess.run(
        [sys.executable, '-c', 'import rclpy, launch, launch_ros, colcon_core'],
        capture_output=True,
        encoding='utf-8',
        errors='replace',
    )
    if tried.returncode != 0:
        reason = (tried.stderr.strip().splitlines() or ['no reason given'])[-1]
        raise Stop(
            f'ROS 2 Jazzy is sourced, but {sys.executable} cannot use it ({reason}): use its Python '
            '(python3.12 on Ubuntu 24.04) and install ros-jazzy-ros-base and python3-colcon-common-extensions'
        )
    if shutil.which('ros2') is None:
        raise Stop('ROS 2 Jazzy is sourced, but has no ros2 command: sudo apt-get install ros-jazzy-ros-base')
