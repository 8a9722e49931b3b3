"""Timers that go on whatever is done to the system clock."""

from collections.abc import Callable

from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.timer import Timer


def every(node: Node, period_s: float, callback: Callable[[], None]) -> Timer:
    """Calls back every `period_s` [s] of steady time.

    `Node.create_timer` alone counts in the system clock: where that is set back by an hour, its callbacks
    stop for an hour.
    """
    return node.create_timer(period_s, callback, clock=Clock(clock_type=ClockType.STEADY_TIME))
