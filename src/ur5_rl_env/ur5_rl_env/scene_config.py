"""Where the monitor stands before the arm and how wide the camera sees, in a real cell and a drawn one."""

from dataclasses import dataclass

from ur5_rl_env.robot_models import robot_model
from ur5_rl_env.target import ScreenConfig
from ur5_rl_graph.config import setting

MONITOR_CENTRE = (-0.109, 0.95, 0.609)
"""Centre of the screen in `base_link` [m]: on the optical axis of the camera at the home position."""
RIM, DEPTH = 0.012, 0.04
"""Of the monitor, around and behind its screen [m]."""


@dataclass(frozen=True, kw_only=True)
class SceneConfig(ScreenConfig):
    """Geometry of the room; the screen faces the arm, in the plane y = monitor_y."""

    robot_model: str = robot_model()
    monitor_y: float = setting(MONITOR_CENTRE[1], 'y of the screen in base_link [m]', low=0.85, high=2.0)
    horizontal_fov: float = setting(
        60.0, 'horizontal field of view of the camera [deg]', low=20.0, high=120.0
    )
