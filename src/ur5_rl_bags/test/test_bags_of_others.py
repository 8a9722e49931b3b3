"""What others wrote reads our bags, and we read theirs."""

import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
pytest.importorskip('rosbags')
pytest.importorskip('mcap_ros2')
sys.path.insert(0, str(Path(__file__).parent))
from bag_messages import START, TOPICS, bag, messages
from mcap.reader import make_reader
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import Reader, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from ur5_rl_bags import definitions, mcap_file
from ur5_rl_bags.reader import Bag, BagError

with warnings.catch_warnings():
    warnings.simplefilter('ignore')
    from mcap_ros2.decoder import DecoderFactory


def plain(value):
    """A message, whoever has decoded it, as what it holds."""
    if hasattr(value, 'get_fields_and_field_types'):
        return {name: plain(getattr(value, name)) for name in value.get_fields_and_field_types()}
    if hasattr(value, '__dataclass_fields__'):
        return {
            name: plain(getattr(value, name)) for name in value.__dataclass_fields__ if name != '__msgtype__'
        }
    if hasattr(value, '__slots__') and not isinstance(value, (np.generic, np.ndarray)):
        return {name: plain(getattr(value, name)) for name in value.__slots__}
    if isinstance(value, (bytes, memoryview)):
        return list(value)
    if hasattr(value, 'tolist'):
        value = value.tolist()
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


@pytest.fixture
def ours(tmp_path):
    """A bag of three files, and its messages as rclpy reads them."""
    folder = bag(tmp_path / 'bag', messages(12, size=3000), split_bytes=10_000)
    assert len(list(folder.glob('*.mcap'))) > 2
    with Bag(folder, lambda line: None) as opened:
        return folder, [
            (m.topic, m.receive_time_ns, plain(opened.deserialised(m))) for m in opened.messages()
        ]


def test_rosbags_reads_every_message_of_ours_to_the_same_fields_by_the_embedded_definitions(ours):
    folder, expected = ours
    with AnyReader([folder], default_typestore=get_typestore(Stores.EMPTY)) as reader:
        found = [
            (connection.topic, time_ns, plain(reader.deserialize(data, connection.msgtype)))
            for connection, time_ns, data in reader.messages()
        ]
        assert reader.message_count == len(expected) == 27
        assert {name: topic.msgcount for name, topic in reader.topics.items() if topic.msgcount} == {
            '/joint_states': 12,
            '/camera/image_raw': 12,
            '/episode': 3,
        }
    assert found == expected


def test_rosbags_reads_times_counts_and_qos_of_ours(ours):
    folder, _ = ours
    with Reader(folder) as reader:
        assert reader.start_time == START and reader.duration == 11_100_000_001
        (joints,) = (c for c in reader.connections if c.topic == '/joint_states')
        (qos,) = joints.ext.offered_qos_profiles
        assert (qos.reliability.name, qos.durability.name, qos.depth) == ('BEST_EFFORT', 'VOLATILE', 1)
        (episode,) = (c for c in reader.connections if c.topic == '/episode')
        assert len(episode.ext.offered_qos_profiles) == 2


def test_mcap_and_mcap_ros2_read_every_message_of_ours_to_the_same_fields(ours):
    folder, expected = ours
    found = []
    for path in sorted(folder.glob('*.mcap')):
        with path.open('rb') as file:
            reader = make_reader(file, validate_crcs=True, decoder_factories=[DecoderFactory()])
            for _, channel, message, value in reader.iter_decoded_messages():
                assert channel.message_encoding == 'cdr' and channel.metadata['topic_type_hash']
                assert message.publish_time == message.log_time - 1_000_000
                found.append((channel.topic, message.log_time, plain(value)))
    assert found == expected


@pytest.fixture(params=[StoragePlugin.MCAP, StoragePlugin.SQLITE3], ids=['mcap', 'sqlite3'])
def theirs(request, tmp_path):
    """A bag that rosbags wrote, and its messages."""
    store = get_typestore(Stores.ROS2_JAZZY)
    header = store.types['std_msgs/msg/Header'](store.types['builtin_interfaces/msg/Time'](1, 2), 'base')
    kind = store.types['sensor_msgs/msg/JointState']
    found = []
    with Writer(tmp_path / 'theirs', version=9, storage_plugin=request.param) as writer:
        connection = writer.add_connection('/joint_states', kind.__msgtype__, typestore=store)
        words = writer.add_connection('/words', 'std_msgs/msg/String', typestore=store)
        for number in range(20):
            value = kind(header, ['a', 'ä'], np.arange(2.0) + number, np.zeros(2), np.zeros(0))
            writer.write(connection, 1000 * number, store.serialize_cdr(value, kind.__msgtype__))
            found.append(('/joint_states', 1000 * number, plain(value)))
        text = store.types['std_msgs/msg/String']('a word')
        writer.write(words, 7_500, store.serialize_cdr(text, 'std_msgs/msg/String'))
        found.insert(8, ('/words', 7_500, {'data': 'a word'}))
    return tmp_path / 'theirs', found


def test_bags_of_rosbags_are_read_by_ours(theirs):
    folder, expected = theirs
    said = []
    with Bag(folder, said.append) as opened:
        assert [
            (m.topic, m.receive_time_ns, plain(opened.deserialised(m))) for m in opened.messages()
        ] == expected
        assert [m.topic for m in opened.messages(['/words'])] == ['/words']
        topic = opened.topics['/joint_states']
        assert (topic.type, topic.count, topic.qos) == ('sensor_msgs/msg/JointState', 20, [])
        assert 'MSG: builtin_interfaces/Time' in topic.definition
    assert said == []


def test_a_bag_is_read_by_another_thread_than_the_one_that_opened_it(theirs):
    folder, expected = theirs
    with Bag(folder, lambda line: None) as opened, ThreadPoolExecutor() as other:
        assert len(other.submit(lambda: list(opened.messages())).result()) == len(expected)


@pytest.mark.parametrize('suffix', ['mcap', 'db3'])
def test_a_file_that_cannot_be_opened_is_one_line(tmp_path, suffix):
    (tmp_path / f'bag_0.{suffix}').symlink_to('/nowhere')
    said = []
    with pytest.raises(BagError, match='no message that can be read'):
        Bag(tmp_path, said.append)
    assert f'bag_0.{suffix}' in said[1] and len(said) == 2


def test_a_damaged_sqlite3_file_is_one_line(theirs, tmp_path):
    folder, _ = theirs
    for path in folder.glob('*.db3'):
        path.write_bytes(b'SQLite format 3\0' + bytes(5000))
        with pytest.raises(BagError):
            Bag(path, lambda line: None)
        said = []
        with pytest.raises(BagError, match='no message that can be read'):
            Bag(folder, said.append)
        assert 'is no sqlite3 bag file, or a damaged one' in said[0] and len(said) == 1


@pytest.mark.parametrize(
    'name', [*sorted({topic.type for topic in TOPICS.values()}), 'visualization_msgs/msg/Marker']
)
def test_a_definition_holds_everything_that_the_type_is_made_of_once(name):
    text = definitions.full_text(name)
    titles = [line.removeprefix('MSG: ') for line in text.splitlines() if line.startswith('MSG: ')]
    assert len(titles) == len(set(titles)) == text.count('\n' + '=' * 80 + '\n')
    needs_header = 'Float32' not in name
    assert ('std_msgs/Header' in titles) == ('builtin_interfaces/Time' in titles) == needs_header
    assert definitions.difference(name, text, text) == ''


def test_two_definitions_differ_by_fields_and_by_nothing_else():
    name = 'p/msg/A'
    one = (
        'int32 a # c\nuint8 K=1\np/B b\nstring<=5 s "x"\nfloat64[<=3] f\n' + '=' * 80 + '\nMSG: p/B\nint8 x\n'
    )
    same = (
        '\n# other words\nint32   a 7\nB b\nstring<=5 s\nfloat64[<=3] f\n'
        + '=' * 80
        + '\nMSG: p/msg/B\nint8 x'
    )
    assert definitions.difference(name, one, same) == ''
    changed = {'int8 x': 'uint8 x', 'int32 a': 'int32 aa', '[<=3]': '[3]', 'string<=5': 'string', 'B b\n': ''}
    for old, new in changed.items():
        assert definitions.difference(name, one, one.replace(old, new, 1)), old
    swapped = 'B b\nint32 a\nstring<=5 s\nfloat64[<=3] f\n' + '=' * 80 + '\nMSG: p/B\nint8 x'
    assert 'another order' in definitions.difference(name, one, swapped)


def test_our_own_reader_needs_no_summary():
    assert mcap_file.MAGIC == bytes([137, 77, 67, 65, 80, 48, 13, 10])
