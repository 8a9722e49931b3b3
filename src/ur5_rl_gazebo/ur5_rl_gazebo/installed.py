"""Whether Gazebo is there, asked before anything starts."""

import shutil
import subprocess

from ament_index_python import get_resources

HARMONIC = '8.'
"""Versions of gz-sim that are Gazebo Harmonic begin so."""
REMEDY = (
    'on Ubuntu 24.04 with ROS 2 Jazzy: apt install ros-jazzy-ros-gz (docs/gazebo.md); or leave simulator out'
)


def missing() -> str:
    """Returns what of Gazebo Harmonic is not installed, in a few words; '' where nothing is missing."""
    gz = shutil.which('gz')
    if gz is None:
        return 'there is no program gz'
    if 'ros_gz_bridge' not in get_resources('packages'):
        return 'there is no package ros_gz_bridge'
    command = [gz, 'sim', '--versions']
    try:
        told = subprocess.run(command, capture_output=True, encoding='utf-8', timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f'gz sim --versions does not answer ({error})'
    versions = told.stdout.split()
    if not any(version.startswith(HARMONIC) for version in versions):
        return f'gz has no gz-sim {HARMONIC}x, which is Harmonic, but {", ".join(versions) or "none"}'
    return ''


def check_installed() -> None:
    """Raises RuntimeError, one line with the remedy, where a run with simulator:=gazebo could not start."""
    if lacks := missing():
        raise RuntimeError(f'simulator is gazebo, but {lacks}: {REMEDY}')
