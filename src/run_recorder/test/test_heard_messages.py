"""What the recorder takes of what it hears, and what it refuses: messages of other runs and of nobody."""

import json
import math
from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from run_reading import table
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
        self._refused, self._number = set(), 0
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


def test_what_ended_before_it_heard_is_told(shell):
    shell._on_episode(msg.Episode(episode=3, steps=30, total_steps=90, aborted=True))
    assert shell._recording.figures.lost == {
        'episodes aborted': 1,
        'steps of episodes that nobody recorded': 60,
    }


def extreme(kind, floating, whole):
    """A message whose numbers are all of one value: floating ones, or else the largest of their type."""
    message = kind()
    for name, type_name in kind.get_fields_and_field_types().items():
        if type_name in ('float', 'double') and floating is not None:
            setattr(message, name, floating)
        elif type_name in ('uint64', 'uint32', 'int64') and whole:
            setattr(message, name, 2 ** (63 if type_name == 'int64' else int(type_name[4:])) - 1)
    return message


@pytest.mark.parametrize('kind', [msg.Episode, msg.CycleTiming, msg.LearnerStatus, msg.BufferStatus])
@pytest.mark.parametrize(
    ('floating', 'whole'), [(math.nan, False), (math.inf, False), (1e30, False), (None, True)]
)
def test_numbers_of_no_run_are_refused_counted_and_told_once(shell, tmp_path, kind, floating, whole):
    callback = {
        msg.Episode: shell._on_episode,
        msg.CycleTiming: shell._on_cycle,
        msg.LearnerStatus: shell._on_learner,
        msg.BufferStatus: shell._on_buffer,
    }[kind]
    for _ in range(3):
        shell._hear('a topic', callback, extreme(kind, floating, whole), {})
    assert shell._lost == {'messages refused': 3} and len(shell.said) == 1
    shell._recording.close(1e9, lost=shell._lost | shell._counts.totals)
    for name in ('episodes.csv', 'cycle_timing.csv', 'learner.csv'):
        assert table.read(tmp_path / name, shell.said.append) == {} and len(shell.said) == 1
    found = json.loads((tmp_path / 'summary.json').read_text(), parse_constant=pytest.fail)
    assert (found['steps'], found['updates']) == (0, 0)


@pytest.mark.parametrize('count', [-1, 10**20, 'nan'])
def test_a_loss_that_no_node_can_have_is_refused(shell, count):
    pair = KeyValue(key='stale frames', value=str(count))
    shell._hear('losses', shell._on_losses, DiagnosticStatus(name='learner', values=[pair]), {})
    assert shell._counts.totals == {} and shell._lost == {'messages refused': 1}


@pytest.mark.parametrize(('start', 'duration'), [(2**63 - 1, 1), (-1, 1), (1, -1), (1, 2**63 - 1)])
def test_spans_of_times_that_cannot_be_are_refused(shell, tmp_path, start, duration):
    spans = msg.Spans(component='actor', names=['act'], starts_ns=[start], durations_ns=[duration])
    shell._hear('spans', shell._on_spans, spans, {})
    assert shell._lost == {'messages refused': 1} and table.read(tmp_path / 'spans.csv') == {}


def test_a_metric_that_is_not_finite_is_what_a_learner_has_to_tell(shell, tmp_path):
    status = msg.LearnerStatus(updates=3, metric_names=['critic_loss'], metric_values=[math.nan])
    shell._hear('learner', shell._on_learner, status, {})
    assert table.read(tmp_path / 'learner.csv')['metrics'] == ['critic_loss=nan'] and shell._lost == {}


RAW = 'a\nstop\x1b[2J\x07 of ü\0'
LINE = r'a stop\x1b[2J\x07 of ü\x00'


def test_a_text_of_a_message_is_printed_and_stored_as_one_line(shell, tmp_path):
    shell._hear('episode', shell._on_episode, msg.Episode(episode=3, aborted=True, text=RAW), {})
    assert shell.said == [f'episode 3 aborted: {LINE}']
    assert table.read(tmp_path / 'episodes.csv')['text'] == [LINE]
    shell._hear('spans', shell._on_spans, msg.Spans(component=RAW, names=['act']), {})
    assert shell.said[1].startswith(f'a message on spans is refused (spans of {LINE} hold')
    pair = KeyValue(key=RAW, value='1')
    shell._hear('losses', shell._on_losses, DiagnosticStatus(name='learner', values=[pair]), {})
    assert shell._counts.totals == {f'learner: {LINE}': 1}
