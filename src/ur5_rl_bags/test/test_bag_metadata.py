"""metadata.yaml field by field as rosbag2 of Jazzy writes it, and what earlier versions wrote."""

import pytest
import yaml

pytest.importorskip('rclpy')
from rclpy.duration import Duration
from rclpy.qos import DurabilityPolicy, HistoryPolicy, LivelinessPolicy, QoSProfile, ReliabilityPolicy

from ur5_rl_bags import metadata, qos
from ur5_rl_bags.metadata import NEVER_NS, FileInfo, Metadata, TopicEntry

LATCHED = QoSProfile(
    depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL, deadline=Duration(nanoseconds=2**63 - 1)
)
WHOLE = """\
rosbag2_bagfile_information:
  version: 9
  storage_identifier: mcap
  duration:
    nanoseconds: 30
  starting_time:
    nanoseconds_since_epoch: 1700000000000000000
  message_count: 7
  topics_with_message_count:
  - topic_metadata:
      name: /target
      type: ur5_rl_interfaces/msg/TargetState
      serialization_format: cdr
      offered_qos_profiles:
      - history: keep_last
        depth: 1
        reliability: reliable
        durability: transient_local
        deadline:
          sec: 9223372036
          nsec: 854775807
        lifespan:
          sec: 0
          nsec: 0
        liveliness: system_default
        liveliness_lease_duration:
          sec: 0
          nsec: 0
        avoid_ros_namespace_conventions: false
      type_description_hash: RIHS01_1e10
    message_count: 7
  - topic_metadata:
      name: /none
      type: std_msgs/msg/String
      serialization_format: cdr
      offered_qos_profiles: []
      type_description_hash: ''
    message_count: 0
  compression_format: ''
  compression_mode: ''
  relative_file_paths:
  - bag_0.mcap
  - bag_1.mcap
  files:
  - path: bag_0.mcap
    starting_time:
      nanoseconds_since_epoch: 1700000000000000000
    duration:
      nanoseconds: 10
    message_count: 3
  - path: bag_1.mcap
    starting_time:
      nanoseconds_since_epoch: 1700000000000000012
    duration:
      nanoseconds: 18
    message_count: 4
  custom_data:
    revision: '0123456'
  ros_distro: jazzy
"""


def example():
    start = 1_700_000_000 * 10**9
    return Metadata(
        [FileInfo('bag_0.mcap', start, start + 10, 3), FileInfo('bag_1.mcap', start + 12, start + 30, 4)],
        [
            TopicEntry(
                '/target', 'ur5_rl_interfaces/msg/TargetState', [qos.described(LATCHED)], 'RIHS01_1e10', 7
            ),
            TopicEntry('/none', 'std_msgs/msg/String', []),
        ],
        {'revision': '0123456'},
        ros_distro='jazzy',
    )


def test_every_field_is_written_in_rosbag2s_words_and_order_and_read_back(tmp_path):
    assert metadata.dump(example()) == WHOLE
    metadata.write(tmp_path, example())
    assert metadata.read(tmp_path) == example()
    assert [path.name for path in tmp_path.iterdir()] == ['metadata.yaml']


def test_a_bag_without_messages_or_notes_has_the_values_that_rosbag2_gives_it():
    root = yaml.safe_load(metadata.dump(Metadata([FileInfo('bag_0.mcap')])))['rosbag2_bagfile_information']
    assert root['custom_data'] is None
    assert root['starting_time'] == {'nanoseconds_since_epoch': NEVER_NS} == root['files'][0]['starting_time']
    assert root['duration'] == {'nanoseconds': 0} == root['files'][0]['duration']


def test_texts_that_look_like_numbers_stay_texts():
    found = Metadata(custom_data={'revision': '1234567', 'other': '1e3', 'no': 'no'})
    root = yaml.safe_load(metadata.dump(found))['rosbag2_bagfile_information']
    assert root['custom_data'] == {'revision': '1234567', 'other': '1e3', 'no': 'no'}


@pytest.mark.parametrize(
    ('old', 'new', 'why'),
    [
        ('version: 9', 'version: 10', 'its version is 10, known are those up to 9'),
        ('  starting_time:\n    nanoseconds_since_epoch: 1700000000000000000\n', '', 'KeyError'),
        ('rosbag2_bagfile_information', 'other', 'KeyError'),
        ('message_count: 7\n  topics', 'message_count: [\n  topics', 'ParserError'),
        ('nanoseconds: 30', "nanoseconds: '30'", "'30' is no int"),
        ('- path: bag_0.mcap', '- path: 3', '3 is no str'),
        ('- bag_0.mcap', '- 3', '3 is no str'),
        ('name: /target', 'name: [/target]', "['/target'] is no str"),
        ('message_count: 3', 'message_count: ~', 'None is no int'),
    ],
)
def test_damage_is_one_line_with_the_path(tmp_path, old, new, why):
    assert old in WHOLE
    (tmp_path / 'metadata.yaml').write_text(WHOLE.replace(old, new, 1))
    with pytest.raises(ValueError) as error:
        metadata.read(tmp_path)
    assert str(error.value).startswith(f'{tmp_path}/metadata.yaml is damaged') and why in str(error.value)
    assert '\n' not in str(error.value)


OLD = """\
rosbag2_bagfile_information:
  version: 4
  storage_identifier: sqlite3
  relative_file_paths: [talker_0.db3, talker_1.db3]
  duration: {nanoseconds: 5}
  starting_time: {nanoseconds_since_epoch: 100}
  message_count: 20
  topics_with_message_count:
    - topic_metadata:
        name: /topic
        type: std_msgs/msg/String
        serialization_format: cdr
        offered_qos_profiles: "- history: 3\\n  depth: 0\\n  reliability: 1\\n  durability: 2"
      message_count: 20
  compression_format: ""
  compression_mode: ""
"""


def test_metadata_of_earlier_versions_are_read(tmp_path):
    (tmp_path / 'metadata.yaml').write_text(OLD)
    found = metadata.read(tmp_path)
    assert (found.message_count, found.starting_time_ns, found.duration_ns) == (20, 100, 5)
    assert [file.path for file in found.files] == [
        'talker_0.db3',
        'talker_1.db3',
    ] and found.storage == 'sqlite3'
    offered = {'history': 'unknown', 'depth': 0, 'reliability': 'reliable', 'durability': 'volatile'}
    assert found.topics == [TopicEntry('/topic', 'std_msgs/msg/String', [offered], '', 20)]


def test_every_policy_has_rosbag2s_word():
    def words(name, *kinds):
        return [qos.described(QoSProfile(depth=1, **{name: kind}))[name] for kind in kinds]

    assert words('history', HistoryPolicy.KEEP_ALL, HistoryPolicy.UNKNOWN) == ['keep_all', 'unknown']
    reliable = ReliabilityPolicy.BEST_EFFORT, ReliabilityPolicy.SYSTEM_DEFAULT
    assert words('reliability', *reliable) == ['best_effort', 'system_default']
    assert words('durability', DurabilityPolicy.UNKNOWN) == ['unknown']
    lively = LivelinessPolicy.AUTOMATIC, LivelinessPolicy.MANUAL_BY_TOPIC
    assert words('liveliness', *lively) == ['automatic', 'manual_by_topic']


def test_qos_in_a_channel_is_a_yaml_list_and_comes_back():
    said = [qos.described(LATCHED), qos.described(QoSProfile(depth=5))]
    assert (
        qos.parse(qos.dump(said)) == said
        and qos.parse('') == qos.parse(None) == qos.parse(qos.dump([])) == []
    )
    assert qos.dump(said).startswith('- history: keep_last\n  depth: 1\n  reliability: reliable\n')
    for damaged in ('a: b', '- 1', '- {history: 9}', '['):
        with pytest.raises((ValueError, yaml.YAMLError)):
            qos.parse(damaged)


def test_a_topic_is_played_with_what_its_publishers_offered_where_they_agree():
    sensor = qos.described(QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT))
    latched, stream = qos.described(LATCHED), qos.described(QoSProfile(depth=50))

    def offer(*said):
        profile = qos.offer(list(said))
        return profile.reliability.name, profile.durability.name

    assert offer(sensor) == offer(sensor, sensor) == ('BEST_EFFORT', 'VOLATILE')
    assert offer(latched) == ('RELIABLE', 'TRANSIENT_LOCAL')
    assert offer(stream) == offer() == offer(latched, sensor) == offer({}) == ('RELIABLE', 'VOLATILE')
    assert offer(latched | {'reliability': 'unknown'}) == ('RELIABLE', 'TRANSIENT_LOCAL')
