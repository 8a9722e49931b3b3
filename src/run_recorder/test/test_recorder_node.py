"""The recorder as a node: what it counts by, what it takes at its end, what it does where a run is over."""

import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from own_domain import own_domain

rclpy = pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from diagnostic_msgs.msg import DiagnosticStatus, KeyValue  # noqa: E402
from rclpy.duration import Duration  # noqa: E402

from run_recorder.nodes import run_recorder  # noqa: E402
from run_recorder.nodes.run_recorder import RunRecorder  # noqa: E402
from ur5_rl_graph import messages, topics  # noqa: E402
from ur5_rl_interfaces import msg  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
from recorded import record  # noqa: E402

pytestmark = pytest.mark.graph


@pytest.fixture
def graph(tmp_path):
    """Makes the recorder of a run in `tmp_path`, and a node that plays all others."""
    folder = ['--ros-args', '-p', f'run_folder:={tmp_path}', '-p', 'duration:=100.0', '-p', 'random_steps:=0']
    rclpy.init(args=folder, domain_id=own_domain())
    yield lambda: (RunRecorder(), rclpy.create_node('others'))
    rclpy.try_shutdown()


def spin_until(recorder, condition, again=lambda: None):
    deadline = time.monotonic() + 30.0
    while not condition():
        assert time.monotonic() < deadline
        again()
        rclpy.spin_once(recorder, timeout_sec=0.1)


def cycle(step, ahead_s=0.0):
    message = msg.CycleTiming(episode=1, step=step, cycle_ms=40.0)
    message.header.stamp = messages.time_from_ns(time.time_ns() + round(1e9 * ahead_s))
    return message


def test_the_newest_word_of_the_learner_counts_and_no_stamp_from_the_future(graph, tmp_path):
    recorder, others = graph()
    done, status, cycles = (
        topic.publisher(others)
        for topic in (topics.MINI_BATCH_DONE, topics.LEARNER_STATUS, topics.CYCLE_TIMING)
    )
    spin_until(recorder, lambda: done.get_subscription_count() and cycles.get_subscription_count())
    cycles.publish(cycle(1))
    cycles.publish(cycle(2, ahead_s=3600.0))
    cycles.publish(cycle(3))
    table = tmp_path / 'cycle_timing.csv'
    spin_until(recorder, lambda: table.read_text().count('\n') == 4)
    for updates in range(70, 78):
        done.publish(msg.MiniBatchDone(updates=updates))
    assert done.wait_for_all_acked(Duration(seconds=30))
    status.publish(msg.LearnerStatus(updates=70))
    spin_until(recorder, lambda: (tmp_path / 'learner.csv').read_text().count('\n') == 2)
    stamps = [float(line.split(',')[0]) for line in table.read_text().splitlines()[1:]]
    assert max(stamps) <= recorder._steady.now()
    recorder.destroy_node()
    others.destroy_node()
    found = json.loads((tmp_path / 'summary.json').read_text())
    assert found['updates'] == 77
    assert found['elapsed_s'] > 0.0 and not found['complete']


def test_a_run_that_is_over_hears_nothing_more_and_ends(graph, tmp_path, capsys):
    record(tmp_path, 16).over(1114.1)
    recorder, others = graph()
    cycles = topics.CYCLE_TIMING.publisher(others)
    with pytest.raises(SystemExit) as ended:
        spin_until(recorder, lambda: False, lambda: cycles.publish(cycle(1)))
    assert ended.value.code == 0
    recorder.destroy_node()
    others.destroy_node()
    assert (tmp_path / 'cycle_timing.csv').read_text().count('\n') == 17
    assert json.loads((tmp_path / 'summary.json').read_text())['complete']
    said = capsys.readouterr().out
    assert 'it is over: the duration of 100 s is over' in said and 'is complete' in said.splitlines()[-1]


def test_a_message_of_nobody_of_this_run_is_refused_and_the_next_is_taken(graph, tmp_path, capsys):
    recorder, others = graph()
    status, spans, cycles = (
        topic.publisher(others) for topic in (topics.LEARNER_STATUS, topics.SPANS, topics.CYCLE_TIMING)
    )
    counts = [publisher.get_subscription_count for publisher in (status, spans, cycles)]
    spin_until(recorder, lambda: all(count() for count in counts))
    status.publish(msg.LearnerStatus(updates=70, metric_names=['loss']))  # and no value
    spans.publish(msg.Spans(component='actor', names=['act'], starts_ns=[1]))  # and no duration
    spin_until(recorder, lambda: recorder._lost.get('messages refused') == 2)
    cycles.publish(cycle(1))
    spin_until(recorder, lambda: (tmp_path / 'cycle_timing.csv').read_text().count('\n') == 2)
    recorder.destroy_node()
    others.destroy_node()
    said = capsys.readouterr().out
    assert said.count(' is refused (') == 2 and 'lost or dropped: messages refused 2' in said


def test_a_message_that_cannot_be_taken_costs_no_run_its_summary(graph, tmp_path, capsys, monkeypatch):
    record(tmp_path, 4)
    recorder, others = graph()

    def take(subscription):
        raise RuntimeError('out of memory')

    monkeypatch.setattr(topics, 'take_with_info', take)
    recorder.destroy_node()
    others.destroy_node()
    assert json.loads((tmp_path / 'summary.json').read_text())['steps'] == 20
    assert 'warning: messages of the last moment are lost (RuntimeError: ' in capsys.readouterr().out


def test_a_run_that_never_acted_says_so(graph, tmp_path, capsys):
    recorder, others = graph()
    recorder.destroy_node()
    others.destroy_node()
    assert capsys.readouterr().out.endswith('is complete, but nothing has acted: there is no run in it\n')
    assert json.loads((tmp_path / 'summary.json').read_text())['complete'] is False


def test_parameters_that_no_file_can_hold_cost_no_run_its_summary(graph, tmp_path, capsys):
    recorder, others = graph()
    recorder._on_parameters(
        '/camera', {'calibration': [b'\x00'], 'rate': 30}
    )  # a camera node of another kind
    recorder._on_parameters('/actor', {'threads': 1})
    recorder.destroy_node()
    others.destroy_node()
    assert "configuration.yaml lacks /camera: b'\\x00' is no value of a parameter" in capsys.readouterr().out
    assert (tmp_path / 'configuration.yaml').read_text().startswith('/actor:')
    assert (tmp_path / 'summary.json').exists()


@pytest.mark.parametrize(
    ('ended', 'lacking', 'code'), [(0, [], 0), (0, ['summary.json'], 4), (1, ['summary.json'], 1)]
)
def test_a_folder_that_lacks_a_file_is_told_by_the_exit_code(monkeypatch, ended, lacking, code):
    made = SimpleNamespace(lacking=lacking)
    monkeypatch.setattr(run_recorder, 'RunRecorder', lambda: made)
    monkeypatch.setattr(run_recorder, 'run', lambda make: make() and ended)
    assert run_recorder.main() == code


def test_what_other_nodes_have_lost_is_in_the_summary(graph, tmp_path):
    recorder, others = graph()
    losses = topics.LOSSES.publisher(others)
    spin_until(recorder, losses.get_subscription_count)
    for count in ('3', '5'):
        pair = KeyValue(key='stale frames', value=count)
        losses.publish(DiagnosticStatus(name='learner', values=[pair]))
    spin_until(recorder, lambda: recorder._counts.totals.get('learner: stale frames') == 5)
    recorder.destroy_node()
    others.destroy_node()
    assert json.loads((tmp_path / 'summary.json').read_text())['lost'] == {'learner: stale frames': 5}


def one_life(recorder, *counts):
    """A node that tells these counts of lost transitions and gaps, one after the other, and is gone."""
    node = rclpy.create_node('others')
    status, losses = topics.BUFFER_STATUS.publisher(node), topics.LOSSES.publisher(node)
    spin_until(recorder, lambda: status.get_subscription_count() and losses.get_subscription_count())
    before = recorder._counts.totals.get('transitions', 0)

    def tell(count):
        status.publish(msg.BufferStatus(transitions_lost=count))
        losses.publish(DiagnosticStatus(name='actor', values=[KeyValue(key='gaps', value=str(count))]))
        now = {'transitions': before + count, 'actor: gaps': before + count}
        spin_until(recorder, lambda: recorder._counts.totals == now)

    for count in counts:
        tell(count)
    node.destroy_node()


def test_a_node_that_came_back_and_has_lost_no_less_than_before_is_another(graph, tmp_path):
    recorder, others = graph()
    one_life(recorder, 1, 2)
    one_life(recorder, 3, 4)
    one_life(recorder, 5, 6)
    recorder.destroy_node()
    others.destroy_node()
    found = json.loads((tmp_path / 'summary.json').read_text())['lost']
    assert found == {'transitions': 2 + 4 + 6, 'actor: gaps': 2 + 4 + 6}


def test_what_a_node_has_lost_before_it_was_started_again_stays_in_the_summary(graph, tmp_path, capsys):
    recorder, others = graph()
    for lost in (3, 0, 80):
        recorder._on_buffer(msg.BufferStatus(transitions_lost=lost))
        recorder._on_arm(msg.ArmStatus(protective_stops=lost // 3, commands_rejected=lost))
        recorder._on_spans(msg.Spans(component='actor', dropped=lost))
        pair = KeyValue(key='stale frames', value=str(lost))
        recorder._on_losses(DiagnosticStatus(name='learner', values=[pair]))
    recorder.destroy_node()
    others.destroy_node()
    assert json.loads((tmp_path / 'summary.json').read_text())['lost'] == {
        'transitions': 83,
        'velocity commands refused': 83,
        'protective stops': 27,
        'spans': 83,
        'learner: stale frames': 83,
    }
    assert 'lost or dropped: ' in capsys.readouterr().out
