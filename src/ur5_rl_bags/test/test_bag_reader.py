"""What can be read of a bag is read; one line says what cannot."""

import sys
from pathlib import Path

import pytest

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
sys.path.insert(0, str(Path(__file__).parent))
from bag_messages import START, TOPICS, bag, episode, image, joints, messages, recorded, writer_of
from mcap.writer import CompressionType, IndexType, Writer

from ur5_rl_bags import definitions
from ur5_rl_bags.reader import Bag, BagError
from ur5_rl_bags.rosbag2 import free_folder


@pytest.fixture
def said():
    return []


def refusal(path):
    said = []
    with pytest.raises(BagError) as error, Bag(path, said.append) as found:
        list(found.messages())
    assert '\n' not in str(error.value)
    return str(error.value)


def test_messages_come_back_with_their_times_types_and_fields(tmp_path, said):
    found = messages(6)
    with Bag(bag(tmp_path / 'bag', found), said.append) as opened:
        assert list(opened.messages()) == found
        assert list(opened.messages(['/episode'])) == [m for m in found if m.topic == '/episode']
        topic = opened.topics['/episode']
        assert (topic.type, topic.count, topic.qos) == (
            'ur5_rl_interfaces/msg/Episode',
            2,
            TOPICS['/episode'].offered,
        )
        assert topic.definition == definitions.full_text('ur5_rl_interfaces/msg/Episode')
        assert [opened.deserialised(m) for m in found[:4]] == [joints(0), image(0), episode(0), joints(1)]
        opened.need(['/episode', '/joint_states'])
        with pytest.raises(
            BagError, match=r'lacks /action, /monitor/reward; there is /camera/image_raw, /episo'
        ):
            opened.need(['/action', '/monitor/reward', '/episode'])
        with pytest.raises(BagError, match='has no topic /action; there is /camera/image_raw'):
            list(opened.messages(['/action', '/episode']))
    assert said == []


def test_a_file_of_the_run_is_the_newest_attachment_or_the_file_beside_the_bag(tmp_path, said):
    writer = writer_of(tmp_path / 'run/bag')
    writer.attach('run.json', b'old', START)
    writer.add(messages(1)[0])
    writer.attach('run.json', b'new', START + 1)
    writer.close()
    for name in ('run.json', 'parameters.yaml'):
        (tmp_path / 'run' / name).write_bytes(b'beside')
    with Bag(tmp_path / 'run/bag', said.append) as found:
        assert found.file_of_run('run.json') == b'new'
        assert found.file_of_run('parameters.yaml') == b'beside'
        (tmp_path / 'run/run.json').unlink()  # then it is no run that the bag lies in
        assert found.file_of_run('parameters.yaml') is None
    assert said == []


def test_others_name_a_topic_in_a_namespace_of_theirs(tmp_path, said):
    with Bag(bag(tmp_path / 'bag', messages(3)), said.append) as found:
        assert found.called('joint_states') == ['/joint_states'] == found.called('/joint_states'.lstrip('/'))
        assert found.called('image_raw') == ['/camera/image_raw'] and not found.called('states')
        assert not found.called('monitor/reward')  # without a message


def test_a_run_folder_stands_for_its_bag(tmp_path, said):
    bag(tmp_path / 'run/bag', messages(3))
    with Bag(tmp_path / 'run', said.append) as found:
        assert found.folder == tmp_path / 'run/bag'


def test_a_run_of_which_rosbag2_has_recorded_several_bags_stands_for_all(tmp_path, said):
    found, count = messages(36), 0
    for _ in range(12):
        bag(free_folder(tmp_path / 'run/bag'), found[count : count + 6])
        count += 6
    for name in ('bag_of_mine', 'bag_3x', 'other'):
        bag(tmp_path / 'run' / name, messages(1))
    with Bag(tmp_path / 'run', said.append) as opened:
        assert list(opened.messages()) == found[:count]
        folders = [path.parent.name for path in opened.files]
        assert folders == ['bag', *(f'bag_{number}' for number in range(1, 12))]
        assert opened.folder == tmp_path / 'run/bag'
    assert said == []
    for path in (tmp_path / 'run/bag_2').iterdir():
        path.unlink()
    with Bag(tmp_path / 'run', said.append) as opened:
        assert len(list(opened.messages())) == count - 6
    assert len(said) == 1 and 'bag_2 is no bag' in said[0]
    with Bag(tmp_path / 'run/bag_1', said.append) as opened:  # one that is named is that one
        assert len(list(opened.messages())) == 6


@pytest.mark.parametrize('name', ['nowhere', 'file.txt'])
def test_what_is_no_folder_is_refused(tmp_path, name):
    (tmp_path / 'file.txt').write_text('x')
    what = 'not there' if name == 'nowhere' else 'neither a folder nor a file .mcap or .db3'
    assert f'{tmp_path / name} is {what}' in refusal(tmp_path / name)


def test_a_folder_without_a_file_of_a_bag_is_refused_with_what_it_holds(tmp_path):
    assert refusal(tmp_path) == f'{tmp_path} is no bag: no file .mcap or .db3 is in it (nothing)'
    (tmp_path / 'notes').touch()
    assert '(notes)' in refusal(tmp_path)
    (tmp_path / 'run.json').touch()
    remedy = './ur5rl launch NAME record:=true records one'
    assert refusal(tmp_path) == f'{tmp_path} is a run without a bag: {remedy}'
    bag(tmp_path / 'bag', messages(3))
    (tmp_path / 'bag/bag_0.mcap').unlink()
    assert 'is no bag' in refusal(tmp_path / 'bag')


def test_a_bag_without_a_message_is_refused(tmp_path):
    with (tmp_path / 'bag_0.mcap').open('wb') as file:
        empty = Writer(file)
        empty.start('ros2')
        empty.finish()
    assert refusal(tmp_path) == f'{tmp_path} holds no message that can be read (bag_0.mcap): record it anew'


def test_a_file_that_is_no_mcap_is_left_out_and_said(tmp_path, said):
    folder = bag(tmp_path / 'bag', messages(3))
    (folder / 'bag_1.mcap').write_bytes(b'\0' * 100)
    with Bag(folder, said.append) as found:
        assert found.topics['/joint_states'].count == 3
    assert f'{folder}/bag_1.mcap is no MCAP file' in said[1]
    (folder / 'bag_0.mcap').unlink()
    assert 'no message that can be read' in refusal(folder)


def test_a_folder_without_metadata_or_with_damaged_ones_is_read_and_said(tmp_path, said):
    folder = bag(tmp_path / 'bag', messages(3))
    whole = (folder / 'metadata.yaml').read_text()
    for damaged in (
        '',
        whole[:300],
        'a: [',
        'rosbag2_bagfile_information: {version: 9}',
        whole.replace('9', '10', 1),
    ):
        (folder / 'metadata.yaml').write_text(damaged)
        with Bag(folder, said.append) as found:
            assert len(list(found.messages())) == len(messages(3))
        assert len(said) == 1 and 'metadata.yaml is damaged' in said.pop()
    (folder / 'metadata.yaml').unlink()
    with Bag(folder, said.append):
        assert 'metadata.yaml is missing' in said[0] and len(said) == 1


def test_files_are_read_in_the_order_of_their_numbers_and_compared_with_the_metadata(tmp_path, said):
    found = messages(120, size=3000)
    folder = bag(tmp_path / 'bag', found, split_bytes=20_000)
    assert (folder / 'bag_10.mcap').is_file()
    with Bag(folder, said.append) as opened:
        assert list(opened.messages()) == found
        assert [path.name for path in opened.files] == [f'bag_{n}.mcap' for n in range(len(opened.files))]
    assert said == []
    (folder / 'bag_3.mcap').unlink()
    (folder / 'bag_2.mcap').rename(folder / 'other_2.mcap')
    with Bag(folder, said.append) as opened:
        kept = list(opened.messages())
    assert 0 < len(kept) < len(found) and kept == [message for message in found if message in kept]
    assert [line.split(' ')[0] for line in said[:2]] == [str(folder / f'bag_{n}.mcap') for n in (2, 3)]
    assert 'does not name other_2.mcap' in said[2] and len(said) == 3


def test_a_file_is_readable_up_to_its_last_whole_chunk_wherever_it_is_cut(tmp_path, said):
    found = messages(8)
    folder = bag(tmp_path / 'bag', found)
    whole = (folder / 'bag_0.mcap').read_bytes()
    (folder / 'metadata.yaml').unlink()  # as after a kill
    counts = []
    for length in range(60, len(whole), 149):
        (folder / 'bag_0.mcap').write_bytes(whole[:length])
        said.clear()
        try:
            with Bag(folder, said.append) as opened:
                kept = list(opened.messages())
        except BagError:
            kept = []
        assert kept == found[: len(kept)]
        if kept:
            assert sum(topic.count for topic in opened.topics.values()) == len(kept)
            assert [piece.start_ns for piece in opened._files[0].pieces] == [
                m.receive_time_ns for m in kept[::4]
            ]
        assert len(kept) in (0, 4, 8, 12, 16, len(found))
        assert any('was not closed' in line for line in said)
        counts.append(len(kept))
    assert counts == sorted(counts) and set(counts) >= {0, 4, 8, 12, 16}


def test_a_damaged_chunk_is_left_out_and_said_and_the_others_are_read(tmp_path, said):
    found = messages(8)
    folder = bag(tmp_path / 'bag', found)
    with Bag(folder, said.append) as opened:
        (piece, *_) = opened._files[0].pieces[1:]
    path = folder / 'bag_0.mcap'
    data = bytearray(path.read_bytes())
    middle = piece.offset + piece.length // 2
    data[middle : middle + 4] = b'\xff\0\xff\0'
    path.write_bytes(data)
    with Bag(folder, said.append) as opened:
        assert list(opened.messages()) == found[:4] + found[8:]
    assert len(said) == 1 and f'{path} is damaged at byte {piece.offset}' in said[0]
    assert said[0].endswith('4 messages are lost')


def test_a_damaged_header_or_a_record_that_is_too_short_costs_no_message_and_no_recorder(tmp_path, said):
    found = messages(8)
    path = bag(tmp_path / 'bag', found) / 'bag_0.mcap'
    whole = path.read_bytes()
    with Bag(path.parent, said.append) as opened:
        end = opened._files[0].whole_bytes
    short = [bytes([opcode]) + (4).to_bytes(8, 'little') + bytes(4) for opcode in (0x06, 0x07)]
    for data, why in (
        (whole.replace(b'ros2', b'\xffos2', 1), 'is damaged at byte 8'),
        *((whole[:end] + record, 'was not closed') for record in short),
    ):
        path.write_bytes(data)
        for name in ('bag_1.mcap', 'metadata.yaml'):
            path.with_name(name).unlink(missing_ok=True)
        with Bag(path, said.append) as opened:
            assert list(opened.messages()) == found
        assert why in said.pop() and len(said) <= 1
        writer = writer_of(path.parent)
        writer.add(recorded('/camera/image_raw', image(9), 9))
        writer.close()
        with Bag(path.parent, said.append) as opened:
            assert len(list(opened.messages())) == len(found) + 1
        said.clear()


@pytest.mark.parametrize('at', ['header', 'index'])
def test_a_damaged_record_between_the_chunks_is_said_and_costs_no_message(tmp_path, said, at):
    found = messages(8)
    folder = bag(tmp_path / 'bag', found)
    path = folder / 'bag_0.mcap'
    with Bag(folder, said.append) as opened:
        end_of_chunk = opened._files[0].pieces[0].offset + opened._files[0].pieces[0].length
    data = bytearray(path.read_bytes())
    if at == 'header':
        place = 8
        data[8 + 9 + 4] = 0xFF  # the first letter of the profile: no text
    else:
        place = end_of_chunk
        data[place:place] = bytes([7]) + (3).to_bytes(8, 'little') + bytes(3)  # a message index of 3 bytes
        data[-8:] = b'\x89MCAP0\r\n'
    path.write_bytes(data)
    with Bag(folder, said.append) as opened:
        assert list(opened.messages()) == found
        assert sum(topic.count for topic in opened.topics.values()) == len(found)
    assert len(said) == 1 and f'{path} is damaged at byte {place} (' in said[0]


def test_a_hole_of_nothing_as_a_power_cut_leaves_it_ends_the_file_there(tmp_path, said):
    found = messages(8)
    folder = bag(tmp_path / 'bag', found)
    with Bag(folder, said.append) as opened:
        offset = opened._files[0].pieces[2].offset
    path = folder / 'bag_0.mcap'
    data = path.read_bytes()
    for behind in (b'', data[-1000:]):
        path.write_bytes(data[:offset] + bytes(len(data) - offset - len(behind)) + behind)
        with Bag(folder, said.append) as opened:
            assert list(opened.messages()) == found[:8]
        assert 'was not closed' in said.pop() and said == []


@pytest.mark.parametrize(
    'words', [{'use_chunking': False}, {'index_types': IndexType.NONE}, {'chunk_size': 1}]
)
@pytest.mark.parametrize('compression', list(CompressionType))
def test_files_of_other_writers_without_chunks_or_indexes_are_read_alike(tmp_path, said, words, compression):
    found = messages(8)
    with (tmp_path / 'a.mcap').open('wb') as file:
        writer = Writer(file, compression=compression, **words)
        writer.start('ros2')
        channels = {}
        for message in found:
            if message.topic not in channels:
                kind = TOPICS[message.topic].type
                schema = writer.register_schema(kind, 'ros2msg', definitions.full_text(kind).encode())
                channels[message.topic] = writer.register_channel(message.topic, 'cdr', schema)
            times = {'log_time': message.receive_time_ns, 'publish_time': message.publish_time_ns}
            writer.add_message(channels[message.topic], data=message.data, **times)
        writer.finish()
    with Bag(tmp_path / 'a.mcap', said.append) as opened:
        assert list(opened.messages()) == found
        assert {name: topic.count for name, topic in opened.topics.items()} == {
            '/joint_states': 8,
            '/camera/image_raw': 8,
            '/episode': 2,
        }
        assert opened.topics['/episode'].qos == []
    assert said == []


def test_messages_come_in_the_order_of_their_coming_however_they_lie_in_files_and_chunks(tmp_path, said):
    found = messages(30)
    writer = writer_of(tmp_path / 'bag', split_bytes=8_000)
    order = [number + (1, 5, -3, -3, 0)[number % 5] for number in range(50)]
    for number in range(0, 50, 5):
        for place in order[number : number + 5]:
            writer.add(found[place])
        writer.close_chunk()
        writer.hand_over()
    writer.close()
    assert len(list((tmp_path / 'bag').glob('*.mcap'))) > 1
    with Bag(tmp_path / 'bag', said.append) as opened:
        times = [message.receive_time_ns for message in opened.messages()]
    assert times == sorted(times) and len(times) == 50


def test_chunks_that_lie_in_a_file_the_other_way_round_are_read_in_order(tmp_path, said):
    found = messages(20)
    writer = writer_of(tmp_path / 'bag')
    for start in reversed(range(0, len(found), 4)):
        for message in found[start : start + 4]:
            writer.add(message)
        writer.close_chunk()
    writer.close()
    with Bag(tmp_path / 'bag', said.append) as opened:
        assert list(opened.messages()) == found


def test_a_type_that_is_not_known_here_stays_as_it_is(tmp_path, said):
    writer = writer_of(tmp_path / 'bag')
    writer.declare(type(TOPICS['/episode'])('/far', 'far_msgs/msg/Thing', []))
    message = recorded('/joint_states', joints(1), 0)._replace(topic='/far')
    writer.add(message)
    writer.close()
    with Bag(tmp_path / 'bag', said.append) as opened:
        assert opened.deserialised(message) == message.data
        assert opened.topics['/far'].definition == ''


def test_a_type_that_has_other_fields_here_is_refused_and_not_misread(tmp_path, monkeypatch):
    name = 'ur5_rl_interfaces/msg/Episode'
    real = definitions.full_text(name)
    with monkeypatch.context() as once:
        once.setattr(
            definitions, 'full_text', lambda name: real.replace('float32 episode_return', 'float64 score', 1)
        )
        assert definitions.full_text(name) != real
        folder = bag(tmp_path / 'bag', [recorded('/episode', episode(1), 0)])
    with Bag(folder, lambda line: None) as opened:
        (message,) = opened.messages()
        with pytest.raises(
            BagError, match=r'/episode was recorded with another ur5_rl_inter.*float64  score'
        ):
            opened.deserialised(message)


@pytest.mark.parametrize('kept', [0, 3, 40])
def test_bytes_that_are_no_message_of_their_type_are_refused_in_one_line(tmp_path, said, kept):
    damaged = messages(1)[0]._replace(data=messages(1)[0].data[:kept])
    with Bag(bag(tmp_path / 'bag', [damaged]), said.append) as opened:
        (found,) = opened.messages()
        with pytest.raises(
            BagError, match=rf'/joint_states is damaged: its {kept} bytes are no sensor'
        ) as told:
            opened.deserialised(found)
    assert '\n' not in str(told.value)


def test_one_topic_of_two_types_is_refused(tmp_path):
    folder = bag(tmp_path / 'bag', messages(2))
    bag(tmp_path / 'other', [recorded('/episode', episode(1), 0)])
    writer = writer_of(folder)
    writer.declare(type(TOPICS['/episode'])('/episode', 'std_msgs/msg/Float32', []))
    writer.add(recorded('/episode', episode(1), 9))
    writer.close()
    assert '/episode is ur5_rl_interfaces/msg/Episode in one file, std_msgs/msg/Float32' in refusal(folder)


def test_a_bag_compressed_as_a_whole_is_refused_with_what_to_do(tmp_path):
    folder = bag(tmp_path / 'bag', messages(2))
    text = (folder / 'metadata.yaml').read_text()
    (folder / 'metadata.yaml').write_text(text.replace("compression_mode: ''", 'compression_mode: FILE'))
    assert 'is compressed by file' in refusal(folder) and 'ros2 bag convert' in refusal(folder)


def test_times_are_since_the_epoch(tmp_path):
    with Bag(bag(tmp_path / 'bag', messages(1)), lambda line: None) as opened:
        first = next(opened.messages())
    assert first.receive_time_ns == START and first.publish_time_ns == START - 1_000_000
