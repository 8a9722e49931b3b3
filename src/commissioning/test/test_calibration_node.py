"""What the node does between its messages: it waits for a word, and writes the setting last of all."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
sys.path.insert(0, str(Path(__file__).parent))
from fake_cell import ACCELERATION, NOMINAL, SIZE, FakeCell, measured

from commissioning.calibration import plots, result
from commissioning.calibration.procedure import CalibrationError
from commissioning.calibration_config import CalibrationConfig
from commissioning.nodes import calibration
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_graph.parameter_file import read

ROOT = Path(__file__).resolve().parents[3]


class Quiet(calibration.CalibrationNode):
    """The node without ROS."""

    def __init__(self, folder, fault=None, setting=ROOT / 'config/settings/small.yaml'):
        self._config = CalibrationConfig(run_folder=str(folder), setting_file=str(setting))
        self._guard = GuardConfig(acceleration=ACCELERATION)
        self._word = PersonsWord(True, str(folder), 'run_1')
        self._start_name, self._awaited, self._size = '/environment/start', '', SIZE
        self._steps = self._procedure = None
        self._recording = FakeCell(NOMINAL).recording
        self._home = SimpleNamespace(service_is_ready=lambda: True)
        self._readiness = SimpleNamespace(fault=lambda now, moving_home=False: fault, end_of_run=lambda: None)
        self._set_clock = SimpleNamespace(jump_s=lambda: 0.0)
        self._begun = 0.0
        self.said, self.homes = [], 0

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


def test_what_is_missing_is_said_once_and_waited_for(tmp_path):
    node = Quiet(tmp_path, fault='no joint_states yet')
    node._on_word(None, SimpleNamespace())
    for _ in range(3):
        node._turn()
    node._size = None
    node._turn()
    assert node.said == ['waiting: no joint_states yet', 'waiting for pictures and the arm']
    assert node._steps is None


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
