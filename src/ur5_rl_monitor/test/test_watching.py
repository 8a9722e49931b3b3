"""What a person sees of each message, and at a glance of the whole run."""

import sys
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.serialization import serialize_message
from std_msgs.msg import Float32, String

sys.path.insert(0, str(Path(__file__).parent))
from fake_sink import FakeSink

from ur5_rl_graph import messages, topics
from ur5_rl_graph.messages import time_from_ns
from ur5_rl_interfaces import msg
from ur5_rl_monitor import at_a_glance, marker_messages, scene_shapes, sights, sign_picture
from ur5_rl_monitor.robot_tree import Transform
from ur5_rl_monitor.sights import Frames, Picture, Robot, Scene, Sign
from ur5_rl_monitor.status import Level, Status
from ur5_rl_monitor.transform_messages import message_of
from ur5_rl_monitor.watching import PERIODS_NS, WATCHED, Watching

MS = 1_000_000
SECOND = 1000 * MS
PIXELS = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
IMAGE = messages.msg_from_image(PIXELS, 5, 'camera_optical_frame')
TRANSFORM = Transform('base_link', 'tool0', (1.0, 2.0, 3.0), (0.0, 0.6, 0.0, 0.8))
SHAPES = (
    scene_shapes.target(0.1, 0.2, 0.03),
    scene_shapes.screen(0.5, 0.3),
    scene_shapes.box((0.0, 0.0, 0.0), (1.0, 2.0, 3.0)),
)
LEARNER = msg.LearnerStatus(
    updates=7,
    updates_per_s=2.5,
    metric_names=['q', 'entropy', 'temperature'],
    metric_values=[9.0, -1.5, 0.25],
)
CYCLE = msg.CycleTiming(cycle_ms=40.5, response_ms=3.5, weights_age_s=0.25)


@pytest.fixture
def sink():
    return FakeSink()


def take(sink, topic, *given, namespace=''):
    watching = Watching(sink, namespace)
    for number, message in enumerate(given):
        watching.take(topic.name, number * SECOND, lambda message=message: message)
    return watching


@pytest.mark.parametrize(
    ('topic', 'message', 'points'),
    [
        (topics.MONITOR_REWARD, Float32(data=1.5), {'reward/reward': 1.5}),
        (topics.EPISODE, msg.Episode(episode_return=321.0), {'return/return': 321.0}),
        (topics.EPISODE, msg.Episode(episode_return=321.0, aborted=True), {}),
        (topics.CYCLE_TIMING, CYCLE, {'cycle/cycle': 40.5, 'cycle/response': 3.5, 'weights/age': 0.25}),
        (
            topics.LEARNER_STATUS,
            LEARNER,
            {'updates/rate': 2.5, 'updates/count': 7, 'policy/entropy': -1.5, 'policy/temperature': 0.25},
        ),
    ],
)
def test_the_numbers_of_a_message_become_points_of_curves(sink, topic, message, points):
    take(sink, topic, message)
    assert sink.points == points and points.keys() <= sights.CURVES.keys()


def test_every_curve_is_drawn_of_some_message(sink):
    for topic, message in (
        (topics.MONITOR_REWARD, Float32()),
        (topics.EPISODE, msg.Episode()),
        (topics.CYCLE_TIMING, CYCLE),
        (topics.LEARNER_STATUS, LEARNER),
    ):
        take(sink, topic, message)
    assert sink.points.keys() == sights.CURVES.keys()


def test_images_frames_and_the_robot_are_shown_as_they_are(sink):
    take(sink, topics.IMAGE, IMAGE)
    take(sink, topics.NETWORK_VIEW, IMAGE)
    take(sink, topics.TF, message_of([TRANSFORM], time_from_ns(0)))
    take(sink, topics.ROBOT_DESCRIPTION, String(data='<robot/>'))
    camera, network, frames, robot = (sight for _, sight in sink.seen)
    assert camera.name == 'camera' and network.name == 'network'
    assert (camera.pixels == PIXELS).all() and (network.pixels == PIXELS).all()
    assert frames == Frames((TRANSFORM,)) and robot == Robot('<robot/>')


def test_markers_become_the_shapes_that_they_were_made_of(sink):
    take(sink, topics.MARKERS, marker_messages.markers(SHAPES, [('path', 3)], 1.0))
    (scene,) = sink.of(Scene)
    assert scene.gone == (('path', 3),)
    for shape, before in zip(scene.shapes, SHAPES, strict=True):
        assert shape._replace(colours=()) == before._replace(colours=())
        assert np.allclose(shape.colours, before.colours, atol=1e-6)


def test_what_is_taken_away_soon_after_it_was_drawn_is_taken_away(sink):
    """Each deletion is told once: none of the messages that hold them is passed over."""
    watching = Watching(sink)
    for time_ns, drawn, gone in ((1, SHAPES[:1], ()), (MS, (), [('target', 0)])):
        message = marker_messages.markers(drawn, gone, 1.0)
        watching.take(topics.MARKERS.name, time_ns, lambda message=message: message)
    assert [scene.gone for scene in sink.of(Scene)] == [(), (('target', 0),)]


def test_a_marker_of_another_kind_is_left_out(sink):
    message = marker_messages.markers(SHAPES[:1], [], 1.0)
    message.markers[0].type = message.markers[0].TEXT_VIEW_FACING
    take(sink, topics.MARKERS, message)
    assert sink.of(Scene) == [Scene(())]


def test_fast_streams_are_thinned_and_what_is_passed_over_is_counted_and_not_read(sink):
    watching = Watching(sink)

    def unread():
        raise AssertionError('it was to be passed over')

    for topic in PERIODS_NS:
        assert topic in WATCHED
    for number in range(25):
        reads = number % 25 in (0, 7, 13, 19)  # the first of each quarter of a second
        watching.take(topics.IMAGE.name, number * 40 * MS, (lambda: IMAGE) if reads else unread)
    assert [time_ns // MS for time_ns, _ in sink.seen] == [0, 280, 520, 760]
    assert watching.shown == Counter({topics.IMAGE.name: 4})
    assert watching.passed_over == Counter({topics.IMAGE.name: 21})
    assert watching.report(Counter()) == ['4 messages shown', 'passed over: 21 camera/image_raw']


def test_each_point_of_a_curve_is_shown(sink):
    watching = Watching(sink)
    for number in range(100):
        watching.take(topics.CYCLE_TIMING.name, number * 4 * MS, lambda: CYCLE)
    assert len(sink.of(sights.Point)) == 300 and not watching.passed_over


def test_what_cannot_be_shown_is_counted_and_said_once(sink):
    wrong = messages.msg_from_image(PIXELS, 5, '')
    wrong.encoding = 'mono16'
    watching = take(sink, topics.IMAGE, wrong, wrong, IMAGE)
    assert watching.refused == Counter({topics.IMAGE.name: 2}) and sink.pictures == ['camera']
    assert len(sink.lines) == 1
    source, level, text = sink.lines[0]
    assert (source, level) == (
        'monitor',
        Level.WARN,
    ) and "camera/image_raw: image encoding is 'mono16'" in text
    assert watching.report(Counter({'/tf': 3}))[1:] == ['lost: 3 tf', 'refused: 2 camera/image_raw']


def test_bytes_that_are_no_message_are_refused_like_one_that_is_not_as_it_should_be(sink):
    whole = serialize_message(CYCLE)
    watching = Watching(sink)
    for number, data in enumerate((whole[:12], whole[:12], whole)):
        read = partial(messages.deserialised, data, topics.CYCLE_TIMING.type)
        watching.take(topics.CYCLE_TIMING.name, number, read)
    assert watching.refused == Counter({topics.CYCLE_TIMING.name: 2})
    assert [line.text for line in sink.of(sights.Line)] == [
        'cycle_timing: its 12 bytes are no CycleTiming; not shown, as all like it'
    ]
    assert sink.points['cycle/cycle'] == 40.5


def test_an_empty_image_is_refused(sink):
    empty = messages.msg_from_image(np.zeros((0, 0, 3), np.uint8), 5, '')
    watching = take(sink, topics.IMAGE, empty, IMAGE)
    assert watching.refused == Counter({topics.IMAGE.name: 1}) and sink.pictures == ['camera']


def test_an_aborted_episode_is_a_line_with_its_cause(sink):
    take(sink, topics.EPISODE, msg.Episode(episode=4, aborted=True, text='no image'))
    assert sink.lines == [('environment', Level.WARN, 'episode 4 aborted: no image')]


def test_the_arm_speaks_when_it_has_something_new_to_say(sink):
    texts = ('holds 1 s', 'holds 2.5 s', 'moves')
    take(sink, topics.ARM_STATUS, *(msg.ArmStatus(text=text) for text in texts))
    assert sink.lines == [('arm', Level.OK, 'holds 1 s'), ('arm', Level.OK, 'moves')]


def diagnosis(*told):
    """Of names, levels and texts."""
    statuses = ((name, bytes([level]), text) for name, level, text in told)
    return DiagnosticArray(
        status=[DiagnosticStatus(name=name, level=level, message=text) for name, level, text in statuses]
    )


@pytest.mark.parametrize(('namespace', 'text'), [('', 'mine'), ('/lab/', 'of the lab')])
def test_of_the_diagnostics_of_all_robots_those_of_the_run_are_shown(sink, namespace, text):
    told = diagnosis(('arm_driver: arm', 0, 'mine'), ('lab/arm_driver: arm', 0, 'of the lab'))
    take(sink, topics.DIAGNOSTICS, told, namespace=namespace)
    assert sink.lines == [('arm_driver: arm', Level.OK, text)]


FOREIGN = (
    ('robot_2/arm_driver: arm', 0, 'ready'),  # another run of the domain
    ('usb_cam: frequency', 0, ''),
    ('camera: Depth', 0, ''),  # of a node that is called like one of ours
)


@pytest.mark.parametrize('namespace', ['', '/robot_1'])
def test_what_others_say_of_themselves_changes_nothing(sink, namespace):
    watching = Watching(sink, namespace)
    stopped = 'protective stop'
    own = diagnosis((f'{namespace}/arm_driver: arm'.lstrip('/'), 2, stopped))
    watching.take(topics.CYCLE_TIMING.name, 0, lambda: CYCLE)
    for message in (own, diagnosis(*FOREIGN), diagnosis(('camera: Depth', 9, '')), diagnosis()):
        watching.take(topics.DIAGNOSTICS.name, 0, lambda message=message: message)
        watching.look(0)
    assert sink.signs == [Sign(Level.ERROR, f'arm_driver: arm: {stopped}')]
    assert sink.lines == [('arm_driver: arm', Level.ERROR, stopped)] and not watching.refused


def test_others_do_not_stand_in_for_diagnostics_that_have_ended(sink):
    watching = Watching(sink)
    for topic, second, message in (
        (topics.DIAGNOSTICS, 0, diagnosis(('arm_driver: arm', 0, ''))),
        (topics.DIAGNOSTICS, 6, diagnosis(*FOREIGN)),
        (topics.CYCLE_TIMING, 6, CYCLE),
    ):
        watching.take(topic.name, second * SECOND, lambda message=message: message)
    watching.look(6 * SECOND)
    assert sink.signs == [at_a_glance.UNDIAGNOSED]


def test_a_level_that_changes_is_news_and_numbers_alone_are_not(sink):
    told = [('learner: learner', 0, '3 updates'), ('learner: learner', 0, '4 updates')]
    take(sink, topics.DIAGNOSTICS, *map(diagnosis, told), diagnosis(('learner: learner', 1, '5 updates')))
    assert [(line.level, line.text) for line in sink.of(sights.Line)] == [
        (Level.OK, '3 updates'),
        (Level.WARN, '5 updates'),
    ]


def test_a_level_that_no_standard_knows_is_refused(sink):
    watching = take(sink, topics.DIAGNOSTICS, diagnosis(('learner: learner', 9, '')))
    assert watching.refused.total() == 1


def test_the_sign_says_how_the_run_is_and_only_when_that_changes(sink):
    watching = Watching(sink)
    watching.look(0)
    watching.take(topics.CYCLE_TIMING.name, 10 * SECOND, lambda: CYCLE)
    watching.look(10 * SECOND)
    for second, (a, text_a), (b, text_b) in (
        (11, (0, ''), (0, '')),
        (11, (0, ''), (0, '')),
        (12, (1, 'slow'), (3, '')),
        (13, (1, ''), (2, 'dead')),
    ):
        told = diagnosis(('arm_driver: arm', a, text_a), ('camera: frames', b, text_b))
        watching.take(topics.DIAGNOSTICS.name, second * SECOND, lambda told=told: told)
        watching.look(second * SECOND)
    watching.look(14 * SECOND)
    assert sink.signs == [
        at_a_glance.WAITING,
        at_a_glance.UNDIAGNOSED,
        Sign(Level.OK, 'all 2 components are well'),
        Sign(Level.WARN, 'arm_driver: arm: slow'),
        Sign(Level.ERROR, 'camera: frames: dead'),
        at_a_glance.SILENT,  # diagnostics go on where the run has ended
    ]


def test_a_component_that_is_not_heard_of_is_worse_than_well():
    glance = at_a_glance.Glance()
    glance.hear(0)
    glance.diagnose(0, [Status('a: b', Level.OK, '', {}), Status('c: d', Level.STALE, 'nothing yet', {})])
    assert glance.sign(at_a_glance.SILENT_NS) == Sign(Level.STALE, 'c: d: nothing yet')
    assert glance.sign(at_a_glance.SILENT_NS + 1) == at_a_glance.SILENT


def test_diagnostics_that_stop_are_not_the_last_word():
    glance = at_a_glance.Glance()
    glance.diagnose(0, [Status('a: b', Level.OK, '', {})])
    for now_ns, sign in (
        (at_a_glance.UNDIAGNOSED_NS, Sign(Level.OK, 'all 1 components are well')),
        (at_a_glance.UNDIAGNOSED_NS + 1, at_a_glance.UNDIAGNOSED),
    ):
        glance.hear(now_ns)
        assert glance.sign(now_ns) == sign


@pytest.mark.parametrize('level', Level)
def test_the_sign_is_a_bar_in_the_colour_of_its_level(level):
    bar = sign_picture.picture(Sign(level, 'words ' * 100 + 'ä'))
    assert bar.shape == (*sign_picture.SIZE, 3) and bar.dtype == np.uint8
    assert (bar[0] == sign_picture.COLOURS[level]).all()
    assert (bar[:, -8:] == sign_picture.COLOURS[level]).all(), 'the text ends before the bar does'
    assert len({tuple(colour) for colour in sign_picture.COLOURS.values()}) == len(Level)


def test_a_picture_is_named_as_the_viewer_knows_it():
    assert {Picture('camera', PIXELS).name, Picture('network', PIXELS).name} == set(sights.PICTURES)
