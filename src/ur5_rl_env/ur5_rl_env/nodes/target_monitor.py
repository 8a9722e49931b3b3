"""Node target_monitor: draws targets, shows them on the monitor, and says where they are."""

import sys

from ur5_rl_env.devices.monitor_config import MonitorConfig
from ur5_rl_env.devices.monitor_window import MonitorWindow
from ur5_rl_env.frames import MONITOR
from ur5_rl_env.target_board import TargetBoard
from ur5_rl_graph import parameters, topics
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import time_from_ns
from ur5_rl_graph.node import Node
from ur5_rl_graph.random_streams import Stream, number
from ur5_rl_graph.steady import every
from ur5_rl_interfaces.msg import TargetState

PERIOD_S = 0.040
PAINT_PERIOD_S = 0.010
"""A painted place is at most so old; the monitor itself shows a new one every 17 ms."""


class TargetMonitor(Node):
    """Publishes the target 25 times a second and at every new target."""

    def __init__(self) -> None:
        super().__init__('target_monitor')
        self._config = parameters.declare(self, MonitorConfig)
        self._window = None
        if self._config.display:
            self._window = MonitorWindow(self._config.display, self._config, self._config.display_place)
        self._publisher = topics.TARGET.publisher(self)
        self._board = TargetBoard(self._config, number(self._config.seed, Stream.TARGETS, 0), Clock())
        topics.NEW_TARGET.server(self, self._on_new_target)
        topics.TARGET_START.subscription(self, self._on_start)
        self._show()
        every(self, PERIOD_S, self._show)
        if self._window is not None:
            every(self, PAINT_PERIOD_S, self._paint)

    def _on_new_target(self, request, response):
        point = self._board.draw(request.seed)
        self._show()
        response.success = True
        response.message = f'{self._config.task}: new target of seed {request.seed}'
        response.target_id, response.x, response.y = self._board.target_id, point.x, point.y
        return response

    def _on_start(self, message) -> None:
        try:
            self._board.begin(message.seed, message.start_stamp)
        except ValueError as error:
            self.get_logger().error(f'{error}: not shown; who publishes it beside the environment?')
            return
        self._show()

    def _paint(self) -> None:
        if self._window is not None:
            point, _, _ = self._board.look()
            try:
                self._window.show(point.x, point.y)
            except OSError as error:  # rewards would be those of a target that is elsewhere
                print(f'error: {error}', file=sys.stderr, flush=True)
                raise SystemExit(2) from None

    def _show(self) -> None:
        self._paint()
        point, stamp, start_stamp = self._board.look()
        config = self._config
        out = TargetState(
            target_id=self._board.target_id,
            seed=self._board.seed,
            start_stamp=start_stamp,
            x=point.x,
            y=point.y,
            vx=point.vx,
            vy=point.vy,
            radius=config.target_radius,
            screen_width=config.screen_width,
            screen_height=config.screen_height,
        )
        out.header.stamp = time_from_ns(stamp)
        out.header.frame_id = MONITOR
        self._publisher.publish(out)


def main() -> int:
    """Runs the node."""
    return run(TargetMonitor)
