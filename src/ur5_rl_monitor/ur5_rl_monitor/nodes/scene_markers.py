"""Node scene_markers: the guard's box, the target, the camera's view and the way of the tool, for people."""

from collections.abc import Callable, Iterable
from typing import Any

from ur5_rl_env.guard import GuardConfig
from ur5_rl_graph import parameters, topics
from ur5_rl_graph.main import run
from ur5_rl_graph.node import Node
from ur5_rl_graph.polled import Polled
from ur5_rl_graph.steady import every
from ur5_rl_monitor import marker_messages
from ur5_rl_monitor.markers_config import MarkersConfig
from ur5_rl_monitor.scene_shapes import Drawn
from ur5_rl_monitor.scenery import Scenery

LOOK_S = 0.040
"""Between two looks at what has come: once for each action cycle, as a rule."""
STATIC_S = 1.0
"""Between two messages about what stands still."""
LIFETIMES = 3.0
"""A marker is shown for so many periods of its messages: those of a node that has ended go by themselves."""


class SceneMarkers(Node):
    """Looks at the newest messages of the graph and draws; nothing waits for it."""

    def __init__(self) -> None:
        super().__init__('scene_markers')
        self._config = parameters.declare(self, MarkersConfig)
        self._scenery = Scenery(self._config.path_s, parameters.declare(self, GuardConfig))
        self._drawn = Drawn()
        self._moves = [
            (Polled(self, topics.VELOCITY_COMMAND), self._scenery.request),
            (Polled(self, topics.EXECUTED_COMMAND), self._scenery.execute),
            (Polled(self, topics.JOINT_STATES), self._scenery.move),
        ]
        self._targets = [(Polled(self, topics.TARGET), self._scenery.aim)]
        self._infos = [(Polled(self, topics.CAMERA_INFO), self._scenery.look_through)]
        self._moving = topics.MARKERS.publisher(self)
        self._static = topics.STATIC_MARKERS.publisher(self)
        every(self, LOOK_S, lambda: self._look(self._moves))
        every(self, 1.0 / self._config.markers_frequency, self._draw)
        every(self, STATIC_S, self._draw_standing)

    def _look(self, listens: Iterable[tuple[Any, Callable[[Any], None]]]) -> None:
        try:
            for listening, take in listens:
                if (message := listening.newest()) is not None:
                    take(message)
        except ValueError as error:
            self.get_logger().warning(f'markers: {error}; not drawn', throttle_duration_sec=10.0)

    def _draw(self) -> None:
        self._look(self._targets)
        shapes = self._scenery.moving()
        lifetime_s = LIFETIMES / self._config.markers_frequency
        self._moving.publish(marker_messages.markers(shapes, self._drawn.gone(shapes), lifetime_s))

    def _draw_standing(self) -> None:
        self._look(self._infos)
        self._static.publish(marker_messages.markers(self._scenery.standing(), (), LIFETIMES * STATIC_S))


def main() -> int:
    """Runs the node."""
    return run(SceneMarkers)
