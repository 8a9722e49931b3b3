"""What raw subscriptions give: the order of coming, and what has not come."""

import sys
from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy')
from contextlib import nullcontext

from rclpy._rclpy_pybind11 import RCLError
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Float32, String

from ur5_rl_bags import qos
from ur5_rl_bags.listening import DEPTH, Listening
from ur5_rl_bags.selection import FOR_REPLAY, PARAMETER_EVENTS, selected
from ur5_rl_graph import topics
from ur5_rl_graph.topics import Topic


class Handle(nullcontext):
    def __init__(self):
        super().__init__()
        self.waiting = []

    def take_message(self, kind, raw):
        assert raw
        return self.waiting.pop(0) if self.waiting else None


class FakeNode:
    """A node as far as it is needed: subscriptions, and who publishes."""

    def __init__(self):
        self.made, self.publishers = {}, {}

    def create_subscription(self, kind, name, callback, profile, **words):
        assert words['raw']
        full = '/' + name.lstrip('/')
        self.made[full] = SimpleNamespace(msg_type=kind, topic_name=full, handle=Handle(), profile=profile)
        return self.made[full]

    def get_publishers_info_by_topic(self, name):
        if self.publishers is None:
            raise RCLError('context is invalid')
        return self.publishers.get(name, [])

    def come(self, name, time_ns, number=None, data=b'x', sent_ns=None):
        info = {
            'received_timestamp': time_ns,
            'source_timestamp': sent_ns,
            'publication_sequence_number': number,
        }
        self.made[name].handle.waiting.append((data, info))


def publisher(profile=None):
    return SimpleNamespace(qos_profile=profile or QoSProfile(depth=1), topic_type_hash='RIHS01_x')


@pytest.fixture
def heard():
    node, lost = FakeNode(), []
    listening = Listening(node, lambda topic, count: lost.append((topic, count)))
    for name in ('a', 'b'):
        listening.subscribe(name, String, topics.LATCHED)
    return SimpleNamespace(node=node, listening=listening, lost=lost)


def times(messages):
    return [(message.topic, message.receive_time_ns) for message in messages]


def test_a_subscription_asks_for_what_is_offered_and_keeps_much(heard):
    profile = heard.node.made['/a'].profile
    assert profile.reliability == ReliabilityPolicy.RELIABLE and profile.depth == DEPTH
    assert profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
    assert heard.listening.topics == ['/a', '/b']


def test_messages_come_in_order_and_what_comes_meanwhile_waits_once(heard):
    heard.node.come('/a', 30, sent_ns=29)
    heard.node.come('/b', 10)
    heard.node.come('/b', 101)
    first = heard.listening.take(100)
    assert times(first) == [('/b', 10), ('/a', 30)]
    assert [message.publish_time_ns for message in first] == [10, 29], 'unknown is as received'
    heard.node.come('/a', 99)
    heard.node.come('/a', 201)
    assert times(heard.listening.take(200)) == [('/a', 99), ('/b', 101)]
    assert times(heard.listening.take(150)) == [('/a', 201)], (
        'a clock that was set back holds nothing for ever'
    )
    heard.node.come('/a', sys.maxsize)
    assert times(heard.listening.rest()) == [('/a', sys.maxsize)]


def test_a_time_that_the_middleware_does_not_know_is_now(heard):
    heard.node.come('/a', 0)
    (message,) = heard.listening.take(70)
    assert (message.receive_time_ns, message.publish_time_ns) == (70, 70)


def test_a_step_in_the_numbers_of_the_only_publisher_is_a_loss(heard):
    heard.node.publishers['/a'] = [publisher()]
    for number in (7, 8, 12, 13, 1, 2, 4):  # it was started again
        heard.node.come('/a', 1, number)
    heard.listening.take(5)
    assert heard.lost == [('/a', 3), ('/a', 1)]


@pytest.mark.parametrize('publishers', [{}, {'/a': [publisher(), publisher()]}, None])
def test_with_several_publishers_or_without_ros_nothing_is_known_of_losses(heard, publishers):
    heard.node.publishers = publishers
    for number in (7, 12):
        heard.node.come('/a', 1, number)
    assert len(heard.listening.take(5)) == 2 and heard.lost == []


def test_a_publisher_that_comes_and_goes_makes_no_loss_and_hides_none(heard):
    node, own = heard.node, publisher()
    for present, numbers in (
        ([own], (900, 901)),
        ([own, publisher()], (1, 902, 2, 903, 3)),  # a bag is played
        ([own], (904, 907)),
    ):
        node.publishers['/a'] = present
        for number in numbers:
            node.come('/a', 1, number)
        heard.listening.take(5)
    assert heard.lost == [('/a', 2)]


def test_a_topic_is_described_by_what_its_publishers_offer(heard):
    sensor = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
    entry = heard.listening.entry('/a', sensor)
    assert (entry.offered, entry.type_hash) == ([qos.described(sensor)], '') and not heard.listening.entry(
        '/a'
    ).offered
    heard.node.publishers['/a'] = [publisher(), publisher(sensor)]
    entry = heard.listening.entry('/a', sensor)
    assert [profile['reliability'] for profile in entry.offered] == ['reliable', 'best_effort']
    assert (entry.name, entry.type, entry.type_hash) == ('/a', 'std_msgs/msg/String', 'RIHS01_x')


def test_what_is_recorded_is_named_and_everything_else_only_with_all():
    journal = Topic('environment/journal', String, topics.STREAM)
    names = [topic.name for topic in selected('true', (*topics.TOPICS, journal))]
    assert 'environment/journal' in names and names[-1] == PARAMETER_EVENTS.name == '/parameter_events'
    left_out = {topic.name for topic in topics.TOPICS} - set(names)
    assert left_out >= {'observation', 'mini_batch', 'mini_batch_done', 'policy_weights'}
    assert not left_out & {'camera/image_raw', 'joint_states', 'transition', 'action', 'arm/status', 'target'}
    assert not {topic.name for topic in topics.TOPICS if topic.type is Float32} & left_out, 'for rqt_plot'
    assert [topic.name for topic in selected('all')] == [
        *(t.name for t in topics.TOPICS),
        '/parameter_events',
    ]
    assert len(set(FOR_REPLAY)) == len(FOR_REPLAY)
