"""Node that shows a run in the viewer of rerun-sdk: it only listens, and a run goes on without it."""

import os
import time
from collections import Counter
from functools import partial

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from ur5_rl_bags.listening import Listening
from ur5_rl_graph import parameters, topics
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import deserialised
from ur5_rl_graph.node import Node
from ur5_rl_graph.steady import every
from ur5_rl_monitor.at_a_glance import lacking
from ur5_rl_monitor.live_view_config import LiveViewConfig
from ur5_rl_monitor.status import Level
from ur5_rl_monitor.view import View
from ur5_rl_monitor.watching import WATCHED, Watching

LOOK_S = 0.2
"""Between two looks at what has come."""
LACKING_S = 10.0
"""Between two looks at which nodes there are: discovery may take as long."""
DEPTH = 100
"""Messages of a topic that may wait for a look: a second at 100 Hz."""
LARGE_DEPTH = 10
NICENESS = 10
"""It gives way to everything else."""

LOSING = QoSProfile(depth=DEPTH, reliability=ReliabilityPolicy.BEST_EFFORT)
"""No publisher waits until a reader of this kind has taken a message, however slow it is."""
WHOLE = QoSProfile(depth=LARGE_DEPTH, reliability=ReliabilityPolicy.RELIABLE)
ONCE = QoSProfile(
    depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL
)
OF_TOPIC = {
    topics.ROBOT_DESCRIPTION.name: ONCE,  # said once, before anybody looks
    topics.NETWORK_VIEW.name: WHOLE,  # in many fragments; its node has nothing else to do
    topics.IMAGE.name: QoSProfile(depth=LARGE_DEPTH, reliability=ReliabilityPolicy.BEST_EFFORT),
}
"""What is asked of the topics for which `LOSING` is not right."""


class LiveView(Node):
    """Takes what comes on the topics of a run, some times a second, and has it shown."""

    def __init__(self) -> None:
        """Serves the view, then connects.

        Raises:
            ValueError: the viewer is not installed, or its address or port cannot be had.
        """
        super().__init__('live_view')
        os.nice(NICENESS)
        self._view = View(parameters.declare(self, LiveViewConfig), live=True)
        self._watching = Watching(self._view.sink, self.get_namespace())
        self._lost: Counter[str] = Counter()
        self._listening = Listening(self, self._lose)
        self._topics = {}
        for topic in topics.TOPICS:
            if topic.name in WATCHED:
                qos = OF_TOPIC.get(topic.name, LOSING)
                self._topics[self._listening.subscribe(topic.name, topic.type, qos, qos.depth)] = topic
        every(self, LOOK_S, self._look)
        every(self, LACKING_S, self._tell_what_is_lacking)

    def _lose(self, topic: str, count: int) -> None:
        self._lost[topic] += count

    def _look(self) -> None:
        if self._view.ended:
            print('live_view: the server of the viewer has ended; this ends, too', flush=True)
            raise SystemExit(1)
        for recorded in self._listening.take():
            topic = self._topics[recorded.topic]
            self._watching.take(
                topic.name,
                recorded.publish_time_ns,
                partial(deserialised, recorded.data, topic.type),
            )
        self._watching.look(time.time_ns())

    def _tell_what_is_lacking(self) -> None:
        """Once nodes are there: which of them a run has, its launch file said."""
        here = self.get_node_names_and_namespaces()
        nodes = {name for name, namespace in here if namespace == self.get_namespace()}
        if 'environment' in nodes and (told := lacking(nodes)):
            self._watching.say(time.time_ns(), 'monitor', Level.WARN, told)

    def destroy_node(self) -> None:
        """Says what was shown and what was not, and ends the server."""
        self._view.close()
        for line in self._watching.report(self._lost):
            print(f'live_view: {line}', flush=True)
        super().destroy_node()


def main() -> int:
    """Runs the node."""
    return run(LiveView)
