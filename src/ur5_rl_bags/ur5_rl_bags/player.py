"""What plays a bag in a graph: publishers with the quality of service that was recorded, and its time."""

import time
from collections.abc import Iterable
from typing import Any

from rclpy.duration import Duration
from rclpy.node import Node
from rosgraph_msgs.msg import Clock

from ur5_rl_bags import qos
from ur5_rl_bags.playing import NS, Ticks
from ur5_rl_bags.reader import Bag

CLOCK = '/clock'
ARRIVE_S = 5.0
"""That the last messages get [s]."""


def publishers_of(node: Node, bag: Bag, names: Iterable[str]) -> dict[str, Any]:
    """Returns a publisher for each topic of a bag, whose type is known here."""
    return {
        name: node.create_publisher(bag.type_of(name), name, qos.offer(bag.topics[name].qos))
        for name in names
    }


def ticks_of(node: Node, rate_hz: float) -> Ticks:
    """Returns what publishes the bag's time on /clock."""
    message = Clock()
    publisher = node.create_publisher(Clock, CLOCK, 10)

    def tell(now_ns: int) -> None:
        message.clock.sec, message.clock.nanosec = divmod(now_ns, NS)
        publisher.publish(message)

    return Ticks(rate_hz, tell)


def let_arrive(publishers: Iterable[Any]) -> None:
    """Waits until who listens reliably has everything."""
    for publisher in publishers:
        publisher.wait_for_all_acked(Duration(seconds=ARRIVE_S))
    time.sleep(0.1)  # for those that do not say that they have it
