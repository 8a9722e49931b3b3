"""When the stand-in's lists count as complete."""

import sys
from pathlib import Path

import pytest
from own_domain import own_domain

sys.path.insert(0, str(Path(__file__).parent))
from standin_process import import_stand_in

discovery = import_stand_in('ros2_standin_cli.discovery')
graph = import_stand_in('ros2_standin_cli.graph')

UDP = """   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
  1: 00000000:{:04X} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0 0
"""


@pytest.mark.parametrize(
    ('port', 'domain', 'counts'),
    [
        (7410, 0, 1),
        (7411, 0, 0),  # of the same participant, for data
        (7400, 0, 0),  # multicast, shared by all
        (27410, 80, 1),
        (27410 + 238, 80, 1),
        (27410 + 240, 80, 0),
        (27410, 79, 0),
        (27410, 81, 0),
    ],
)
def test_a_participant_is_a_port_for_discovery(tmp_path, port, domain, counts):
    table = tmp_path / 'udp'
    table.write_text(UDP.format(port))
    assert discovery.participants_here(domain, [table, tmp_path / 'udp6']) == counts
    assert discovery.participants_here(domain, [table, table]) == counts, 'IPv4 and IPv6 of one are one'


class EndPoint:
    def __init__(self, node_name):
        self.node_name = node_name


class Graph:
    """A node whose every poll finds what the next of the given states has; the last one stays.

    A state: (participants found, names of nodes, names of the nodes of a topic's end points, services).
    """

    context = property(lambda self: self)

    def __init__(self, *states):
        self.states, self.polls = list(states), 0

    def get_domain_id(self):
        return 80

    def get_node_names_and_namespaces(self):
        self.polls += 1
        self.state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return [(name, '/') for name in self.state[1]]

    def get_topic_names_and_types(self):
        return [('/t', ['p/T'])]

    def get_service_names_and_types(self):
        return [(name, ['p/S']) for name in self.state[3]]

    def get_publishers_info_by_topic(self, topic, no_mangle=False):
        assert no_mangle == (topic == 'ros_discovery_info')
        return [EndPoint('')] * self.state[0] if no_mangle else [EndPoint(name) for name in self.state[2]]

    def get_subscriptions_info_by_topic(self, topic):
        return []


UNKNOWN = '_NODE_NAME_UNKNOWN_'
ALONE = (1, ['_ros2_1'], [], [])
HALF = (2, ['_ros2_1', 'a'], ['a'], ['s'])
NAMELESS = (3, ['_ros2_1', 'a'], ['a', UNKNOWN], ['s'])
WHOLE = (3, ['_ros2_1', 'a', 'b'], ['a', 'b'], ['s'])
LONGER = (3, ['_ros2_1', 'a', 'b'], ['a', 'b'], ['s', 'u'])


def settled(graph, here=3):
    slept = []
    return discovery.settle(graph, lambda domain: here if domain == 80 else 0, slept.append), sum(slept)


@pytest.mark.parametrize('pause', [ALONE, HALF, NAMELESS])
def test_a_pause_is_no_end_while_somebody_is_missing(pause):
    graph = Graph(*[pause] * 100, WHOLE)  # 5 s
    missing, slept_s = settled(graph)
    assert missing == '' and graph.state == WHOLE
    assert slept_s == pytest.approx(5.0 + 0.6)


def test_what_changes_goes_on():
    graph = Graph(*[WHOLE] * 10, LONGER)
    assert settled(graph)[0] == '' and graph.state == LONGER


@pytest.mark.parametrize(
    ('state', 'sentence'),
    [
        (HALF, '1 of 3 programs of this host (domain 80) not found in 10 s'),
        (NAMELESS, 'the nodes of 1 end points not found in 10 s'),
        (
            (2, *NAMELESS[1:]),
            '1 of 3 programs of this host (domain 80) and the nodes of 1 end points not found in 10 s',
        ),
    ],
)
def test_who_never_answers_is_named_after_ten_seconds_and_the_command_fails(
    state, sentence, monkeypatch, capsys
):
    assert settled(Graph(state)) == (sentence, pytest.approx(10.0))
    monkeypatch.setattr(graph.discovery, 'settle', lambda node: sentence)
    assert graph.settle(Graph(state)) == 1
    assert capsys.readouterr().err == f'WARNING: {sentence}: what is printed may be incomplete\n'


def test_a_whole_graph_is_a_success(monkeypatch, capsys):
    monkeypatch.setattr(graph.discovery, 'settle', lambda node: '')
    assert graph.settle(None) == 0 and capsys.readouterr().err == ''


@pytest.mark.parametrize(('discovery_range', 'wait_s'), [('LOCALHOST', 0.6), ('SUBNET', 4.0), (None, 4.0)])
def test_nobody_is_waited_for_longer_where_other_hosts_may_be(monkeypatch, discovery_range, wait_s):
    monkeypatch.delenv('ROS_AUTOMATIC_DISCOVERY_RANGE', raising=False)
    if discovery_range:
        monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', discovery_range)
    assert settled(Graph(ALONE), here=1) == ('', pytest.approx(wait_s))
    assert settled(Graph(WHOLE)) == ('', pytest.approx(0.6))


def test_those_of_other_hosts_and_ports_that_cannot_be_read_keep_nobody_waiting():
    assert settled(Graph(WHOLE), here=0) == ('', pytest.approx(0.6))


def test_a_command_that_sigterm_ends_between_two_calls_is_interrupted_not_broken(monkeypatch):
    rclpy = pytest.importorskip('rclpy')
    monkeypatch.setenv('ROS_DOMAIN_ID', str(own_domain()))
    with pytest.raises(KeyboardInterrupt), graph.command_node() as node:
        rclpy.shutdown()  # as the handler of SIGTERM does
        node.get_publishers_info_by_topic('/x')
    with pytest.raises(rclpy._rclpy_pybind11.RCLError), graph.command_node() as node:
        raise rclpy._rclpy_pybind11.RCLError('a fault of its own')
