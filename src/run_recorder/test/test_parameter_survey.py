"""Who is asked for parameters, how often, and that no client stays."""

from pathlib import Path

import pytest

rclpy_parameter = pytest.importorskip('rclpy.parameter')
from rcl_interfaces.srv import GetParameters, ListParameters  # noqa: E402

from run_recorder.parameter_survey import PATIENCE_S, ParameterSurvey  # noqa: E402
from ur5_rl_graph.declared import NODES  # noqa: E402

SOURCES = Path(__file__).resolve().parents[2]


class Future:
    def __init__(self):
        self.callbacks = []

    def add_done_callback(self, callback):
        self.callbacks.append(callback)

    def answer(self, response):
        self._response = response
        for callback in self.callbacks:
            callback(self)

    def result(self):
        return self._response


class Client:
    def __init__(self, node, kind, name):
        self._node, self.kind, self.name, self.futures = node, kind, name, []

    def service_is_ready(self):
        return self.name.rpartition('/')[0] in self._node.ready

    def call_async(self, request):
        assert self in self._node.clients, 'a call through a client that was freed'
        self.futures.append(Future())
        return self.futures[-1]


class Node:
    """A graph of which every answer is given by hand."""

    def __init__(self, *names, namespace='/'):
        self.names, self.namespace = list(names), namespace
        self.ready, self.clients, self.made = set(), [], []

    def get_namespace(self):
        return self.namespace

    def get_node_names_and_namespaces(self):
        return self.names

    def create_client(self, kind, name):
        self.clients.append(Client(self, kind, name))
        self.made.append(name)
        return self.clients[-1]

    def destroy_client(self, client):
        self.clients.remove(client)

    def answer_all(self, **values):
        for client in list(self.clients):
            while client.futures:
                response = client.kind.Response()
                if client.kind is ListParameters:
                    response.result.names = list(values)
                else:
                    assert client.kind is GetParameters
                    response.values = [
                        rclpy_parameter.Parameter(name, value=values[name]).get_parameter_value()
                        for name in sorted(values)
                    ]
                client.futures.pop().answer(response)


def survey(node):
    found, now = {}, [0.0]
    asks = ParameterSurvey(node, found.__setitem__, lambda: now[0])
    return asks, found, now


def test_a_node_is_asked_once_and_its_clients_are_freed():
    node = Node(('actor', '/'))
    asks, found, _ = survey(node)
    asks.step()
    assert not found and len(node.clients) == 2
    node.ready.add('/actor')
    asks.step()
    node.answer_all(seed=3, home=[1.0, 2.0])
    node.answer_all(seed=3, home=[1.0, 2.0])
    assert found == {'/actor': {'home': [1.0, 2.0], 'seed': 3}}
    for _ in range(3):
        asks.step()
    assert node.clients == [] and len(node.made) == 2


def test_who_has_not_answered_is_named():
    node = Node(('learner', '/'), ('actor', '/'), ('rqt_plot', '/'))
    asks, _, _ = survey(node)
    assert asks.silent == []
    asks.step()
    assert asks.silent == ['/actor', '/learner']
    node.ready.add('/actor')
    asks.step()
    node.answer_all(seed=3)
    node.answer_all(seed=3)
    assert asks.silent == ['/learner']


def test_others_are_never_asked():
    node = Node(
        ('_ros2cli_daemon_0_1f', '/r'),
        ('rqt_plot', '/r'),
        ('actor', '/other'),
        ('actor', '/'),
        namespace='/r',
    )
    asks, _, _ = survey(node)
    for _ in range(100):
        asks.step()
    assert node.made == []


def test_a_node_that_never_answers_holds_two_clients_at_most():
    node = Node(('actor', '/r'), ('learner', '/r'), namespace='/r')
    node.ready.add('/r/learner')  # it takes the question; the other one is not even ready
    asks, found, now = survey(node)
    for second in range(100):
        now[0] = float(second)
        asks.step()
        assert len(node.clients) == 4
        assert sum(len(client.futures) for client in node.clients) == 1, 'asked once, the other not yet'
    assert len(node.made) <= 4 * (100 / PATIENCE_S + 1)
    node.names.clear()  # both are gone
    now[0] += PATIENCE_S + 1
    asks.step()
    assert node.clients == [] and not found


def test_an_answer_that_comes_after_its_client_was_freed_is_dropped():
    node = Node(('actor', '/'))
    node.ready.add('/actor')
    asks, found, now = survey(node)
    asks.step()
    (late,) = (client.futures[0] for client in node.clients if client.futures)
    now[0] = PATIENCE_S + 1
    node.names.clear()
    asks.step()
    late.answer(ListParameters.Response())
    assert not found


def test_every_node_of_the_packages_has_its_name_in_the_list():
    files = {path.stem for path in SOURCES.glob('*/*/nodes/*.py')} - {'__init__'}
    assert files == set(NODES)
