"""A subscription whose messages are taken when they are needed."""

import copy
from dataclasses import replace
from typing import Any

from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node

from ur5_rl_graph.topics import Topic, take


class Polled:
    """For streams of 125 messages a second: a callback for each costs rclpy 0.7 ms, a take 0.02 ms."""

    def __init__(self, node: Node, topic: Topic, depth: int | None = None):
        """Subscribes `node` to `topic`; no callback is ever called.

        Args:
            node: that takes the messages.
            topic: of them.
            depth: how many of the newest are kept until they are taken; as the topic says where not given.
        """
        if depth is not None:
            qos = copy.copy(topic.qos)
            qos.depth = depth
            topic = replace(topic, qos=qos)
        self._subscription = topic.subscription(node, lambda *_: None, callback_group=Unexecuted())

    def newest(self) -> Any | None:
        """Returns the newest message since the last call, None where none has come."""
        messages = self.all()
        return messages[-1] if messages else None

    def all(self) -> list[Any]:
        """Returns what has come since the last call, as far as the topic keeps it, oldest first."""
        messages = []
        while (message := take(self._subscription)) is not None:
            messages.append(message)
        return messages


class Unexecuted(CallbackGroup):
    """Keeps the executor from waiting for what is in it."""

    def can_execute(self, entity: Any) -> bool:
        return False

    def beginning_execution(self, entity: Any) -> bool:
        return False

    def ending_execution(self, entity: Any) -> None:
        pass
