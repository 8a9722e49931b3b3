"""The arm driver's node without ROS: a protective stop counts once, and is not released too early."""

import threading
from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from ur5_rl_env.devices.arm_packets import StatePacket, TextPacket
from ur5_rl_env.devices.arm_tally import ArmTally
from ur5_rl_env.devices.protective_stops import ProtectiveStops
from ur5_rl_env.nodes.arm_driver import ArmDriver
from ur5_rl_env.readiness import ArmState, Readiness

ZERO = (0.0,) * 6
NOTHING = SimpleNamespace(publish=lambda message: None)


class Shell(ArmDriver):
    """The node on a fake clock; `asked` are its requests, `environment` hears its status."""

    def __init__(self):
        self.now, self.asked, self.environment = 0.0, [], Readiness(0.5)
        self._tally, self._stops = ArmTally(lambda: self.now), ProtectiveStops(lambda: self.now)
        self._config = SimpleNamespace(auto_unlock=True, retrying='')
        self._session = SimpleNamespace(
            check=lambda: None, request=lambda request, answer: self.asked.append((self.now, request.name))
        )
        self._commander = SimpleNamespace(contested=False)
        self._run = SimpleNamespace(run_identity='a run', age_s=1.0)
        self._hopeless = self._unlocking = False
        self._give_up_at, self._lock = float('inf'), threading.Lock()
        self._status = SimpleNamespace(publish=self._told)
        self._joint_states, self._state_msg = NOTHING, SimpleNamespace(header=SimpleNamespace())

    def get_logger(self):
        return SimpleNamespace(warning=lambda text: None, info=lambda text: None)

    def _told(self, message):
        self.environment.arm_said(message.state, message.text, self.now, message.protective_stops)

    def counted(self):
        """How many stops node and environment have counted."""
        return len(self._stops._times), len(self.environment._stops), self._tally.fields()['protective_stops']

    def stop(self, stops):
        """What a servo process says of a stop: first its words; the timer looks whenever it likes."""
        self._publish(TextPacket(ArmState.PROTECTIVE_STOP, 'protective stop'))
        self._on_timer()
        self.hear(ArmState.PROTECTIVE_STOP, 3, stops)
        self._on_timer()

    def hear(self, state, safety_mode, stops):
        self._publish(StatePacket(0, ZERO, ZERO, state, 7, safety_mode, 0, 0, 0, stops, 1.0))


def test_a_stop_is_not_released_before_five_seconds_also_where_the_safety_mode_comes_before_it():
    shell = Shell()
    shell.hear(ArmState.READY, 1, 0)
    shell.hear(ArmState.DISCONNECTED, 3, 0)
    shell.stop(1)
    shell.now = 4.9
    shell._on_timer()
    assert not shell.asked
    shell.now = 5.0
    shell._on_timer()
    assert shell.asked == [(5.0, 'UNLOCK')]


def test_a_stop_whose_end_was_not_heard_of_counts():
    shell = Shell()
    shell.hear(ArmState.PROTECTIVE_STOP, 3, 1)
    shell.now = 4.9
    shell.hear(ArmState.PROTECTIVE_STOP, 3, 2)
    assert shell.counted() == (2, 2, 2)


def test_a_stop_that_outlasts_nine_connections_is_one_stop_and_ends_no_run():
    shell = Shell()
    shell.hear(ArmState.READY, 1, 0)
    shell.stop(1)
    for _ in range(9):
        shell.now += 20.0
        shell._on_timer()  # silent
        shell._ended(-9)
        shell._on_timer()
        shell.stop(1)
    assert shell.counted() == (1, 1, 1) and shell.environment.end_of_run() is None
    shell.hear(ArmState.READY, 1, 1)
    shell.stop(2)
    assert shell.counted() == (2, 2, 2)
