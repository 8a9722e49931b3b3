"""Node target_monitor: draws targets, shows them on the monitor, and says where they are."""

import time
from dataclasses import dataclass

import numpy as np
from rclpy.node import Node

from ur5_rl_env.devices.monitor_window import MonitorWindow
from ur5_rl_env.target import TargetConfig, TargetMotion
from ur5_rl_graph import parameters, topics
from ur5_rl_graph.config import setting
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import time_from_ns
from ur5_rl_interfaces.msg import TargetState

PERIOD_S = 0.040


@dataclass(frozen=True, kw_only=True)
class MonitorConfig(TargetConfig):
    """Parameters of the node."""

    display: str = setting('', "X display of the monitor, such as ':0'; '' shows nothing (simulation)")
    display_place: str = setting(
        '', "WIDTHxHEIGHT+X+Y of the monitor on that display [pixel]; '' = all of it"
    )
    seed: int = setting(0, 'seed of the first target', low=0, high=2**31 - 1)


class TargetMonitor(Node):
    """Publishes the target 25 times a second and at every new target."""

    def __init__(self) -> None:
        super().__init__('target_monitor')
        self._config = parameters.declare(self, MonitorConfig)
        self._window = None
        if self._config.display:
            self._window = MonitorWindow(self._config.display, self._config, self._config.display_place)
        self._publisher = topics.TARGET.publisher(self)
        self._target_id = 0
        self._draw(self._config.seed)
        topics.NEW_TARGET.server(self, self._on_new_target)
        self._timer = self.create_timer(PERIOD_S, self._show)

    def _on_new_target(self, request, response):
        self._draw(request.seed)
        point = self._motion.at(0.0)
        response.success = True
        response.message = f'{self._config.task}: new target of seed {request.seed}'
        response.target_id, response.x, response.y = self._target_id, point.x, point.y
        return response

    def _draw(self, seed: int) -> None:
        self._motion = TargetMotion.draw(self._config, np.random.default_rng(seed))
        self._target_id = max(time.time_ns(), self._target_id + 1)  # grows across restarts, too
        self._drawn_at = time.monotonic()
        self._show()

    def _show(self) -> None:
        point = self._motion.at(time.monotonic() - self._drawn_at)
        if self._window is not None:
            self._window.show(point.x, point.y)
        config = self._config
        out = TargetState(
            target_id=self._target_id,
            x=point.x,
            y=point.y,
            vx=point.vx,
            vy=point.vy,
            radius=config.target_radius,
            screen_width=config.screen_width,
            screen_height=config.screen_height,
        )
        out.header.stamp = time_from_ns(time.time_ns())
        out.header.frame_id = 'monitor'
        self._publisher.publish(out)


def main() -> int:
    """Runs the node."""
    return run(TargetMonitor)
