"""Timers and clocks that go on whatever is done to the system clock."""

import time
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


def seconds(node: Node) -> Callable[[], float]:
    """Returns a clock for how long ago something was [s]: steady, or the bag's time where one is played.

    With `use_sim_time` it goes as fast as the bag is played, stands with it, and goes back where that begins
    again; 0 before the bag's time is known.
    """
    if not node.get_parameter('use_sim_time').value:
        return time.monotonic
    return lambda: 1e-9 * node.get_clock().now().nanoseconds
