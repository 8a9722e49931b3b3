"""What stands around the arm: the one list of shapes for all who draw the room, in `base_link`."""

from ur5_rl_env.arm_shapes import COLOURS, Box, Rod
from ur5_rl_env.scene_config import DEPTH, MONITOR_CENTRE, RIM, SceneConfig

FLOOR = -0.72
"""Height of the floor [m]."""
ROOM_COLOURS = COLOURS | {
    'target': (1.0, 0.0, 0.0),
    'floor': (0.42, 0.44, 0.46),
    'wall': (0.66, 0.68, 0.70),
    'bench': (0.50, 0.42, 0.33),
}
"""Red, green and blue, 0 to 1."""
SHINING = ('screen', 'target')
"""Colours that give light of their own: a monitor is as bright in the dark."""
DISC_FRONT = 0.002
"""The middle of the disc lies so far before the screen [m]."""
DISC_THICKNESS = 0.001


def pedestal() -> dict[str, Rod | Box]:
    """Returns what the arm stands on, and the walls, by name."""
    return {
        'back_wall': Box((0.0, 2.2, 1.2), (8.0, 0.02, 4.0), 'wall'),
        'side_wall': Box((-2.5, 0.0, 1.2), (0.02, 8.0, 4.0), 'wall'),
        'pedestal': Rod((0.0, 0.0, FLOOR), (0.0, 0.0, -0.02), 0.10, 'steel'),
        'plate': Box((0.0, 0.0, -0.01), (0.32, 0.32, 0.02), 'steel'),
    }


def monitor(config: SceneConfig) -> dict[str, Box]:
    """Returns bench, stand and monitor by name; the front of the screen is at y = monitor_y."""
    (x, _, z), y = MONITOR_CENTRE, config.monitor_y
    width, height = config.screen_width, config.screen_height
    return {
        'bench': Box((x, y + 0.25, 0.23), (1.2, 0.6, 0.04), 'bench'),
        'left_leg': Box((x - 0.5, y + 0.25, -0.25), (0.08, 0.4, 0.92), 'steel'),
        'right_leg': Box((x + 0.5, y + 0.25, -0.25), (0.08, 0.4, 0.92), 'steel'),
        'foot': Box((x, y + 0.10, 0.258), (0.24, 0.20, 0.016), 'bezel'),
        'stand': Box((x, y + 0.06, 0.40), (0.06, 0.03, 0.30), 'bezel'),
        'bezel': Box((x, y + 0.002 + DEPTH / 2, z), (width + 2 * RIM, DEPTH, height + 2 * RIM), 'bezel'),
        'screen': Box((x, y + 0.002, z), (width, 0.004, height), 'screen'),
    }


def disc_centre(config: SceneConfig, right: float, up: float) -> tuple[float, float, float]:
    """Returns where the middle of the disc is for a place on the screen [m]."""
    x, _, z = MONITOR_CENTRE
    return x + right, config.monitor_y - DISC_FRONT, z + up
