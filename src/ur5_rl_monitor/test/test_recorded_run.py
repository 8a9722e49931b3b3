"""A run that is over: what a viewer is shown of its bag, or of its tables."""

import math
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from std_msgs.msg import Float32, String

sys.path.insert(0, str(Path(__file__).parent))
from fake_sink import FakeSink

from run_reading.columns import CYCLE_COLUMNS, EPISODE_COLUMNS, LEARNER_COLUMNS
from ur5_rl_bags.bag_contents import Recorded, TopicInfo
from ur5_rl_env.devices.camera_info import pinhole_info
from ur5_rl_env.guard import GuardConfig
from ur5_rl_graph import messages, topics
from ur5_rl_graph.data import JOINT_NAMES
from ur5_rl_interfaces import msg
from ur5_rl_monitor import recorded_run
from ur5_rl_monitor.diagnostics_config import DiagnosticsConfig
from ur5_rl_monitor.sights import Robot, Scene
from ur5_rl_monitor.status import Level

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
PIXELS = np.zeros((2, 3, 3), np.uint8)


class FakeBag(nullcontext):
    """Messages of topics, in their order; `data` of a recorded one is the message."""

    folder = 'bag'

    def __init__(self, *told):
        super().__init__()
        self._told = [Recorded(topic, time_ns, time_ns, message) for topic, time_ns, message in told]
        self.topics = {name: TopicInfo('', 1, []) for name, _, _ in told}
        self.topics['/parameter_events'] = TopicInfo('', 0, [])

    def messages(self, names):
        assert set(names) <= self.topics.keys()
        return (recorded for recorded in self._told if recorded.topic in names)

    def deserialised(self, recorded):
        return recorded.data


class Network:
    """Draws nothing, and counts."""

    def picture(self, images):
        assert len(images) == 3
        return PIXELS


def state(time_ns, angle):
    out = topics.JOINT_STATES.type(name=JOINT_NAMES, position=[angle] * 6, velocity=[0.0] * 6)
    out.header.stamp = messages.time_from_ns(time_ns)
    return out


def told(seconds, namespace='/'):
    """A run of so long: an image and a cycle each 40 ms, an arm that moves, one episode."""
    yield f'{namespace}robot_description', START, String(data='<robot/>')
    target = msg.TargetState(x=0.1, y=0.2, radius=0.03, screen_width=0.5, screen_height=0.3)
    yield f'{namespace}target', START, target
    for number in range(25 * seconds):
        time_ns = START + number * 40_000_000
        image = messages.msg_from_image(PIXELS, time_ns, 'camera_optical_frame')
        yield f'{namespace}camera/image_raw', time_ns, image
        info = pinhole_info(90, 160, 60.0)
        info.header.stamp = messages.time_from_ns(time_ns)
        yield f'{namespace}camera/camera_info', time_ns, info
        yield f'{namespace}joint_states', time_ns, state(time_ns, math.sin(0.1 * number))
        yield f'{namespace}cycle_timing', time_ns, msg.CycleTiming(cycle_ms=40.0, step=number)
        yield f'{namespace}monitor/reward', time_ns, Float32(data=1.0)
    yield f'{namespace}episode', time_ns, msg.Episode(episode_return=99.0)


def show(bag, network=None, namespace='/', **limits):
    sink = FakeSink()
    report = recorded_run.show_bag(bag, namespace, GuardConfig(), DiagnosticsConfig(**limits), network, sink)
    return sink, report


def test_a_bag_shows_what_its_run_would_have_shown():
    sink, report = show(FakeBag(*told(3)), Network())
    assert sink.of(Robot) == [Robot('<robot/>')]
    assert sink.points == {
        **{'reward/reward': 1.0, 'return/return': 99.0, 'cycle/cycle': 40.0},
        **{'cycle/response': 0.0, 'weights/age': 0.0},
    }
    drawn = {shape.namespace for scene in sink.of(Scene) for shape in scene.shapes}
    assert drawn == {'box', 'screen', 'camera_view', 'target', 'path'}
    assert sink.pictures.count('camera') == sink.pictures.count('network') == 12
    assert report == ['164 messages shown', 'passed over: 63 camera/image_raw']
    assert [time_ns for time_ns, _ in sink.seen] == sorted(time_ns for time_ns, _ in sink.seen)


def test_a_bag_says_how_its_run_was():
    sink, _ = show(FakeBag(*told(3)))
    texts = dict((source, text) for source, _, text in sink.lines)
    assert texts['environment: action cycle'].startswith('100.0 % within 2 ms of 40 ms')
    assert 'nothing on arm/status' in texts['arm_driver: arm']
    assert not any(source.startswith(('learner', 'buffer')) for source in texts), 'nobody learned in it'
    assert sink.signs[-1].level is Level.STALE and 'arm/status' in sink.signs[-1].text


def test_what_went_wrong_then_is_wrong_now():
    def second(message):
        return message[0] != '/camera/camera_info' or message[1] // 40_000_000 % 2 == 0

    sink, _ = show(FakeBag(*filter(second, told(3))))
    (wrong,) = [line for line in sink.lines if line[:2] == ('camera: frames', Level.WARN)]
    assert 'did not come' in wrong[2]
    fine, _ = show(FakeBag(*told(3)))
    assert not [line for line in fine.lines if line[:2] == ('camera: frames', Level.WARN)]


def test_without_weights_nothing_is_drawn_of_the_network():
    sink, _ = show(FakeBag(*told(1)))
    assert set(sink.pictures) == {'camera'}


def test_what_was_recorded_is_not_told_again():
    recorded = [
        ('/monitor/network_view', START, messages.msg_from_image(PIXELS + 7, 0, '')),
        ('/markers', START, topics.MARKERS.type()),
        ('/diagnostics', START, topics.DIAGNOSTICS.type()),
    ]
    sink, _ = show(FakeBag(*recorded, *told(2)), Network())
    assert sink.pictures.count('network') == 1 and sink.of(Scene) == [Scene(())] and sink.lines == []


def test_what_cannot_be_used_is_refused_once_and_the_rest_is_shown():
    image = messages.msg_from_image(PIXELS, START, '')
    image.encoding = 'mono16'
    wrong = [('/joint_states', START, state(START, math.nan)), ('/camera/image_raw', START, image)]
    sink, report = show(FakeBag(*wrong, *told(1)), Network())
    assert report[-1] == 'refused: 1 camera/image_raw, 1 joint_states' and 'lost' not in ' '.join(report)
    said = [text for source, _, text in sink.lines if source == 'monitor']
    assert [text.partition(':')[0] for text in said] == ['joint_states', 'camera/image_raw']
    assert 'reward/reward' in sink.points


@pytest.mark.parametrize(('planned_s', 'told_off'), [(0.04, False), (0.08, True)])
def test_a_bag_is_judged_by_the_plan_of_its_run(planned_s, told_off):
    sink, _ = show(FakeBag(*told(4)), action_cycle_s=planned_s)
    levels = {level for source, level, _ in sink.lines if source == 'environment: action cycle'}
    assert told_off == (Level.WARN in levels)


def test_one_of_several_runs_of_a_bag_is_shown():
    bag = FakeBag(*told(1, '/a/'), *told(1, '/b/'))
    sink, _ = show(bag, namespace='/b/')
    assert sink.pictures.count('camera') == 4


def table(folder, name, columns, *rows):
    lines = [','.join(columns), *(','.join(str(row.get(column, 0)) for column in columns) for row in rows)]
    (folder / name).write_text('\n'.join(lines) + '\n', encoding='utf-8')


def test_a_run_without_a_bag_shows_its_tables(tmp_path):
    table(
        tmp_path,
        'episodes.csv',
        EPISODE_COLUMNS,
        {'end': 5.0, 'return': 12.5, 'text': ''},
        {'end': 6.0, 'aborted': 1, 'text': 'no image'},
    )
    table(tmp_path, 'cycle_timing.csv', CYCLE_COLUMNS, {'stamp': 4.0, 'cycle_ms': 41.0, 'response_ms': 3.0})
    metrics = 'q=3 entropy=-1.5 temperature=0.5'
    row = {'stamp': 4.5, 'updates': 8, 'metrics': metrics}
    table(tmp_path, 'learner.csv', LEARNER_COLUMNS, {'stamp': 4.2, 'metrics': 'q=3 entropy=none'}, row)
    sink = FakeSink()
    report = recorded_run.show_tables(tmp_path, sink)
    assert sink.points == {
        **{'return/return': 12.5, 'cycle/cycle': 41.0, 'cycle/response': 3.0, 'weights/age': 0.0},
        **{'updates/rate': 0.0, 'updates/count': 8.0, 'policy/entropy': -1.5, 'policy/temperature': 0.5},
    }
    assert sink.lines == [('environment', Level.WARN, 'episode aborted: no image')]
    assert [sign.text for sign in sink.signs] == [recorded_run.TABLES_ONLY]
    assert report == ['11 points of its tables shown', recorded_run.TABLES_ONLY]
    assert dict((type(sight).__name__, time_ns) for time_ns, sight in sink.seen)['Line'] == 6 * SECOND


def test_a_table_of_another_version_costs_what_it_holds_and_a_line(tmp_path, capsys):
    table(tmp_path, 'episodes.csv', ('colour', 'return'), {'colour': 3})
    table(tmp_path, 'learner.csv', ('stamp', 'updates_per_s'), {'stamp': 4.5})
    table(tmp_path, 'cycle_timing.csv', CYCLE_COLUMNS, {'stamp': 4.0, 'cycle_ms': 41.0})
    sink = FakeSink()
    recorded_run.show_tables(tmp_path, sink)
    assert sink.points.keys() == {'cycle/cycle', 'cycle/response', 'weights/age'}
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(' as ')[0].split('/')[-1] for line in said] == [
        'episodes.csv lacks the columns end, aborted, text,',
        'learner.csv lacks the columns updates,',
        'learner.csv lacks the columns metrics,',
    ]


def test_a_run_folder_without_a_row_is_refused(tmp_path):
    table(tmp_path, 'episodes.csv', EPISODE_COLUMNS)
    with pytest.raises(ValueError, match='there is nothing to show'):
        recorded_run.show_tables(tmp_path, FakeSink())
