"""Where things lie. Everything that set-up makes is under .ur5rl/, which git ignores."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / 'src'
LAUNCH_FILES = ROOT / 'launch'
BENCHMARKS = ROOT / 'benchmarks'
REQUIREMENTS = ROOT / 'tools' / 'requirements.txt'  # what runs, with ROS 2 or without
REQUIREMENTS_ROS = ROOT / 'tools' / 'requirements-ros.txt'  # ROS 2 Jazzy from wheels
REQUIREMENTS_SYSTEM_ROS = ROOT / 'tools' / 'requirements-system-ros.txt'  # beside an installed ROS 2 Jazzy
CONSTRAINTS = ROOT / 'tools' / 'constraints.txt'  # versions of what those bring along
REQUIREMENTS_UR_RTDE = ROOT / 'tools' / 'requirements-ur_rtde.txt'  # to build it, on Python 3.13
REQUIREMENTS_VIEWER = ROOT / 'tools' / 'requirements-viewer.txt'  # of ./ur5rl monitor, on its first use
REQUIREMENTS_PEERS = ROOT / 'tools' / 'requirements-peers.txt'  # of ./ur5rl bench peers, on its first use
REQUIREMENTS_DEV = ROOT / 'tools' / 'requirements-dev.txt'  # tests and lint
BASHRC = ROOT / 'tools' / 'bashrc'  # of ./ur5rl shell

STATE = ROOT / '.ur5rl'
VENV = STATE / 'venv'
VENV_PYTHON = VENV / 'bin' / 'python'
VIEWER = STATE / 'viewer'  # large, and for one command only
PEERS = STATE / 'peers'  # likewise
BUILD = STATE / 'build'
INSTALL = STATE / 'install'
LOG = STATE / 'log'
TEMPORARY = STATE / 'tmp'
STAMPS = STATE / 'stamps'
LOCK = STATE / 'lock'
TORCH = STATE / 'torch'  # which build of torch was asked for
ACTIVATE = STATE / 'activate.sh'

STANDIN_PYTHON = SOURCES / 'ros2_standin' / 'python'
STANDIN_PACKAGES = SOURCES / 'ros2_standin' / 'packages'  # which ROS 2 has and PyPI has not
STANDIN_BIN = SOURCES / 'ros2_standin' / 'bin'
