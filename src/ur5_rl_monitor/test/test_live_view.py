"""The node that shows a run: it hears what is said, nobody waits for it, and it ends with its server."""

import sys
import time
from pathlib import Path

import pytest
from own_domain import own_domain

rclpy = pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from rclpy.qos import ReliabilityPolicy  # noqa: E402
from std_msgs.msg import Float32, String  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
from fake_sink import FakeSink  # noqa: E402

from ur5_rl_graph import topics  # noqa: E402
from ur5_rl_interfaces import msg  # noqa: E402
from ur5_rl_monitor.at_a_glance import lacking  # noqa: E402
from ur5_rl_monitor.nodes import live_view  # noqa: E402
from ur5_rl_monitor.sights import Line, Robot  # noqa: E402
from ur5_rl_monitor.watching import WATCHED  # noqa: E402

pytestmark = pytest.mark.graph
MAY_WAIT = {'/robot_description', '/monitor/network_view'}
"""Of publishers that say a thing once, or have nothing else to do than to draw."""


class FakeView:
    def __init__(self, config, live):
        assert live and not config.browser
        self.sink, self.ended, self.closed = FakeSink(), False, False

    def close(self):
        self.closed = True


@pytest.fixture
def graph(monkeypatch):
    """The node, and one that plays all others."""
    monkeypatch.setattr(live_view, 'View', FakeView)
    monkeypatch.setattr(live_view.os, 'nice', lambda by: by)
    rclpy.init(domain_id=own_domain())
    made = [live_view.LiveView(), rclpy.create_node('environment')]
    yield made
    for node in made:
        node.destroy_node()
    rclpy.try_shutdown()


def wait(condition, again=lambda: None):
    deadline = time.monotonic() + 30.0
    while not condition():
        assert time.monotonic() < deadline
        again()
        time.sleep(0.01)


def test_it_shows_what_it_hears_and_ends_with_its_server(graph, capsys):
    node, others = graph
    sink = node._view.sink
    description = topics.ROBOT_DESCRIPTION.publisher(others)
    description.publish(String(data='<robot/>'))
    rewards, cycles = (topic.publisher(others) for topic in (topics.MONITOR_REWARD, topics.CYCLE_TIMING))

    def say():
        rewards.publish(Float32(data=2.5))
        cycles.publish(msg.CycleTiming(cycle_ms=40.0))
        node._look()
        node._tell_what_is_lacking()

    wait(lambda: {'reward/reward', 'cycle/cycle'} <= sink.points.keys() and sink.of(Robot), say)
    assert sink.of(Robot) == [Robot('<robot/>')], 'said before it began to listen'
    wait(lambda: [line.text for line in sink.of(Line) if line.source == 'monitor'], say)
    node._view.ended = True
    with pytest.raises(SystemExit) as end:
        node._look()
    assert end.value.code == 1
    node.destroy_node()
    assert node._view.closed and 'messages shown' in capsys.readouterr().out


def test_no_publisher_waits_for_it(graph):
    node, _ = graph
    wait(lambda: len(node.get_subscriptions_info_by_topic('/cycle_timing')) == 1)
    assert len(node._topics) == len(WATCHED)
    for name in node._topics:
        (asked,) = {info.qos_profile.reliability for info in node.get_subscriptions_info_by_topic(name)}
        assert (asked == ReliabilityPolicy.RELIABLE) == (name in MAY_WAIT), name


@pytest.mark.parametrize(
    ('nodes', 'sentence'),
    [
        ({'environment', 'scene_markers', 'network_view', 'diagnostics'}, ''),
        ({'scene_markers'}, 'the run has no network_view, no diagnostics: what they show is missing'),
    ],
)
def test_what_a_run_does_not_show_is_said_with_the_remedy(nodes, sentence):
    told = lacking(nodes)
    assert told.startswith(sentence) and ('view:=true' in told) == bool(sentence)
