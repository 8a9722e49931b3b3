"""config/gazebo/bridge.yaml ties the topics of the graph to those of the world; their types go together."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from ur5_cell.cell_config import SimulatedCameraConfig
from ur5_rl_gazebo import names
from ur5_rl_gazebo.world import world_sdf
from ur5_rl_graph.data import JOINT_NAMES

topics = pytest.importorskip('ur5_rl_graph.topics')

FILE = Path(__file__).resolve().parents[3] / 'config/gazebo/bridge.yaml'
ENTRIES = yaml.safe_load(FILE.read_text(encoding='utf-8'))
KEYS = {'ros_topic_name', 'gz_topic_name', 'ros_type_name', 'gz_type_name', 'direction'}
QUEUES = {'GZ_TO_ROS': 'publisher_queue', 'ROS_TO_GZ': 'subscriber_queue'}
PAIRS = {
    'sensor_msgs/msg/JointState': 'gz.msgs.Model',
    'sensor_msgs/msg/Image': 'gz.msgs.Image',
    'std_msgs/msg/Float64': 'gz.msgs.Double',
}
"""What the bridge of Jazzy converts."""
WANTED = [
    (topics.GAZEBO_JOINT_STATES, names.JOINT_STATES, 'GZ_TO_ROS'),
    (topics.GAZEBO_IMAGE, names.IMAGE, 'GZ_TO_ROS'),
    (topics.GAZEBO_DISC_RIGHT, names.DISC_RIGHT, 'ROS_TO_GZ'),
    (topics.GAZEBO_DISC_UP, names.DISC_UP, 'ROS_TO_GZ'),
    *(
        (topic, names.velocity(joint), 'ROS_TO_GZ')
        for topic, joint in zip(topics.GAZEBO_VELOCITIES, JOINT_NAMES, strict=True)
    ),
]
"""The topics of the graph: that of Gazebo, and the way."""


def type_name(kind):
    return f'{kind.__module__.split(".")[0]}/msg/{kind.__name__}'


def test_it_carries_what_the_graph_has_of_gazebo_and_nothing_else():
    found = {entry['ros_topic_name']: entry for entry in ENTRIES}
    assert len(found) == len(ENTRIES)
    told = {topic.name for topic in topics.TOPICS if topic.name.startswith('gazebo/')}
    assert found.keys() == told == {topic.name for topic, _, _ in WANTED}
    for topic, gazebo, direction in WANTED:
        entry = found[topic.name]
        kind = type_name(topic.type)
        assert (entry['gz_topic_name'], entry['direction']) == (gazebo, direction)
        assert (entry['ros_type_name'], entry['gz_type_name']) == (kind, PAIRS[kind])


def test_keys_are_those_that_the_bridge_knows():
    for entry in ENTRIES:
        assert KEYS <= entry.keys() <= KEYS | {QUEUES[entry['direction']]}


def test_what_goes_to_the_bridge_is_reliable_as_its_subscriptions_are():
    for topic, _, direction in WANTED:
        if direction == 'ROS_TO_GZ':
            assert topic.qos is topics.STREAM


def test_each_velocity_is_that_of_its_joint():
    expected = [f'gazebo/{joint}/velocity' for joint in JOINT_NAMES]
    assert [topic.name for topic in topics.GAZEBO_VELOCITIES] == expected


def test_the_world_has_the_topics_at_the_right_systems():
    world = ElementTree.fromstring(world_sdf(SimulatedCameraConfig(), 0.04)).find('world')
    told = {
        (plugin.get('name').rpartition(':')[2], plugin.findtext('joint_name')): plugin.findtext('topic')
        for plugin in world.iter('plugin')
        if plugin.find('topic') is not None
    }
    expected = {('JointController', joint): names.velocity(joint) for joint in JOINT_NAMES}
    expected |= {
        ('JointPositionController', 'right'): names.DISC_RIGHT,
        ('JointPositionController', 'up'): names.DISC_UP,
        ('JointStatePublisher', JOINT_NAMES[0]): names.JOINT_STATES,
    }
    assert told == expected
    assert world.findtext('.//sensor/topic') == names.IMAGE
