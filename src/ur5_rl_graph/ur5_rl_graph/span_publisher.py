"""Sends the spans of a node, and what it has lost, once a second at a moment that the node chooses."""

import time
from collections.abc import Callable, Mapping

from rclpy.node import Node

from ur5_rl_graph import topics
from ur5_rl_graph.loss_publisher import LossPublisher
from ur5_rl_graph.messages import msg_from_spans, time_from_ns
from ur5_rl_graph.spans import Spans

PERIOD_NS = 1_000_000_000


class SpanPublisher:
    """The spans of one node and the topic that they go to."""

    def __init__(self, node: Node, losses: Callable[[], Mapping[str, int]] | None = None) -> None:
        """Makes the publisher; the component is called as the node.

        Args:
            node: whose work the spans are.
            losses: returns what it has lost (`LossPublisher`); None where it counts nothing.
        """
        self._spans = Spans()
        self.add = self._spans.add
        """Adds a span (`Spans.add`)."""
        self._component = node.get_name()
        self._publisher = topics.SPANS.publisher(node)
        self._losses = None if losses is None else LossPublisher(node, losses)
        self.due_ns = 0
        """When the next publication is due (`time.perf_counter_ns`)."""

    def publish_if_due(self) -> None:
        """Publishes what there is, once a second at most. Call it in a gap of the work."""
        now = time.perf_counter_ns()
        if now < self.due_ns:
            return
        self.due_ns = now + PERIOD_NS
        if self._losses is not None:
            self._losses.publish()
        spans = self._spans.take()
        if spans:
            message = msg_from_spans(self._component, spans, self._spans.dropped)
            message.header.stamp = time_from_ns(time.time_ns())
            self._publisher.publish(message)
