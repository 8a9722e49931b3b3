"""Tells once a second what a node has lost, refused or left out; the diagnostics show it."""

from collections.abc import Callable, Mapping

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue
from rclpy.node import Node

from ur5_rl_graph import topics


class LossPublisher:
    """The counts of one node, which it also prints at its end."""

    def __init__(self, node: Node, read: Callable[[], Mapping[str, int]]) -> None:
        """Makes the publisher.

        Args:
            node: that counts; the message is called as it is.
            read: returns the counts since the node started, by what they are in words; each only grows.
        """
        self._name, self._read = node.get_name(), read
        self._publisher = topics.LOSSES.publisher(node)

    def publish(self) -> None:
        """Publishes the counts. Call it once a second, in a gap of the work."""
        values = [KeyValue(key=name, value=str(int(count))) for name, count in self._read().items()]
        self._publisher.publish(DiagnosticStatus(name=self._name, values=values))
