"""Node that says once a second how arm, camera, cycle, learner and disk are: /diagnostics (REP 107)."""

import platform
import time
from pathlib import Path

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.node import Node

from ur5_rl_graph import parameters, topics
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import ns_from_time, time_from_ns
from ur5_rl_graph.polled import Polled
from ur5_rl_graph.steady import every, seconds
from ur5_rl_monitor import losses, storage_health
from ur5_rl_monitor.diagnostics_config import DiagnosticsConfig
from ur5_rl_monitor.health import Health
from ur5_rl_monitor.status import Status

PERIOD_S = 1.0
OF_A_SECOND = 250
"""Messages that may come between two looks: a camera or a cycle of 4 ms."""
PLAIN = bool | int | float | str


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
        self._listens = {
            source: Polled(self, topic, depth)
            for source, topic, depth in (
                ('arm', topics.ARM_STATUS, None),
                ('cycle', topics.CYCLE_TIMING, OF_A_SECOND),
                ('episode', topics.EPISODE, None),
                ('buffer', topics.BUFFER_STATUS, None),
                ('done', topics.MINI_BATCH_DONE, None),
                ('spans', topics.SPANS, None),
            )
        }
        self._frames = Polled(self, topics.CAMERA_INFO, OF_A_SECOND)
        self._learner = Polled(self, topics.LEARNER_STATUS)
        self._losses = Polled(self, topics.LOSSES)
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

    def _listen(self, now: float) -> None:
        for source, listening in self._listens.items():
            for message in listening.all():
                self._health.take(source, _values(message), now)
        for message in self._frames.all():
            self._health.take('camera', {'stamp_s': 1e-9 * ns_from_time(message.header.stamp)}, now)
        for message in self._learner.all():
            metrics = {'metric_names': message.metric_names, 'metric_values': message.metric_values}
            age = {'checkpoint_age_s': storage_health.age_s(message.checkpoint, self._system_s())}
            self._health.take('learner', _values(message) | metrics | age, now)
        for message in self._losses.all():
            counts = {pair.key: int(pair.value) for pair in message.values if pair.value.isdecimal()}
            self._health.take(losses.SOURCE + message.name, counts, now)
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


def _values(message: object) -> dict[str, object]:
    """Returns the plain fields of a message by name."""
    fields = {name: getattr(message, name) for name in message.get_fields_and_field_types()}
    return {name: value for name, value in fields.items() if isinstance(value, PLAIN)}


def main() -> int:
    """Runs the node."""
    return run(DiagnosticsNode)
