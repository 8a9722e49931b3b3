"""Raw subscriptions: messages as they were on the wire, with the times at which they came."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from rclpy._rclpy_pybind11 import RCLError
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import HistoryPolicy, QoSProfile

from ur5_rl_bags import definitions, qos
from ur5_rl_bags.bag_contents import Recorded
from ur5_rl_bags.metadata import TopicEntry
from ur5_rl_graph.polled import Unexecuted

DEPTH = 500
"""Messages of a topic that may wait for the next look: four seconds at 125 Hz."""
SERIES = 8
"""Publishers of a topic whose numbers are remembered."""


class Listening:
    """Takes what has come, of all topics at once; no callback is ever called (`Polled` says why)."""

    def __init__(self, node: Node, lose: Callable[[str, int], None]) -> None:
        """Hears nothing yet.

        Args:
            node: subscribes.
            lose: gets a topic and how many of its messages have not arrived.
        """
        self._node, self._lose = node, lose
        self._subscriptions: dict[str, Any] = {}
        self._numbers: dict[str, deque[int]] = {}  # of the newest message of each series
        self._held: list[Recorded] = []

    def subscribe(self, name: str, kind: type, offered: QoSProfile, depth: int = DEPTH) -> str:
        """Subscribes to a topic with reliability and durability as offered; returns its absolute name.

        Args:
            name: of the topic, as the node says it.
            kind: class of its messages.
            offered: by its publishers.
            depth: messages that may wait for the next look.
        """
        asked = QoSProfile(
            history=HistoryPolicy.KEEP_LAST,
            depth=depth,
            reliability=offered.reliability,
            durability=offered.durability,
        )
        subscription = self._node.create_subscription(
            kind,
            name,
            lambda message: None,
            asked,
            raw=True,
            callback_group=Unexecuted(),
            event_callbacks=SubscriptionEventCallbacks(use_default_callbacks=False),
        )
        self._subscriptions[subscription.topic_name] = subscription
        return subscription.topic_name

    @property
    def topics(self) -> list[str]:
        """Absolute names of what is subscribed to."""
        return list(self._subscriptions)

    def entry(self, name: str, default: QoSProfile | None = None) -> TopicEntry:
        """Returns a topic with what its publishers offer now; `default` where none is there yet."""
        kind = self._subscriptions[name].msg_type
        publishers = self.publishers(name)
        offered = [publisher.qos_profile for publisher in publishers] or ([default] if default else [])
        type_hash = str(publishers[0].topic_type_hash) if publishers else ''
        described = [qos.described(profile) for profile in offered]
        return TopicEntry(name, definitions.name_of(kind), described, type_hash)

    def take(self, now_ns: int | None = None) -> list[Recorded]:
        """Returns what has come until now in the order of its coming.

        What comes while one topic after the other is looked at waits for the next call: what came before it
        on another topic may have been missed.

        Args:
            now_ns: the system clock.
        """
        now_ns = time.time_ns() if now_ns is None else now_ns
        fresh = [message for name in self._subscriptions for message in self._of(name, now_ns)]
        due = self._held + [message for message in fresh if message.receive_time_ns <= now_ns]
        self._held = [message for message in fresh if message.receive_time_ns > now_ns]
        return sorted(due, key=lambda message: message.receive_time_ns)

    def rest(self) -> list[Recorded]:
        """Returns what is there still, at the end."""
        return sorted(self.take() + self._held, key=lambda message: message.receive_time_ns)

    def _of(self, name: str, now_ns: int) -> list[Recorded]:
        subscription = self._subscriptions[name]
        found = []
        with subscription.handle:
            while (taken := subscription.handle.take_message(subscription.msg_type, True)) is not None:
                data, info = taken
                received = info['received_timestamp'] or now_ns
                found.append(Recorded(name, received, info['source_timestamp'] or received, data))
                self._count(name, info.get('publication_sequence_number'))
        return found

    def _count(self, name: str, number: int | None) -> None:
        """Notes the number that a publisher gives a message: where there is only one, a step is a loss.

        Whose number it is is not known: it goes on from the nearest below it. Those of a publisher that has
        come meanwhile, as of a bag that is played, are a series of their own.
        """
        if number is None:
            return
        series = self._numbers.setdefault(name, deque(maxlen=SERIES))
        before = max((newest for newest in series if newest < number), default=None)
        if before is not None and (number - before == 1 or len(self.publishers(name)) == 1):
            series.remove(before)
            if number - before > 1:
                self._lose(name, number - before - 1)
        series.append(number)

    def publishers(self, name: str) -> list:
        """Returns who publishes a topic; nobody after the shutdown of ROS 2, which messages outlive."""
        try:
            return self._node.get_publishers_info_by_topic(name)
        except RCLError:
            return []
