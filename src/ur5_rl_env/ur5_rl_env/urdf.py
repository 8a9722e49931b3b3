"""The robot description for rviz2 and robot_state_publisher: the URDF beside this file."""

from importlib import resources


def robot_description() -> str:
    """Returns the UR5's URDF."""
    return resources.files('ur5_rl_env').joinpath('description/ur5.urdf').read_text(encoding='utf-8')
