"""Bags of small transitions, written for tests."""

import itertools
import json
from pathlib import Path

import numpy as np
import yaml
from rclpy.serialization import serialize_message
from sensor_msgs.msg import JointState

from ur5_rl_bags import definitions, qos
from ur5_rl_bags.bag_contents import Recorded
from ur5_rl_bags.carried import TASK
from ur5_rl_bags.metadata import TopicEntry
from ur5_rl_bags.writer import BagWriter
from ur5_rl_env.journal import START, Journal
from ur5_rl_graph import topics
from ur5_rl_graph.clock import Reading
from ur5_rl_graph.data import JOINT_NAMES, Transition
from ur5_rl_graph.messages import msg_from_transition
from ur5_rl_graph.writing import Writing
from ur5_rl_interfaces import msg

HEIGHT, WIDTH = 18, 32
CYCLE_NS = 40_000_000
BEGIN_NS = 1_700_000_000_000_000_000
VALUES = {
    'image_width': 64,
    'image_height': 36,
    'observation_width': WIDTH,
    'observation_height': HEIGHT,
    'crop_width': 30,
    'crop_height': 16,
    'channels': 2,
    'strides': [2, 1],
    'hidden_width': 8,
    'batch_size': 4,
}
NODES = {'/**': VALUES | {'strides': (2, 1)}}
"""Parameters of the tiny setting, by the name of the node."""


def setting_file(folder: Path, **more) -> Path:
    """A file of the tiny setting."""
    path = folder / 'tiny.yaml'
    path.write_text(yaml.safe_dump({'/**': {'ros__parameters': VALUES | more}}))
    return path


def transitions(steps=12, episodes=2, cycle_ns=CYCLE_NS, height=HEIGHT, width=WIDTH, late=()):
    """What an actor sends: a new frame a step; observation number n of all is late if it is in `late`."""
    rng = np.random.default_rng(0)
    stamp_ns, found, total = BEGIN_NS, [], 0
    for episode in range(1, episodes + 1):
        ids = [stamp_ns + i for i in (1, 2, 3)]
        new = list(ids)
        for step in range(steps):
            total += 1
            stamp_ns += cycle_ns * (3 if total in late else 1)
            after = [*ids[1:], stamp_ns]
            new.append(stamp_ns)
            pixels = rng.integers(0, 256, (len(new), height, width, 3), np.uint8)
            found.append(
                Transition(
                    episode=episode,
                    step=step,
                    total_steps=total,
                    frame_ids=np.array([ids, after], np.int64),
                    proprio=rng.standard_normal((2, 15)).astype(np.float32),
                    action=np.full(5, 0.5, np.float32),
                    executed_action=np.full(5, 0.25, np.float32),
                    action_changed=True,
                    reward=float(total),
                    terminated=False,
                    truncated=step == steps - 1,
                    new_frame_ids=np.array(new, np.int64),
                    new_frames=pixels,
                    stamp_ns=stamp_ns,
                )
            )
            ids, new = after, []
        stamp_ns += 3_000_000_000
    return found


def joint_state(names=JOINT_NAMES) -> tuple:
    return topics.JOINT_STATES, JointState(name=list(names), position=[0.0] * len(names))


def journal(**task) -> tuple:
    """The beginning of the journal of an environment with such a task."""
    notes = Journal(7)
    values = {'task': {'action_cycle_s': 0.04, 'camera_period_s': 0.04, 'max_joint_velocity': 0.7}}
    values['task'] |= {'reward': 'thesis', 'action_feedback': 'executed'} | task
    notes.note(START, Reading(1.0, BEGIN_NS), values)
    batch = notes.take()
    return topics.JOURNAL, msg.Journal(session=batch.session, first=batch.first, entries=batch.entries)


def bag(folder: Path, found, *beside: tuple, namespace: str = '/', task: bytes = b'') -> Path:
    """Writes transitions, and messages of other topics before them; `task` is attached."""
    writer = BagWriter(folder, 10**9, Writing(lambda line: None, itertools.count(step=20).__next__))
    known = {topic.name: topic for topic, _ in [(topics.TRANSITION, None), *beside]}
    for topic in known.values():
        kind = definitions.name_of(topic.type)
        writer.declare(TopicEntry(namespace + topic.name, kind, [qos.described(topic.qos)]))
    if task:
        writer.attach(TASK, task, BEGIN_NS)
    all_of_them = [*beside, *((topics.TRANSITION, msg_from_transition(each)) for each in found)]
    for number, (topic, message) in enumerate(all_of_them):
        stamp = BEGIN_NS + number
        writer.add(Recorded(namespace + topic.name, stamp, stamp, serialize_message(message)))
        if number % 5 == 0:
            writer.close_chunk()
            writer.hand_over()
    writer.close()
    return folder


def metadata(folder: Path) -> dict:
    return json.loads((folder / 'offline.json').read_text())
