"""The nodes that show: what they hear they show, and what they cannot use they say once and go on."""

import sys
import time
from pathlib import Path

import numpy as np
import pytest
from own_domain import own_domain

rclpy = pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from diagnostic_msgs.msg import DiagnosticStatus, KeyValue  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
from looking_encoder import BLUE, pictures, weights  # noqa: E402

from sac_learner.weights import weights_to_bytes  # noqa: E402
from ur5_rl_env.devices.camera_info import pinhole_info  # noqa: E402
from ur5_rl_graph import messages, topics  # noqa: E402
from ur5_rl_graph.data import JOINT_NAMES  # noqa: E402
from ur5_rl_interfaces import msg  # noqa: E402
from ur5_rl_monitor.network_view import BAR, POSITION  # noqa: E402
from ur5_rl_monitor.nodes.diagnostics import DiagnosticsNode  # noqa: E402
from ur5_rl_monitor.nodes.network_view import NetworkViewNode  # noqa: E402
from ur5_rl_monitor.nodes.scene_markers import SceneMarkers  # noqa: E402
from ur5_rl_monitor.status import Level  # noqa: E402

pytestmark = pytest.mark.graph
NEVER = '-p view_period_s:=60.0'  # the test looks


@pytest.fixture
def graph():
    """Makes a node with parameters, and one that plays all others."""
    made = []

    def make(kind, *words):
        rclpy.init(args=['--ros-args', *words], domain_id=own_domain())
        made.extend((kind(), rclpy.create_node('others')))
        return made

    yield make
    for node in made:
        node.destroy_node()
    rclpy.try_shutdown()


def wait(condition, again=lambda: None):
    deadline = time.monotonic() + 30.0
    while not condition():
        assert time.monotonic() < deadline
        again()
        time.sleep(0.01)


class Watched:
    """A network view with its surroundings."""

    def __init__(self, graph):
        words = f'{NEVER} -p channels:=3 -p hidden_width:=16'.split()
        self.node, others = graph(NetworkViewNode, *words)
        self.images, self.weights = (
            topic.publisher(others) for topic in (topics.IMAGE, topics.POLICY_WEIGHTS)
        )
        self.others, self.seen, self.version = others, [], 0
        wait(lambda: self.images.get_subscription_count() and self.weights.get_subscription_count())

    def watch(self):
        self._subscription = topics.NETWORK_VIEW.subscription(self.others, self.seen.append)
        wait(lambda: self.node._pictures.get_subscription_count())

    def film(self, frames):
        """Publishes frames until something is drawn or refused, and returns the newest picture."""
        before = self.node._drawn, sum(self.node._refused.values())

        def again():
            for frame in frames:
                self.images.publish(messages.msg_from_image(frame, 5_000_000_000, 'camera_optical_frame'))
                time.sleep(0.01)
            self.node._look()

        wait(lambda: (self.node._drawn, sum(self.node._refused.values())) != before, again)
        count = len(self.seen) + 1
        if self.node._drawn > before[0]:
            wait(lambda: len(self.seen) >= count, lambda: rclpy.spin_once(self.others, timeout_sec=0.1))
        return messages.image_from_msg(self.seen[-1]) if self.seen else None

    def send(self, state):
        """Publishes weights and lets the node take them."""
        self.version += 1
        taken = self.node._refused.get('weights', 0), self.node._view._told
        self.weights.publish(
            msg.PolicyWeights(
                version=self.version,
                updates=9,
                safetensors=messages.bytes_field(np.frombuffer(weights_to_bytes(state), np.uint8)),
            )
        )
        wait(lambda: (self.node._refused.get('weights', 0), self.node._view._told) != taken, self.node._look)


def test_the_network_view_draws_what_it_gets_and_goes_on_after_what_it_cannot_use(graph, capsys):
    watched = Watched(graph)
    frames = pictures({BLUE: (2 + 15, 1 + 15)})
    for frame in frames:
        watched.images.publish(messages.msg_from_image(frame, 5_000_000_000, 'camera_optical_frame'))
    watched.node._look()
    assert watched.node._drawn == 0  # nobody watches
    watched.watch()
    first = watched.film(frames)
    assert first.shape == (4 * 90 + BAR, 4 * 160, 3) and not (first == POSITION).all(axis=-1).any()
    assert watched.seen[-1].header.frame_id == 'camera_optical_frame'
    assert watched.seen[-1].header.stamp.sec == 5

    spoilt = weights() | {'encoder.frames.bias': np.zeros(7, np.float32)}
    watched.send(spoilt)
    watched.send(spoilt)
    said = capsys.readouterr().err
    assert said.count('\n') == 1 and 'weights refused' in said and 'version 1' in said and '(7,)' in said
    assert not (watched.film(frames) == POSITION).all(axis=-1).any()

    watched.send(weights())
    assert (watched.film(frames) == POSITION).all(axis=-1).any()
    watched.film(pictures({}, 180, 320))
    watched.film(pictures({}, 180, 320))
    said = capsys.readouterr().err
    assert said.count('\n') == 1 and 'camera image is 320x180, expected is 160x90' in said
    assert (watched.film(frames) == POSITION).all(axis=-1).any()

    watched.send(spoilt)
    assert 'weights refused' in capsys.readouterr().err  # they were good in between
    watched.node.destroy_node()
    assert '3 times weights refused, 2 times images refused' in capsys.readouterr().out


def test_images_that_come_one_by_one_between_two_looks_are_drawn_too(graph):
    watched = Watched(graph)
    watched.watch()
    picture = watched.film(pictures({})[:1])
    assert picture.shape == (4 * 90 + BAR, 4 * 160, 3)


def test_the_markers_go_on_after_what_they_cannot_draw(graph):
    node, others = graph(SceneMarkers)
    joints, infos = (topic.publisher(others) for topic in (topics.JOINT_STATES, topics.CAMERA_INFO))
    wait(lambda: joints.get_subscription_count() and infos.get_subscription_count())
    drawn = []
    node._static.publish = drawn.append
    state = topics.JOINT_STATES.type(name=JOINT_NAMES, velocity=[0.0] * 6)

    def send(angle, stamp, focal):
        """Until the node has taken it."""
        state.position, state.header.stamp.sec = [angle] * 6, stamp
        info = pinhole_info(90, 160, 60.0)
        info.k[0] *= focal
        joints.publish(state)
        infos.publish(info)
        time.sleep(0.02)
        node._look(node._moves)
        node._draw_standing()

    for _ in range(10):
        send(float('nan'), 1, 0.0)
    assert {marker.ns for marker in drawn[-1].markers} == {'box'} and not node._scenery._trace.places
    wait(lambda: len(drawn[-1].markers) == 2 and node._scenery._trace.places, lambda: send(0.1, 2, 1.0))
    assert {marker.ns for marker in drawn[-1].markers} == {'box', 'camera_view'}


def test_the_levels_are_those_of_the_message():
    assert {level.name: bytes([level]) for level in Level} == {
        name: getattr(DiagnosticStatus, name) for name in ('OK', 'WARN', 'ERROR', 'STALE')
    }


def test_the_diagnostics_hear_every_status_of_the_graph(graph, tmp_path):
    words = f'-r __ns:=/lab/robot_1 -p run_folder:={tmp_path} -p robot_ip:=192.0.2.1'.split()
    node, others = graph(DiagnosticsNode, *words)
    inside = rclpy.create_node('inside', namespace='/lab/robot_1')
    told = []
    subscription = topics.DIAGNOSTICS.subscription(others, told.append)
    said = [
        (topics.ARM_STATUS, msg.ArmStatus(state=4, text='protective stop; unlock', watchdog_trips=3)),
        (topics.CAMERA_INFO, topics.CAMERA_INFO.type()),
        (topics.CYCLE_TIMING, msg.CycleTiming(episode=1, step=2, cycle_ms=40.0)),
        (topics.EPISODE, msg.Episode(steps=100, stale_images=1)),
        (topics.BUFFER_STATUS, msg.BufferStatus(transitions=7, capacity=100)),
        (
            topics.LEARNER_STATUS,
            msg.LearnerStatus(updates=5, metric_names=['q_mean'], metric_values=[float('nan')]),
        ),
        (topics.MINI_BATCH_DONE, msg.MiniBatchDone(wants=msg.MiniBatchDone.DATA)),
        (topics.SPANS, msg.Spans(component='actor', dropped=2)),
        (
            topics.LOSSES,
            DiagnosticStatus(name='actor', values=[KeyValue(key='observations unanswered', value='6')]),
        ),
    ]
    publishers = [(topic.publisher(inside), message) for topic, message in said]
    wait(lambda: all(publisher.get_subscription_count() for publisher, _ in publishers))
    wait(lambda: node._publisher.get_subscription_count())

    def again():
        for publisher, message in publishers:
            publisher.publish(message)
        node._tell()
        rclpy.spin_once(others, timeout_sec=0.1)

    def shown():
        return {status.name: status for status in told[-1].status} if told else {}

    def complete():
        return shown() and all(status.level != DiagnosticStatus.STALE for status in shown().values())

    wait(complete, again)
    statuses = {name.removeprefix('lab/robot_1/'): status for name, status in shown().items()}
    assert statuses['arm_driver: arm'].level == DiagnosticStatus.ERROR
    assert statuses['arm_driver: arm'].message == 'protective stop; unlock'
    assert statuses['arm_driver: arm'].hardware_id == 'ur5 192.0.2.1'
    assert 'q_mean not finite' in statuses['learner: learner'].message
    assert 'shared memory' in statuses['buffer_sampler: sampler'].message
    values = {(name, pair.key): pair.value for name, status in statuses.items() for pair in status.values}
    assert values['arm_driver: arm', 'watchdog_trips'] == '3'
    assert values['buffer_sampler: sampler', 'transitions'] == '7'
    assert values['environment: action cycle', 'actor: observations unanswered'] == '6'
    assert values['environment: action cycle', 'last episode: steps'] == '100'
    assert values['run_recorder: recorder', 'spans dropped by actor'] == '2'
    inside.destroy_node()
    others.destroy_subscription(subscription)


def test_the_diagnostics_of_a_bag_go_by_its_time(graph):
    node, others = graph(DiagnosticsNode, '-p', 'use_sim_time:=true')
    told, now = [], iter([0.0, 100.0, 101.0, 40.0])
    node._publisher.publish = told.append
    node._now_s = lambda: next(now)
    publisher = topics.ARM_STATUS.publisher(others)

    def arm():
        return next(status for status in told[-1].status if status.name == 'arm_driver: arm')

    node._tell()
    assert not told  # the time of the bag is not known yet
    wait(publisher.get_subscription_count)
    publisher.publish(msg.ArmStatus(text='well'))
    publisher.wait_for_all_acked()
    node._tell()
    assert told[-1].header.stamp.sec == 100 and arm().level != DiagnosticStatus.STALE
    node._tell()
    assert arm().level != DiagnosticStatus.STALE
    node._tell()  # the bag has begun again, and nothing was heard since
    assert told[-1].header.stamp.sec == 40 and arm().level == DiagnosticStatus.STALE
