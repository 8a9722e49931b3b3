"""A graph of pure objects on a fake clock, whose messages a recorder that is never late writes down."""

import heapq
import itertools

import numpy as np
from rclpy.serialization import serialize_message
from sensor_msgs.msg import JointState

from sac_learner.adder import Adder
from ur5_rl_bags import definitions, qos
from ur5_rl_bags.bag_contents import Recorded
from ur5_rl_bags.differences import as_received
from ur5_rl_bags.metadata import TopicEntry
from ur5_rl_bags.writer import BagWriter
from ur5_rl_env import events, outputs, wire
from ur5_rl_env.episode_progress import Progress
from ur5_rl_env.executed import Executed
from ur5_rl_env.journaled import Environment
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_env.readiness import ArmState
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import messages, topics
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import JOINT_NAMES, Action
from ur5_rl_graph.writing import Writing
from ur5_rl_interfaces import msg

OF_NAME = {topic.name: topic for topic in topics.TOPICS}
EPOCH_NS = 1_700_000_000_000_000_000
NS = 1_000_000_000
WHITE, RED = (255, 255, 255), (0, 0, 200)


class RecordedWorld:
    """Camera every 40 ms, joints every 8 ms, an actor that answers after some 6 ms.

    Attributes:
        bag: (topic, receive time [ns], message) of all that was published.
        lost: what the recorder misses, as (topic, stamp [ns]).
        deaf: images that the environment misses, in the same way.
        deaf_joints: from when to when it misses joint states [s].
        camera_every_s: time between two images.
        actor_lives: whether anybody answers.
    """

    def __init__(self, *, folder='', seed=0, task=None, config=None, word=None):
        self.now, self.set_ns = 100.0, 0
        self.bag, self.lost, self.deaf = [], set(), set()
        self.task = TaskConfig(
            **{'image_width': 16, 'image_height': 9, 'episode_s': 0.4, 'reset_s': 0.2} | (task or {})
        )
        self.config = LifecycleConfig(**{'run_folder': str(folder), 'seed': 3} | (config or {}))
        self._rng, self._word = np.random.default_rng(seed), word or PersonsWord()
        self._events, self._count, self._joint_queue = [], itertools.count(), []
        self._report, self._reads, self._arm, self._stops = None, 0, (ArmState.READY, ''), 0
        self.environment, self._sessions = None, itertools.count(11)
        self.actor_lives, self._adder = True, Adder()
        self.deaf_joints = (0.0, 0.0)
        self.camera_every_s = 0.040
        self.at(self.now + 0.003, self._capture)
        self.at(self.now + 0.001, self._read_joints)
        self.at(self.now + 0.2, self._look_around)

    # --- time ---

    def at(self, when, event):
        heapq.heappush(self._events, (max(when, self.now), next(self._count), event))

    def _read_clock(self):
        """No reading is like the one before."""
        self._reads += 1
        return self.now + 1e-7 * self._reads

    def stamp_ns(self):
        return EPOCH_NS + self.set_ns + round(self._read_clock() * NS)

    def run(self, seconds):
        end = self.now + seconds
        while True:
            wake = self.environment.lifecycle.wake_at if self.environment else None
            due = self._events[0][0]
            if min(due, due if wake is None else wake) > end:
                self.now = end
                return self
            self._reads = 0
            if wake is not None and wake <= due:
                self.now = max(self.now, wake)
                self._look()
                self._handle(events.Woke())
            else:
                self.now, _, event = heapq.heappop(self._events)
                event()

    def run_to_step(self, k, limit_s=5.0):
        """Goes on until observation k of some episode has gone out."""
        end = self.now + limit_s
        while (episode := self.environment.lifecycle.episode) is None or episode.step != k:
            assert self.now < end, f'observation {k} not reached: {self.environment.lifecycle.state}'
            self.run(0.002)
        return self

    # --- lives ---

    def begin(self):
        """Starts the environment (anew)."""
        clock = Clock(self._read_clock, self.stamp_ns)
        progress = Progress(self.config.run_folder)
        self._commander = {'run': 'a run', 'process': next(self._sessions)}
        self.environment = Environment(self.task, self.config, progress, self._word, self._commander, clock)
        self._joint_queue.clear()
        self.set_arm(*self._arm)
        return self

    def kill(self):
        """What it has noted since its journal was last published is lost."""
        self.environment = None

    def end(self):
        """Returns the bag of a graph that has ended in good order."""
        self._publish_journal()
        return self.bag

    def kill_actor(self):
        self.actor_lives, self._adder = False, Adder()

    def set_arm(self, state, text=''):
        self._stops += state is ArmState.PROTECTIVE_STOP and self._arm[0] is not state
        self._arm = state, text
        self._handle(events.ArmSaid(state, text, self._stops))

    def ask(self, request):
        self._handle(events.Asked(request))
        return self

    def seed(self, seed):
        self._handle(events.Seeded(seed))
        return self

    # --- sensors ---

    def record(self, topic, stamp_ns, message):
        if (topic.name, stamp_ns) not in self.lost:
            received_ns = EPOCH_NS + round(self.now * NS)
            self.bag.append((topic.name, received_ns, as_received(message)))

    def _capture(self):
        self.at(self.now + self.camera_every_s, self._capture)
        pixels = np.full(self.task.image_shape, WHITE, np.uint8)
        pixels[4, self._rng.integers(16)] = RED
        pixels[0, :, 0] = self._rng.integers(200, 255, self.task.image_width)  # no two are alike
        stamp = self.stamp_ns()
        self.at(
            self.now + 0.008 + 0.004 * self._rng.random(),
            lambda: self._see(stamp, messages.msg_from_image(pixels, stamp, 'camera_optical')),
        )

    def _see(self, stamp, image):
        self.record(topics.IMAGE, stamp, image)
        if self.environment and (topics.IMAGE.name, stamp) not in self.deaf:
            self._look()
            self._handle(events.Saw(wire.frame_of(image, self.task)))

    def _read_joints(self):
        self.at(self.now + 0.008, self._read_joints)
        position = np.array(UR5.home) + 0.05 * self._rng.standard_normal(6)
        joints = JointState(name=JOINT_NAMES, position=position, velocity=self._rng.standard_normal(6))
        stamp = self.stamp_ns()
        joints.header.stamp = messages.time_from_ns(stamp)
        self.record(topics.JOINT_STATES, stamp, joints)
        begin, end = self.deaf_joints
        if not begin <= self.now < end:
            self._joint_queue.append(joints)

    def _look(self):
        self._handle(events.Shown(*self._rng.standard_normal(2).astype(np.float32).tolist()))
        if self._report is not None:
            self._handle(events.Reported(self._report))
            self._report = None
        samples, self._joint_queue = self._joint_queue, []
        if samples:
            self._handle(events.Felt(tuple(map(wire.joints_of, samples))))

    def _look_around(self):
        self.at(self.now + 0.2, self._look_around)
        if self.environment:
            self.set_arm(*self._arm)
            absent = () if self.actor_lives else ('actor',)
            if absent != self.environment.lifecycle.readiness.absent:
                self._handle(events.Missed(absent))
            self._publish_journal()

    # --- what comes out ---

    def _handle(self, event):
        environment = self.environment
        stamp = None
        for output in environment.take(event):
            stamp = stamp or environment.stamp_ns
            for topic, message in wire.messages_of(output, stamp, self._commander):
                self.record(topic, stamp, message)
            match output:
                case outputs.Call(service, token, _):
                    answer = events.Answered(service, token, True, '')
                    self.at(self.now + 0.004, lambda a=answer, e=environment: self._answer(a, e))
                case outputs.Move(velocity, command):
                    report = Executed(command, (*(0.5 * velocity).tolist(), 0.0), command % 3 == 0)
                    self.at(self.now + 0.003, lambda r=report: setattr(self, '_report', r))
                case outputs.Observe(observation, _):
                    self._act(observation)

    def _answer(self, event, environment):
        if self.environment is environment:
            self._handle(event)

    def _act(self, observation):
        """The actor, as its node does it."""
        if not self.actor_lives:
            return
        values = None if observation.truncated else self._rng.uniform(-1, 1, 5).astype(np.float32)
        transition = self._adder.transition_to(observation)
        self._adder.acted(observation, values)
        if transition is not None:
            self.record(topics.TRANSITION, observation.stamp_ns, messages.msg_from_transition(transition))
        if values is not None:
            number = (observation.episode, observation.step)
            action = Action(*number, values, False, 1, 1, 0.25, 1.0, observation.stamp_ns)
            self.at(self.now + 0.005 + 0.002 * self._rng.random(), lambda: self._on_action(action))

    def _on_action(self, action):
        if self.environment:
            message = as_received(messages.msg_from_action(action))
            self._handle(events.Acted(messages.action_from_msg(message)))
            self._publish_journal()

    def _publish_journal(self):
        message = msg.Journal(**self.environment.journal.take()._asdict())
        message.header.stamp = messages.time_from_ns(self.stamp_ns())
        self.record(topics.JOURNAL, 0, message)


def written(folder, *found, namespaces=('/',)):
    """Writes a bag of what several graphs have published, each in its namespace."""
    writer = BagWriter(folder, 10**9, Writing(print, itertools.count(step=20).__next__), print)
    for namespace, bag in zip(namespaces, found, strict=True):
        for name in sorted({name for name, _, _ in bag}):
            topic = OF_NAME[name]
            kind = definitions.name_of(topic.type)
            writer.declare(TopicEntry(namespace + name, kind, [qos.described(topic.qos)]))
        for name, received, message in bag:
            writer.add(Recorded(namespace + name, received, received, serialize_message(message)))
    writer.close_chunk()
    writer.hand_over()
    writer.close()
    return str(folder)
