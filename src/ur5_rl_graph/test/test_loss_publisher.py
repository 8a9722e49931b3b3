"""What a node has lost goes out under its name, once a second at most where spans go, too."""

from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy')
from ur5_rl_graph import span_publisher, topics
from ur5_rl_graph.loss_publisher import LossPublisher
from ur5_rl_graph.span_publisher import SpanPublisher


@pytest.fixture
def node():
    """A node whose publishers keep what they are given, by topic."""
    sent = {}

    def create_publisher(_, name, *args, **kwargs):
        return SimpleNamespace(publish=sent.setdefault(name, []).append)

    return SimpleNamespace(get_name=lambda: 'actor', create_publisher=create_publisher, sent=sent)


def told(node):
    return [
        (message.name, {pair.key: pair.value for pair in message.values})
        for message in node.sent[topics.LOSSES.name]
    ]


def test_the_counts_of_now_go_out_under_the_name_of_the_node(node):
    counts = {'messages refused': 0, 'updates given up': 2.0}
    publisher = LossPublisher(node, lambda: counts)
    publisher.publish()
    counts['messages refused'] = 3
    publisher.publish()
    assert told(node) == [
        ('actor', {'messages refused': '0', 'updates given up': '2'}),
        ('actor', {'messages refused': '3', 'updates given up': '2'}),
    ]


def test_with_spans_they_go_out_once_a_second_at_most(node, monkeypatch):
    clock = SimpleNamespace(now=10**12)
    monkeypatch.setattr(span_publisher.time, 'perf_counter_ns', lambda: clock.now)
    spans = SpanPublisher(node, lambda: {'lost': 1})
    for milliseconds in (0, 500, 1000, 1001):
        clock.now = 10**12 + milliseconds * 1_000_000
        spans.publish_if_due()
    assert told(node) == [('actor', {'lost': '1'})] * 2


def test_a_node_that_counts_nothing_tells_nothing(node):
    SpanPublisher(node).publish_if_due()
    assert topics.LOSSES.name not in node.sent
