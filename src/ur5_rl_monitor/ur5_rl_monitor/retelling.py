"""What the nodes for people would have said beside a run, from the messages that its bag holds."""

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import numpy as np

from ur5_rl_env.guard import GuardConfig
from ur5_rl_graph import topics
from ur5_rl_graph.data import STACK
from ur5_rl_graph.messages import image_from_msg
from ur5_rl_monitor.diagnostics_config import DiagnosticsConfig
from ur5_rl_monitor.health import Health
from ur5_rl_monitor.hearing import SOURCES, hear
from ur5_rl_monitor.markers_config import MarkersConfig
from ur5_rl_monitor.network_view import NetworkView
from ur5_rl_monitor.scene_shapes import Drawn
from ur5_rl_monitor.scenery import Scenery
from ur5_rl_monitor.sights import NETWORK, Picture, Scene, Sink
from ur5_rl_monitor.thinning import Thinning
from ur5_rl_monitor.watching import MOTION_NS, PICTURE_NS, Watching

SECOND_NS = 1_000_000_000
CYCLE_NS = 40_000_000


class Retelling:
    """Takes messages in the order of their coming; says what is not in the bag by itself."""

    def __init__(
        self,
        watching: Watching,
        sink: Sink,
        recorded: Collection[str],
        guard: GuardConfig,
        limits: DiagnosticsConfig,
        network: NetworkView | None,
    ) -> None:
        """Has heard nothing.

        Args:
            watching: of the same bag; is told how the run is.
            sink: shows.
            recorded: names of the topics that the bag holds.
            guard: whose box is drawn.
            limits: of what is still in order.
            network: with its weights; None where there are none.
        """
        self._watching, self._sink = watching, sink
        self._network = None if topics.NETWORK_VIEW.name in recorded else network
        self._images: deque[np.ndarray] = deque(maxlen=STACK)
        learns = topics.LEARNER_STATUS.name in recorded
        limits = replace(limits, run_folder='', architecture='' if learns else 'evaluate')
        self._health = None if topics.DIAGNOSTICS.name in recorded else Health(limits)
        self._scenery = Scenery(MarkersConfig().path_s, guard)
        self._drawn = Drawn()
        self._takes = self._scene_takes() if topics.MARKERS.name not in recorded else {}
        fast = (topics.JOINT_STATES.name, topics.EXECUTED_COMMAND.name)
        self._thinning = Thinning(dict.fromkeys(fast, CYCLE_NS))
        self._due = Thinning(
            {'scene': MOTION_NS, 'network': PICTURE_NS, 'health': SECOND_NS, 'standing': SECOND_NS}
        )

    def _scene_takes(self) -> dict[str, Callable[[Any], None]]:
        scenery = self._scenery
        return {
            topics.VELOCITY_COMMAND.name: scenery.request,
            topics.EXECUTED_COMMAND.name: scenery.execute,
            topics.JOINT_STATES.name: scenery.move,
            topics.TARGET.name: scenery.aim,
            topics.CAMERA_INFO.name: scenery.look_through,
        }

    @property
    def topics(self) -> set[str]:
        """Names of the topics that it takes."""
        images = {topics.IMAGE.name} if self._network else set()
        return self._takes.keys() | images | (set(SOURCES) if self._health else set())

    def take(self, topic: str, time_ns: int, read: Callable[[], Any]) -> None:
        """Takes a message, as `Watching.take`; a ValueError says that it is not as it should be."""
        if self._health is not None and topic in SOURCES:
            hear(self._health, topic, read(), 1e-9 * time_ns)
        if topic in self._takes and self._thinning.keeps(topic, time_ns):
            self._takes[topic](read())
        if topic == topics.IMAGE.name and self._network is not None:
            self._images.append(image_from_msg(read()))
        self._tell(time_ns)

    def _tell(self, time_ns: int) -> None:
        if self._takes and self._due.keeps('scene', time_ns):
            shapes = self._scenery.moving()
            self._sink.show(time_ns, Scene(tuple(shapes), tuple(self._drawn.gone(shapes))))
        if self._takes and self._due.keeps('standing', time_ns):
            self._sink.show(time_ns, Scene(tuple(self._scenery.standing())))
        if self._health is not None and self._due.keeps('health', time_ns):
            self._watching.diagnose(time_ns, self._health.statuses(1e-9 * time_ns))
        if self._network is not None and len(self._images) == STACK and self._due.keeps('network', time_ns):
            self._sink.show(time_ns, Picture(NETWORK, self._network.picture(list(self._images))))
