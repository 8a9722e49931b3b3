"""Node that says once a second how arm, camera, cycle, learner and disk are: /diagnostics (REP 107)."""

import platform
import time
from pathlib import Path

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from ur5_rl_graph import parameters, topics
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import time_from_ns
from ur5_rl_graph.node import Node
from ur5_rl_graph.polled import Polled
from ur5_rl_graph.steady import every, seconds
from ur5_rl_monitor import storage_health
from ur5_rl_monitor.diagnostics_config import DiagnosticsConfig
from ur5_rl_monitor.health import Health
from ur5_rl_monitor.hearing import SOURCES, hear
from ur5_rl_monitor.status import Status

PERIOD_S = 1.0
OF_A_SECOND = 250
"""Messages that may come between two looks: a camera or a cycle of 4 ms."""
DEPTHS = {topic.name: OF_A_SECOND for topic in (topics.CYCLE_TIMING, topics.CAMERA_INFO)}
LISTENS = tuple(topic for topic in topics.TOPICS if topic.name in SOURCES)


class DiagnosticsNode(Node):
    """Takes once a second what has come, without a callback for each message, and publishes what it means."""

    def __init__(self) -> None:
        """Declares the parameters and connects."""
        super().__init__('diagnostics')
        config = parameters.declare(self, DiagnosticsConfig)
        self._folder = Path(config.run_folder) if config.run_folder else None
        self._config, self._health = config, Health(config)
        self._played = self.get_parameter('use_sim_time').value  # by a bag, whose time counts
        self._now_s, self._told_s = seconds(self), 0.0
        self._prefix = self.get_namespace().strip('/')
        self._arm_hardware = f'ur5 {config.robot_ip or "simulated"}'
        self._listens = [(topic, Polled(self, topic, DEPTHS.get(topic.name))) for topic in LISTENS]
        self._publisher = topics.DIAGNOSTICS.publisher(self)
        every(self, PERIOD_S, self._tell)

    def _tell(self) -> None:
        now = self._now_s()
        if now == 0.0:
            return  # a bag that has not begun
        if now < self._told_s:
            self._health = Health(self._config)  # it has begun again
        self._told_s = now
        self._listen(now)
        out = DiagnosticArray(status=[self._message(status) for status in self._health.statuses(now)])
        out.header.stamp = time_from_ns(round(1e9 * self._system_s()))
        self._publisher.publish(out)

    def _system_s(self) -> float:
        return self._told_s if self._played else time.time()

    def _age_s(self, checkpoint: str) -> float | None:
        return storage_health.age_s(checkpoint, self._system_s())

    def _listen(self, now: float) -> None:
        for topic, listening in self._listens:
            for message in listening.all():
                hear(self._health, topic.name, message, now, self._age_s)
        if self._folder is not None:
            self._health.take('storage', storage_health.look(self._folder), now)

    def _message(self, status: Status) -> DiagnosticStatus:
        arm = status.name.startswith('arm_driver')
        return DiagnosticStatus(
            level=bytes([status.level]),
            name='/'.join(part for part in (self._prefix, status.name) if part),
            message=status.message,
            hardware_id=self._arm_hardware if arm else platform.node(),
            values=[KeyValue(key=key, value=str(value)) for key, value in status.values.items()],
        )


def main() -> int:
    """Runs the node."""
    return run(DiagnosticsNode)
