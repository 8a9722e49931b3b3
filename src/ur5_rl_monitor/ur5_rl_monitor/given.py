"""Parameters that the nodes which people look at take from others."""

from dataclasses import asdict
from typing import Any

from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.run_parameters import run_parameters, setting_file
from ur5_rl_env.scene_config import SceneConfig
from ur5_rl_env.target import ScreenConfig
from ur5_rl_env.urdf import robot_description
from ur5_rl_graph import settings
from ur5_rl_graph.architectures import TASKS
from ur5_rl_monitor.state_publisher_config import StatePublisherConfig


def of_setting(setting: str) -> dict[str, dict[str, Any]]:
    """Returns the parameters of those that show a bag in a setting.

    Raises:
        ValueError, OSError: there is no such setting, or it is wrong.
    """
    nodes = run_parameters('evaluate', setting_file(setting), TASKS[0])  # nobody sees which task it is
    give_views(nodes)
    return nodes


def give_views(nodes: dict[str, dict[str, Any]]) -> None:
    """Gives them what others have: the place of the monitor, the guard's bounds.

    Args:
        nodes: parameters by the name of the node, which are added to.

    Raises:
        ValueError: a value out of range.
    """
    screen = settings.configuration(nodes, 'target_monitor', ScreenConfig)
    scene = settings.configuration(nodes, 'robot_cell', SceneConfig, **asdict(screen))
    described = settings.configuration(
        nodes, 'robot_state_publisher', StatePublisherConfig, robot_description=robot_description(scene)
    )
    nodes['/robot_state_publisher'] = asdict(described)
    guard = settings.configuration(nodes, 'arm_driver', GuardConfig)
    nodes['/scene_markers'] = nodes.get('/scene_markers', {}) | asdict(guard)
