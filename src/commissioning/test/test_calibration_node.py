"""What the node does between its messages: it waits for a word, and writes the setting last of all."""

import math
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
sys.path.insert(0, str(Path(__file__).parent))
from fake_cell import ACCELERATION, NOMINAL, SIZE, FakeCell, measured
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Header
from std_srvs.srv import Trigger

from commissioning.calibration import plots, result
from commissioning.calibration.procedure import CalibrationError
from commissioning.calibration_config import CalibrationConfig
from commissioning.nodes import calibration
from ur5_rl_env import persons_word
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_env.readiness import Readiness
from ur5_rl_graph.data import JOINT_NAMES
from ur5_rl_graph.messages import msg_from_image, time_from_ns
from ur5_rl_graph.parameter_file import read
from ur5_rl_graph.run_config import RunConfig
from ur5_rl_interfaces.msg import ArmStatus

ROOT = Path(__file__).resolve().parents[3]


class Quiet(calibration.CalibrationNode):
    """The node without ROS."""

    def __init__(self, folder, fault=None, setting=ROOT / 'config/settings/small.yaml'):
        self._config = CalibrationConfig(run_folder=str(folder), setting_file=str(setting))
        self._whose = RunConfig(run_identity='run_1')
        self._guard = GuardConfig(acceleration=ACCELERATION)
        self._word = PersonsWord(True, str(folder), 'run_1')
        self._start_name, self._awaited, self._size = '/environment/start', '', SIZE
        self._steps = self._procedure = None
        self._recording = FakeCell(NOMINAL).recording
        self._home = SimpleNamespace(service_is_ready=lambda: True)
        self._readiness = SimpleNamespace(fault=lambda now, moving_home=False: fault, end_of_run=lambda: None)
        self._set_clock = SimpleNamespace(jump_s=lambda: 0.0)
        self._begun, self._stopped = 0.0, ''
        self.said, self.homes, self.stops = [], 0, 0
        self._stop_arm = SimpleNamespace(call_async=self._count_stop)

    def _count_stop(self, request):
        self.stops += 1

    def say(self, text):
        self.said.append(text)

    def go_home(self):
        self.homes += 1
        return lambda: None


def test_nothing_begins_before_a_persons_word_which_is_asked_for_once(tmp_path):
    node = Quiet(tmp_path)
    for _ in range(5):
        node._turn()
    assert node._steps is None and node.homes == 0 and len(node.said) == 1
    assert 'ros2 service call /environment/start' in node.said[0] and '16 places' in node.said[0]
    answer = node._on_word(None, SimpleNamespace())
    assert answer.success
    node._turn()
    assert node._steps is not None and node.homes == 0
    node._turn()
    assert node.homes == 1


@pytest.mark.parametrize('turns', [0, 3])
def test_environment_stop_ends_it_takes_the_word_back_and_stops_the_arm(tmp_path, turns, capsys):
    node = Quiet(tmp_path)
    node._on_word(None, Trigger.Response())
    for _ in range(turns):
        node._turn()
    assert node._on_stop(None, Trigger.Response()).success
    assert node.stops == 1 and not node._word.given
    with pytest.raises(SystemExit) as end:
        node._turn()
    assert end.value.code == calibration.FAILED and 'stopped by environment/stop' in capsys.readouterr().err


def test_who_has_stopped_the_arm_is_told_how_to_go_on(tmp_path):
    node = Quiet(tmp_path, fault='arm: disconnected')
    node._on_word(None, Trigger.Response())
    assert node.trouble() == 'arm: disconnected'
    node._word.take_back(by_servo=True)
    assert 'ros2 service call /environment/start' in node.trouble()


def test_a_clock_that_is_set_before_it_begins_is_taken_as_it_is_then(tmp_path, monkeypatch):
    node, offset = Quiet(tmp_path), 10**12
    monkeypatch.setattr(calibration, 'offset_ns', lambda clock: offset)
    node._turn()
    offset += 50_000_000  # while it waits for the word
    node._on_word(None, Trigger.Response())
    node._turn()
    assert node._steps is not None and node._begun == 1e-9 * offset


def test_a_word_that_cannot_be_kept_is_refused_and_ends_nothing(tmp_path, monkeypatch):
    node = Quiet(tmp_path)

    def full(path, values, durable):
        raise OSError('no space left')

    monkeypatch.setattr(persons_word, 'write_json', full)
    answer = node._on_word(None, Trigger.Response())
    assert not answer.success and 'no space left' in answer.message
    node._turn()
    assert node._steps is None


def test_what_is_missing_is_said_once_and_waited_for(tmp_path):
    node = Quiet(tmp_path, fault='no joint_states yet')
    node._on_word(None, SimpleNamespace())
    for _ in range(3):
        node._turn()
    node._size = None
    node._turn()
    assert node.said == ['waiting: no joint_states yet', 'waiting for pictures and the arm']
    assert node._steps is None


def joint_states(angle, names=JOINT_NAMES):
    stamp = time_from_ns(1_000_000_000)
    return JointState(
        header=Header(stamp=stamp), name=names, position=[angle] * len(names), velocity=[0.0] * len(names)
    )


def test_nothing_is_kept_before_the_word_however_long_it_takes(tmp_path):
    node = Quiet(tmp_path)
    node._readiness = Readiness(0.5)
    red = np.zeros((*SIZE, 3), np.uint8)
    red[40:50, 70:90, 2] = 200
    picture = msg_from_image(red, 1_000_000_000, 'camera')
    for _ in range(50):
        node._on_joints(joint_states(0.5))
        node._on_image(picture)
    assert node._size == SIZE and 'arm/status' in node.trouble()
    assert not any(vars(node._recording).values())
    node._steps = iter(())
    for _ in range(50):
        node._on_joints(joint_states(0.5))
        node._on_image(picture)
    kept = node._recording
    assert kept.positions == [(0.5,) * 6] and len(kept.pictures) == 50 and len(kept.colours) == 2


@pytest.mark.parametrize(
    ('message', 'cause'),
    [(joint_states(math.nan), 'not finite'), (joint_states(0.5, JOINT_NAMES[1:]), 'joint_states lack')],
)
def test_joint_states_that_are_none_are_the_trouble_and_move_nothing(tmp_path, message, cause):
    node = Quiet(tmp_path)
    node._readiness, node._steps = Readiness(0.5), iter(())
    node._on_joints(message)
    assert node._recording.positions == [] and node._readiness.fault(0.0) == 'no camera yet'
    node._readiness.heard('camera', time.monotonic())
    assert cause in node.trouble()


def test_a_picture_that_is_none_is_the_trouble(tmp_path):
    node = Quiet(tmp_path)
    node._readiness, node._steps = Readiness(0.5), iter(())
    node._on_image(Image(height=9, width=16, encoding='mono16'))
    assert node._recording.pictures == [] and 'mono16' in node.trouble()


@pytest.mark.parametrize('error', [CalibrationError('gone'), ValueError('gone'), OSError('gone')])
def test_what_ends_it_is_one_line_and_ends_the_run(tmp_path, capsys, error):
    node = Quiet(tmp_path)

    def steps():
        raise error
        yield

    node._steps = steps()
    with pytest.raises(SystemExit) as end:
        node._turn()
    assert end.value.code == 3 and capsys.readouterr().err == 'error: calibration: gone\n'


def done(node):
    """Has the node end a calibration that was done in a fake cell."""
    cell, harvest, _ = measured(0)
    node._procedure, node._recording = SimpleNamespace(harvest=harvest), cell.recording
    node._steps = iter(())
    node._turn()


def test_the_setting_is_written_last_of_all(tmp_path, monkeypatch):
    drawn, node = [], Quiet(tmp_path)

    def draw(path, *_):
        drawn.append((path.name, (tmp_path / 'calibrated.yaml').exists()))

    monkeypatch.setattr(plots, 'draw_delays', draw)
    monkeypatch.setattr(plots, 'draw_screen', draw)
    with pytest.raises(SystemExit) as end:
        done(node)
    assert end.value.code == 0
    assert drawn == [('delays.png', False), ('screen.png', False)]
    nodes = read(tmp_path / 'calibrated.yaml')
    assert nodes['/**']['random_hold_steps'] == 8
    assert nodes['/**']['monitor_y'] == pytest.approx(1.0, abs=0.005)
    assert str(tmp_path / 'calibrated.yaml') in node.said[-1]


def test_a_value_that_no_parameter_takes_leaves_plots_and_no_setting(tmp_path, capsys, monkeypatch):
    def refuse(measured, setting):
        raise ValueError('monitor_y is 0.5')

    monkeypatch.setattr(result, 'parameters', refuse)
    with pytest.raises(SystemExit) as end:
        done(Quiet(tmp_path))
    assert end.value.code == 3 and 'monitor_y is 0.5' in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {'delays.png', 'screen.png'}
    assert all(path.read_bytes().startswith(b'\x89PNG') for path in tmp_path.iterdir())


def test_the_arm_of_another_run_is_not_heard(tmp_path):
    node = Quiet(tmp_path)
    heard = []
    node._readiness = SimpleNamespace(arm_said=lambda state, text, now: heard.append(text))
    for run in ('run_1', 'run_2'):
        node._on_arm(ArmStatus(run=run, text=run))
    assert heard == ['run_1']
