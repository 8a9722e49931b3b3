"""What the recorder takes of what it hears, and what it refuses: messages of other runs and of nobody."""

from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from run_recorder.added_up import AddedUp
from run_recorder.nodes.run_recorder import RunRecorder
from run_recorder.recorder_config import RecorderConfig
from run_recorder.recording import Recording
from ur5_rl_graph.run_config import RunConfig
from ur5_rl_interfaces import msg


class Shell(RunRecorder):
    """The node without ROS."""

    def __init__(self, folder):
        self._recording = Recording(RecorderConfig(run_folder=str(folder), random_steps=0))
        self._run = RunConfig(run_identity='run_1')
        self._steady = SimpleNamespace(of=lambda seconds: seconds, now=lambda: 1e9)
        self._lost, self._counts, self._spans_dropped = {}, AddedUp(), AddedUp()
        self._acts, self._started = False, 0.0
        self.said = []

    def _say(self, text):
        self.said.append(text)

    def get_name(self):
        return 'run_recorder'


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path)


def test_counts_of_another_runs_arm_between_those_of_our_own_add_nothing(shell):
    for _ in range(3):
        shell._on_arm(msg.ArmStatus(run='run_1', commands_rejected=1))
        shell._on_arm(msg.ArmStatus(run='run_0', commands_rejected=0, protective_stops=7))
    assert shell._counts.totals == {'velocity commands refused': 1, 'protective stops': 0}
