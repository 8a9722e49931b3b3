"""Actor, sampler and learner of an architecture without a graph: in virtual time, and as nodes on a bus.

Networks are fakes, everything between them is real. `order` is the work in the order in which it was done,
`batches` are what was learned from: whether it came as places, images, rewards.
"""

from collections import deque
from contextlib import ExitStack
from dataclasses import fields
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.opening import open_replay
from buffer_sampler.replay import Replay
from buffer_sampler.sampler import MiniBatchSampler
from buffer_sampler.serving import Serving
from sac_learner.actor_config import ActorConfig
from sac_learner.agent_config import AgentConfig
from sac_learner.frame_mirror import PlacedImages
from ur5_rl_graph.architectures import SHARED_PROCESS
from ur5_rl_graph.data import Observation
from ur5_rl_graph.writing import Writing

NODES = ('actor', 'buffer_sampler', 'learner')
ARCHITECTURES = {  # as config/settings has it
    'seq_sac': {'governor': 'exactly', 'slots': 1, 'weights_period_s': 0.0},
    'async_sac_1': {'governor': 'at_most', 'slots': 1},
    'async_sac_2': {'governor': 'at_most', 'slots': 3},
}
START = 2  # random steps
HEIGHT, WIDTH = 45, 80
PARAMETERS = {
    'random_steps': START,
    'observation_height': HEIGHT,
    'observation_width': WIDTH,
    'crop_height': 42,
    'crop_width': 76,
    'batch_size': 2,
    'capacity': 100,
    'updates_per_step': 1.0,
    'weights_period_s': 0.0,
    'device': 'cpu',
}


class FakePolicy:
    """Acts with the number of updates of its weights."""

    def __init__(self, config):
        self.config, self._value = config, 0.0

    def load(self, arrays):
        self._value = float(arrays['updates'][0])

    def act(self, frames, proprio, rng):
        return np.full(5, self._value, np.float32)


class Composition:
    """What both have in common: observations go in one after the other, everything settles in between."""

    def __init__(self, architecture, folder, **changes):
        self.parameters = PARAMETERS | ARCHITECTURES[architecture] | {'run_folder': str(folder)} | changes
        self.order, self.actions, self.batches = [], [], []
        self.loses_transitions = False
        self.learner_begins_at = 0  # updates of the checkpoint that a learner goes on from
        self.total = 0
        self._ends = ExitStack()
        self._note(Replay, 'append', 'store')
        self._note(MiniBatchSampler, 'sample_into', 'sample')

    def _note(self, kind, method, name):
        original = getattr(kind, method)

        def noted(this, argument):
            self.order.append(name)
            return original(this, argument)

        self._ends.enter_context(patch.object(kind, method, noted))

    def make_learner(self, *_):
        """A learner that counts."""
        learner = SimpleNamespace(updates=self.learner_begins_at, statistics=dict, get_state=dict)
        learner.precision = 'float32'
        learner.prepare = learner.check = _nothing

        def update(batch):
            self.order.append('update')
            placed = isinstance(batch.images, PlacedImages)
            images = batch.images.gather().numpy() if placed else batch.images.copy()
            self.batches.append((placed, images, batch.reward.copy()))
            learner.updates += 1

        learner.update = update
        learner.policy_weights = lambda: {'updates': np.array([learner.updates], np.float32)}
        return learner

    def config(self, kind):
        names = {field.name for field in fields(kind)}
        return kind(**{name: value for name, value in self.parameters.items() if name in names})

    def see(self, step, episode=1, truncated=False):
        """Shows the actor an observation; returns what was done until nothing was left to do, in a line."""
        self.show(step, episode, truncated)
        return self.settle()

    def show(self, step, episode=1, truncated=False):
        """Shows the actor an observation, no more."""
        self.order.clear()
        self.total += step > 0
        stamp = 1_000_000 * (1000 * episode + step)
        rng = np.random.default_rng(stamp)
        self.observe(
            Observation(
                episode=episode,
                step=step,
                total_steps=self.total,
                frames=rng.integers(0, 256, (3, HEIGHT, WIDTH, 3), np.uint8),
                frame_ids=np.array([stamp, stamp + 1_000_000, stamp + 2_000_000], np.int64),
                proprio=np.zeros(15, np.float32),
                executed_action=np.zeros(5, np.float32),
                action_changed=False,
                reward=1.0,
                terminated=False,
                truncated=truncated,
                stamp_ns=stamp,
            )
        )

    def settle(self):
        self.run()
        done = ' '.join(self.order)
        self.order.clear()
        return done

    def explore(self):
        """The random steps; returns the next step."""
        for step in range(START + 1):
            self.see(step)
        return START + 1

    def close(self):
        self._ends.close()


class VirtualComposition(Composition):
    """The processes of virtual time: an update takes 30 ms, sampling 20, an action 2."""

    def __init__(self, architecture, folder, learner=True, **changes):
        from virtual_time.ledger import Ledger
        from virtual_time.process import Process
        from virtual_time.scheduler import Scheduler

        super().__init__(architecture, folder, **changes)
        self.scheduler, self.ledger = Scheduler(), Ledger()
        made = {}
        self.processes = {
            node: made.setdefault('shared' if node in SHARED_PROCESS[architecture] else node, process)
            for node in NODES
            for process in [Process(self.scheduler)]
        }
        self.quiet = SimpleNamespace(add=_nothing, sampling=_nothing, updated=_nothing, learner=_nothing)
        self._make_sampler_and_actor()
        if learner:
            self.start_learner()
        self.run()

    def _make_sampler_and_actor(self):
        from virtual_time.agent import IDENTITY, VirtualActor, VirtualSampler

        config = self.config(BufferSamplerConfig)
        replay, _ = open_replay(config)
        self._ends.callback(replay.close)
        self.serving = Serving(replay, config, IDENTITY, 0.0, Writing())
        process = self.processes['buffer_sampler']
        self.sampler = VirtualSampler(process, self.serving, 0.020, self.quiet, self.quiet, self.ledger)
        policy = FakePolicy(self.config(AgentConfig))
        process = self.processes['actor']
        self.actor = VirtualActor(process, policy, self.config(ActorConfig), 0.002, self.quiet, self.ledger)
        self.actor.on_action = self._on_action
        self.actor.on_transition = self._on_transition
        self.sampler.on_updated_step = self.actor.receive_updated_step

    def start_learner(self):
        from virtual_time.agent import VirtualLearner

        period_s = self.parameters['weights_period_s']
        process = self.processes['learner']
        learner = VirtualLearner(
            process, self.make_learner(), period_s, 0.030, self.quiet, self.quiet, self.ledger
        )
        learner.on_done, learner.on_weights = self.sampler.receive_done, self.actor.receive_weights
        self.sampler.on_mini_batch = learner.receive

    def stop_learner(self):
        """From now on nobody hears of mini-batches."""
        self.sampler.on_mini_batch = None

    def stop_sampler(self):
        """From now on nobody takes transitions."""
        self.actor.on_transition = None

    def _on_action(self, action):
        self.order.append('act')
        self.actions.append(action)

    def _on_transition(self, transition):
        self.order.append('transition')
        if not self.loses_transitions:
            self.sampler.receive(transition)

    def observe(self, observation):
        self.actor.receive(observation)

    def set(self, **parameters):
        process = self.processes['buffer_sampler']
        process.post(lambda: self.sampler._on(self.serving.on_parameters, parameters))
        return self.settle()

    def run(self, seconds=0.9):
        over = []
        self.scheduler.at(self.scheduler.now_ns + round(1e9 * seconds), lambda: over.append(True))
        while not over:
            self.scheduler.step()


class NodeComposition(Composition):
    """The nodes, made by their own constructors, on a bus that delivers a message at a time."""

    def __init__(self, architecture, folder, learner=True, **changes):
        super().__init__(architecture, folder, **changes)
        self.data_of_mini_batches = []  # bytes in each message
        self.is_due = self._between = False  # the next observation, by the actor's reckoning
        self._processes = {}  # executors: what waits to be called
        self._latched, self._subscriptions, self.nodes, self._on_change = {}, [], {}, {}
        self._architecture = architecture
        self._patch()
        self._observe = self._publisher_to('observation')
        for node in NODES:
            if node != 'learner' or learner:
                self.start(node)

    def _patch(self):
        from rclpy.node import Node

        import sac_learner.nodes.actor as actor
        import sac_learner.nodes.learner as learner
        from ur5_rl_graph import parameters

        def patched(thing, **changes):
            for name, value in changes.items():
                self._ends.enter_context(patch.object(thing, name, value))

        patched(
            Node,
            __init__=lambda node, name: setattr(node, 'bus_name', name),
            get_name=lambda node: node.bus_name,
            destroy_node=_nothing,
            create_timer=lambda *_, **__: SimpleNamespace(cancel=_nothing),
            create_service=_nothing,
            create_publisher=lambda node, kind, topic, qos, **_: self._publisher_to(topic, qos),
            create_subscription=lambda node, *values, **further: self._subscribe(node, *values, **further),
            create_guard_condition=lambda node, call: Guard(self._process_of(node.bus_name), call),
        )
        patched(parameters, declare=lambda node, kind: self.config(kind))
        patched(parameters, on_change=lambda node, kind, call: self._on_change.update({node.bus_name: call}))
        patched(actor, Policy=FakePolicy, Beat=lambda: self)
        patched(learner, SacLearner=self.make_learner, CheckpointWriter=_no_writer)

    # of the actor's Beat

    def observed(self, now_s):
        self._between = False

    def ended(self):
        self._between = True

    def due(self, now_s, within_s):
        return self.is_due and not self._between

    def _process_of(self, node):
        shared = node in SHARED_PROCESS[self._architecture]
        return self._processes.setdefault('shared' if shared else node, deque())

    def _publisher_to(self, topic, qos=None):
        latched = qos is not None and qos.durability.name == 'TRANSIENT_LOCAL'

        def publish(message):
            if topic == 'mini_batch':
                self.data_of_mini_batches.append(len(message.data))
            if topic == 'action':
                self.order.append('act')
                self.actions.append(message)
            elif topic == 'transition':
                self.order.append('transition')
            if latched:
                self._latched[topic] = message
            if topic == 'transition' and self.loses_transitions:
                return
            for subscription in self._to(topic):
                subscription.put(message, latched)

        return SimpleNamespace(publish=publish, get_subscription_count=lambda: len(self._to(topic)))

    def _to(self, topic):
        return [subscription for subscription in self._subscriptions if subscription.topic == topic]

    def _subscribe(self, node, kind, topic, callback, qos, raw=False, **_):
        from rclpy.serialization import serialize_message

        take = (lambda message: callback(serialize_message(message))) if raw else callback
        subscription = Subscription(node.bus_name, topic, self._process_of(node.bus_name), take, kind)
        self._subscriptions.append(subscription)
        if topic in self._latched and qos.durability.name == 'TRANSIENT_LOCAL':
            subscription.put(self._latched[topic], True)
        return subscription

    def start(self, node, settle=True):
        from buffer_sampler.nodes.buffer_sampler import BufferSamplerNode
        from sac_learner.nodes.actor import ActorNode
        from sac_learner.nodes.learner import LearnerNode

        kinds = {'actor': ActorNode, 'buffer_sampler': BufferSamplerNode, 'learner': LearnerNode}
        self.nodes[node] = kinds[node]()
        return self.settle() if settle else ''

    def start_learner(self):
        return self.start('learner')

    def publish_weights(self):
        """Has the learner publish its weights out of turn."""
        learner = self.nodes['learner']
        learner._do(learner._learning.publish())
        return self.settle()

    def stop(self, node):
        """Kills a node between two pieces of work."""
        made = self.nodes.pop(node)
        for subscription in [each for each in self._subscriptions if each.node == node]:
            self._subscriptions.remove(subscription)
            subscription.waiting.clear()
        if node == 'buffer_sampler':
            made.destroy_node()  # the lock of its buffer ends with it

    def forget(self, topic):
        """Whoever has latched a message there is gone."""
        self._latched.pop(topic, None)

    def heard_by(self, topic):
        return [subscription.node for subscription in self._to(topic)]

    def stop_learner(self):
        self.stop('learner')

    def stop_sampler(self):
        self.stop('buffer_sampler')

    def observe(self, observation):
        from ur5_rl_graph.messages import msg_from_observation

        self._observe.publish(msg_from_observation(observation))

    def set(self, **parameters):
        self._on_change['buffer_sampler'](parameters)
        return self.settle()

    def turn(self, *processes):
        """One piece of work of each of these processes."""
        for name in processes:
            if self._processes[name]:
                self._processes[name].popleft()()

    def run(self):
        """One process after the other goes on until it has nothing to do."""
        while any(self._processes.values()):
            for process in self._processes.values():
                while process:
                    process.popleft()()

    def close(self):
        for node in self.nodes.values():
            node.destroy_node()
        super().close()


class Guard:
    """A guard condition: however often it is triggered, it is served once."""

    def __init__(self, process, callback):
        self._process, self._callback, self._triggered = process, callback, False

    def trigger(self):
        if not self._triggered:
            self._triggered = True
            self._process.append(self._serve)

    def _serve(self):
        self._triggered = False
        self._callback()


class Subscription:
    """Keeps messages until its process serves them or the node takes them itself (`topics.take`)."""

    def __init__(self, node, topic, process, callback, kind):
        self.node, self.topic, self.msg_type = node, topic, kind
        self._process, self._callback = process, callback
        self.waiting, self.handle = deque(), self

    def put(self, message, newest_only):
        if newest_only:
            self.waiting.clear()
        self.waiting.append(message)
        self._process.append(self._serve)

    def _serve(self):
        if self.waiting:
            self._callback(self.waiting.popleft())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def take_message(self, kind, raw):
        return (self.waiting.popleft(), None) if self.waiting else None


def _nothing(*_, **__):
    pass


def _no_writer(path, setting):
    return SimpleNamespace(
        path=path, written='', refusal='', unwritten=0, busy=True, close=_nothing, begin=_nothing
    )
