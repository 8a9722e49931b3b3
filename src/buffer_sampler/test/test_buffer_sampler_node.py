"""The shell, with an actor and a learner of the test's own, all in one thread (serving: test_serving.py)."""

import array
import re
import time
from contextlib import suppress

import numpy as np
import pytest
from own_domain import own_domain

rclpy = pytest.importorskip('rclpy')
msg = pytest.importorskip('ur5_rl_interfaces.msg')

from rclpy.executors import SingleThreadedExecutor, TimeoutException  # noqa: E402
from rclpy.node import Node  # noqa: E402
from rclpy.parameter import Parameter  # noqa: E402
from std_srvs.srv import Trigger  # noqa: E402

from buffer_sampler.slots import MiniBatchReader  # noqa: E402
from ur5_rl_graph import topics  # noqa: E402
from ur5_rl_graph.data import ANY_STEP  # noqa: E402
from ur5_rl_graph.messages import msg_from_transition  # noqa: E402
from ur5_rl_interfaces.msg import MiniBatchDone  # noqa: E402

pytestmark = pytest.mark.graph
START = 5  # random steps
PARAMETERS = {
    'capacity': 100,
    'random_steps': START,
    'batch_size': 4,
    'observation_height': 9,
    'observation_width': 16,
    'crop_height': 8,
    'crop_width': 12,
    'slots': 3,
}


class Graph:
    """One sampler at a time, and a learner that answers when the test wants it to."""

    def __init__(self, folder):
        self.folder = folder
        self.executor = SingleThreadedExecutor()
        self.peer = Node('peer')
        self.actor = topics.TRANSITION.publisher(self.peer)
        self.done = topics.MINI_BATCH_DONE.publisher(self.peer)
        self.batches, self.status = [], None
        topics.MINI_BATCH.subscription(self.peer, self.batches.append)
        topics.BUFFER_STATUS.subscription(self.peer, self._on_status)
        self.updated_steps = []
        topics.UPDATED_STEP.subscription(self.peer, lambda message: self.updated_steps.append(message.data))
        self.executor.add_node(self.peer)
        self.node = None
        self.start()

    def _on_status(self, message):
        self.status = message

    def start(self):
        from buffer_sampler.nodes.buffer_sampler import BufferSamplerNode

        self.node = BufferSamplerNode()
        self.executor.add_node(self.node)
        self.until(lambda: self.actor.get_subscription_count())

    def stop(self):
        self.executor.remove_node(self.node)
        self.node.destroy_node()
        self.batches.clear()
        self.until(lambda: not self.actor.get_subscription_count())

    def until(self, reached, limit_s=10.0):
        end = time.monotonic() + limit_s
        while not reached():
            assert time.monotonic() < end, 'timed out'
            self.executor.spin_once(timeout_sec=0.05)

    def settle(self):
        """Lets everything that is on its way arrive."""
        with suppress(TimeoutException):
            while True:
                work, *_ = self.executor.wait_for_ready_callbacks(timeout_sec=0.1)
                work()
                work.result()  # raises what it has raised

    def send(self, transitions):
        for transition in transitions:
            self.actor.publish(msg_from_transition(transition))
            steps = self.node._replay.total_steps
            self.until(lambda steps=steps: self.node._replay.total_steps > steps)
        self.settle()

    def say(self, learner_id, batch=None, **fields):
        if batch is not None:
            fields |= {'sampler_id': batch.sampler_id, 'batch_id': batch.batch_id, 'slot': batch.slot}
        self.done.publish(msg.MiniBatchDone(learner_id=learner_id, **fields))
        self.settle()


@pytest.fixture
def graph(tmp_path):
    arguments = ['--ros-args', '-p', f'run_folder:={tmp_path}']
    for name, value in PARAMETERS.items():
        arguments += ['-p', f'{name}:={value}']
    rclpy.init(args=arguments, domain_id=own_domain())
    graph = Graph(tmp_path)
    yield graph
    graph.node.destroy_node()
    graph.peer.destroy_node()
    rclpy.shutdown()


def test_what_a_message_names_is_what_was_stored(graph, experience):
    transitions = {t.reward: t for t in experience.run(START + 3)}
    graph.send(transitions.values())
    graph.say(7)
    batch = graph.batches[0]
    assert len(batch.data) == 0
    arrays = MiniBatchReader().read(batch)
    for b in range(4):
        transition = transitions[float(arrays.reward[b])]
        np.testing.assert_array_equal(arrays.proprio[:, b], transition.proprio)
        image = experience.pixels(transition.frame_ids[1, 2])
        patches = [image[y : y + 8, x : x + 12] for y in range(2) for x in range(5)]
        assert any((patch == arrays.images[1, b, 2]).all() for patch in patches)


def test_a_learner_without_access_gets_the_data_in_full(graph, experience):
    graph.send(experience.run(START + 6))
    graph.say(7)
    graph.say(7, graph.batches[-1], wants=MiniBatchDone.DATA)
    full = graph.batches[-1]
    assert (full.memory, full.memory_token) == ('', 0)
    arrays = MiniBatchReader().read(full)
    slot = graph.node._serving.pool._slots[full.slot].views
    for part, expected in zip(arrays, slot, strict=True):
        np.testing.assert_array_equal(part, expected)


def test_a_restarted_sampler_goes_on(graph, experience):
    graph.send(experience.run(START + 8))
    graph.say(7)
    graph.say(7, graph.batches[0], updates=1)
    first = graph.batches[0]
    graph.stop()
    graph.start()
    graph.until(lambda: len(graph.batches) == 3)  # it finds the learner by its latched word
    assert graph.batches[0].sampler_id != first.sampler_id
    assert graph.batches[0].total_steps == START + 8
    assert graph.node._serving._updates == 1
    assert len(graph.node._replay) == START + 8


def test_the_rate_can_be_set_while_running(graph, experience):
    graph.send(experience.run(START + 1))
    graph.say(7)
    graph.say(7, graph.batches[-1], updates=1)
    assert len(graph.batches) == 1
    result = graph.node.set_parameters([Parameter('updates_per_step', value=-1.0)])[0]
    assert not result.successful
    assert graph.node.set_parameters([Parameter('updates_per_step', value=0.0)])[0].successful
    graph.settle()
    assert len(graph.batches) == 4
    assert not graph.node.set_parameters([Parameter('capacity', value=200)])[0].successful


def test_what_cannot_be_stored_is_counted_and_the_rest_goes_on(graph, experience, capfd):
    transitions = list(experience.run(6))
    wrong = msg_from_transition(transitions[0])
    wrong.new_frames = array.array('B', [0] * 10)
    graph.actor.publish(wrong)
    graph.until(lambda: graph.node._replay.total_steps == 1)
    graph.send([transitions[1], *experience.run(3)])
    graph.until(lambda: graph.status is not None and graph.status.total_steps == 5)
    # One is malformed, the next lacks its frames, and four never came.
    assert (graph.status.transitions, graph.status.transitions_lost) == (3, 2 + 4)
    told = re.findall(r'(\d+) transitions not stored', capfd.readouterr().out)
    assert sum(map(int, told)) == 6  # a second may end between them


def test_save_answers_with_what_is_on_the_disk(graph, experience):
    graph.send(experience.run(4))
    client = topics.SAVE_BUFFER.client(graph.peer)
    graph.until(client.service_is_ready)
    answer = client.call_async(Trigger.Request())
    graph.until(answer.done)
    assert answer.result().success
    assert answer.result().message == '4 transitions are on the disk'


def test_the_governor_can_be_set_while_running_and_the_actor_hears_of_it(graph, experience):
    graph.until(lambda: graph.updated_steps)
    graph.send(experience.run(START))
    graph.say(7)
    assert graph.updated_steps == [ANY_STEP]
    for governor, step in (('exactly', START), ('at_most', ANY_STEP)):
        assert graph.node.set_parameters([Parameter('governor', value=governor)])[0].successful
        graph.settle()
        assert graph.updated_steps[-1] == step
