"""Messages for tests of bags, and a bag of them."""

import functools
import itertools
import json
from pathlib import Path

import numpy as np
from ament_index_python.packages import get_package_share_directory
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image, JointState

from ur5_rl_bags import qos
from ur5_rl_bags.bag_contents import Recorded
from ur5_rl_bags.metadata import TopicEntry
from ur5_rl_bags.writer import BagWriter
from ur5_rl_graph.writing import Writing
from ur5_rl_interfaces.msg import Episode

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
BEST_EFFORT = qos.described(QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT))
RELIABLE = qos.described(QoSProfile(depth=50))


def topic(name: str, kind: str, *offered: dict) -> TopicEntry:
    package, _, short = kind.split('/')
    about = Path(get_package_share_directory(package)) / 'msg' / f'{short}.json'
    (type_hash,) = (
        each['hash_string']
        for each in json.loads(about.read_text())['type_hashes']
        if each['type_name'] == kind
    )
    return TopicEntry(name, kind, list(offered), type_hash)


TOPICS = {
    '/joint_states': topic('/joint_states', 'sensor_msgs/msg/JointState', BEST_EFFORT),
    '/camera/image_raw': topic('/camera/image_raw', 'sensor_msgs/msg/Image', BEST_EFFORT),
    '/episode': topic('/episode', 'ur5_rl_interfaces/msg/Episode', RELIABLE, RELIABLE),
    '/monitor/reward': topic('/monitor/reward', 'std_msgs/msg/Float32', RELIABLE),
}


def joints(number: int) -> JointState:
    # with effort: behind an empty last field serialize_message leaves bytes that are not on the wire
    speeds = [1e-9, float('inf')]
    return JointState(name=['shoulder', 'Köln'], position=[0.5 * number, -1.0], velocity=speeds, effort=[2.0])


def image(number: int, size: int = 300) -> Image:
    """An image of noise, which zstd does not make smaller."""
    pixels = np.random.default_rng(number).integers(0, 256, size, dtype=np.uint8)
    return Image(height=1, width=size // 3, encoding='bgr8', step=size, data=pixels.tobytes())


def episode(number: int) -> Episode:
    return Episode(episode=number, episode_return=-1.5, aborted=True, text='an "action" is late: 1.2 s\n')


def recorded(topic: str, message: object, time_s: float) -> Recorded:
    """A message that came at `time_s` after START, a millisecond after it was sent."""
    time_ns = START + round(time_s * SECOND)
    return Recorded(topic, time_ns, time_ns - 1_000_000, serialize_message(message))


@functools.cache  # the bytes that fill up between fields are others each time
def messages(count: int, size: int = 300) -> list[Recorded]:
    """A second of each number: joints, an image, every fifth time an episode."""
    found = []
    for number in range(count):
        found.append(recorded('/joint_states', joints(number), number))
        found.append(recorded('/camera/image_raw', image(number, size), number + 0.1))
        if number % 5 == 0:
            found.append(recorded('/episode', episode(number), number + 0.2))
    return found


def writer_of(folder: Path, split_bytes: int = 10**9, said: list | None = None) -> BagWriter:
    """A writer that knows `TOPICS`, all lines of which are in `said`."""
    said = [] if said is None else said
    writing = Writing(said.append, itertools.count(step=20).__next__)
    writer = BagWriter(folder, split_bytes, writing, said.append)
    for topic in TOPICS.values():
        writer.declare(TopicEntry(topic.name, topic.type, topic.offered, topic.type_hash))
    return writer


def write(writer: BagWriter, found: list[Recorded], chunk: int = 4) -> None:
    """Adds messages, a chunk for each `chunk` of them."""
    for number, message in enumerate(found, 1):
        writer.add(message)
        if number % chunk == 0:
            writer.close_chunk()
            writer.hand_over()


def bag(folder: Path, found: list[Recorded], **words) -> Path:
    writer = writer_of(folder, **words)
    write(writer, found)
    writer.close()
    return folder
