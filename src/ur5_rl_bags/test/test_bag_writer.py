"""A bag grows by whole chunks and files; what the disk does not take is counted."""

import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
sys.path.insert(0, str(Path(__file__).parent))
from bag_messages import SECOND, START, TOPICS, bag, image, messages, recorded, write, writer_of
from full_disk import no_room
from mcap.reader import make_reader
from rosbags.rosbag2 import Reader

from ur5_rl_bags import metadata
from ur5_rl_bags.reader import Bag
from ur5_rl_bags.writer import BagWriter
from ur5_rl_graph.writing import Writing


def read(folder, said=None):
    with Bag(folder, (said if said is not None else []).append) as found:
        return list(found.messages())


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def summary(path):
    with path.open('rb') as file:
        reader = make_reader(file)
        return reader.get_header(), reader.get_summary(), list(reader.iter_attachments())


def test_what_is_written_is_read_and_the_metadata_count_it(tmp_path):
    found = messages(20)
    folder = bag(tmp_path / 'bag', found)
    assert names(folder) == ['bag_0.mcap', 'metadata.yaml']
    said = []
    assert read(folder, said) == found and said == []
    about = metadata.read(folder)
    assert about.message_count == len(found) == 44
    assert (about.starting_time_ns, about.duration_ns) == (START, round(19.1 * SECOND))
    assert {topic.name: topic.message_count for topic in about.topics} == {
        '/joint_states': 20,
        '/camera/image_raw': 20,
        '/episode': 4,
        '/monitor/reward': 0,
    }
    header, whole, _ = summary(folder / 'bag_0.mcap')
    assert header.profile == 'ros2' and whole.statistics.message_count == 44
    assert all(chunk.compression == 'zstd' for chunk in whole.chunk_indexes)


def test_a_file_that_is_large_is_closed_and_the_next_one_has_its_own_topics(tmp_path):
    found = messages(40, size=3000)
    folder = bag(tmp_path / 'run_bag', found, split_bytes=30_000)
    files = [name for name in names(folder) if name.endswith('.mcap')]
    assert len(files) == 5 and files[0] == 'run_bag_0.mcap'
    assert all(30_000 <= (folder / name).stat().st_size < 50_000 for name in files[:-1])
    about = metadata.read(folder)
    assert [file.path for file in about.files] == files
    assert sum(file.message_count for file in about.files) == len(found) == about.message_count
    assert [file.starting_time_ns for file in about.files] == sorted(f.starting_time_ns for f in about.files)
    assert about.files[1].starting_time_ns > about.files[0].end_ns
    for name in files:  # each can be read alone
        header, whole, _ = summary(folder / name)
        assert {channel.topic for channel in whole.channels.values()} >= {
            '/joint_states',
            '/camera/image_raw',
        }
    assert read(folder) == found


def test_the_metadata_are_there_from_the_first_split_on(tmp_path):
    writer = writer_of(tmp_path / 'bag', split_bytes=10_000)
    assert not (tmp_path / 'bag').exists(), 'nothing is made before there is a message'
    write(writer, messages(2))
    assert names(tmp_path / 'bag') == ['bag_0.mcap']
    write(writer, messages(40)[5:])
    about = metadata.read(tmp_path / 'bag')
    assert [file.path for file in about.files] == ['bag_0.mcap', 'bag_1.mcap'] < names(tmp_path / 'bag')[:3]
    writer.close()


def test_a_closed_chunk_is_on_the_disk_and_survives_a_kill(tmp_path):
    found = messages(10)
    writer = writer_of(tmp_path / 'bag')
    write(writer, found[:12], chunk=4)
    for message in found[12:15]:
        writer.add(message)  # of the chunk in progress: nobody closes it
    said = []
    assert read(tmp_path / 'bag', said) == found[:12]
    assert 'metadata.yaml is missing' in said[0] and 'was not closed' in said[1] and len(said) == 2


def test_the_gaps_of_all_kills_are_told(tmp_path):
    found = messages(20)
    for start in (0, 16, 32):  # each is killed but the last
        writer = writer_of(tmp_path / 'bag', said=[])
        write(writer, found[start : start + 8])
    writer.close()
    gaps = metadata.read(tmp_path / 'bag').custom_data['gaps'].split('; ')
    assert [gap.partition(' ')[0] for gap in gaps] == ['bag_0.mcap', 'bag_1.mcap'] and gaps == writer.gaps


def test_a_recorder_that_comes_back_adds_a_file_and_leaves_what_is_there(tmp_path):
    found = messages(20)
    killed = writer_of(tmp_path / 'bag')
    write(killed, found[:20])
    before = (tmp_path / 'bag/bag_0.mcap').read_bytes()
    said = []
    again = writer_of(tmp_path / 'bag', said=said)
    write(again, found[24:])
    again.close()
    assert (tmp_path / 'bag/bag_0.mcap').read_bytes().startswith(before)
    about = metadata.read(tmp_path / 'bag')
    assert [(file.path, file.message_count) for file in about.files] == [
        ('bag_0.mcap', 20),
        ('bag_1.mcap', 20),
    ]
    assert {topic.name: topic.message_count for topic in about.topics}['/joint_states'] == 18
    gap_s = (found[24].receive_time_ns - found[19].receive_time_ns) / SECOND
    assert about.custom_data['gaps'] == f'bag_0.mcap was not closed, {gap_s:.1f} s are missing behind it'
    assert any(line.startswith('the recorder was killed') for line in said)
    assert (
        about.custom_data['gaps'] in again.summary()
        and '40 messages of 3 topics in 2 files' in again.summary()
    )
    assert read(tmp_path / 'bag', said) == found[:20] + found[24:] and len(said) == 2


def test_a_file_says_of_itself_what_rosbag2_reads_where_there_is_no_metadata_yaml(tmp_path):
    writer = writer_of(tmp_path / 'bag')
    writer.notes['revision'] = 'abc'
    write(writer, messages(8))
    writer.lost['/episode'] += 3
    writer.close()
    with (tmp_path / 'bag/bag_0.mcap').open('rb') as file:
        (record,) = make_reader(file).iter_metadata()
    assert record.name == 'rosbag2' and record.metadata.keys() == {'serialized_metadata'}
    said = yaml.safe_load(record.metadata['serialized_metadata'])
    whole = yaml.safe_load((tmp_path / 'bag/metadata.yaml').read_text())['rosbag2_bagfile_information']
    assert said.keys() == whole.keys() and list(said)[0] == 'version'
    assert (
        said['custom_data']
        == whole['custom_data']
        == {
            'revision': 'abc',
            'lost_messages': '3 (/episode 3)',
        }
    )
    assert (said['version'], said['storage_identifier'], said['ros_distro']) == (
        9,
        'mcap',
        whole['ros_distro'],
    )


def test_a_recorder_that_comes_back_knows_the_topics_of_a_bag_without_metadata_yaml(tmp_path):
    write(writer_of(tmp_path / 'bag'), messages(8))
    BagWriter(tmp_path / 'bag', 10**9, Writing(lambda line: None), lambda line: None).write_metadata()
    for topic in metadata.read(tmp_path / 'bag').topics:
        known = TOPICS[topic.name]
        assert (topic.type, topic.offered, topic.type_hash) == (known.type, known.offered, known.type_hash)
        assert topic.type_hash.startswith('RIHS01_')


def test_a_file_that_was_cut_anywhere_is_completed_for_others_and_keeps_what_could_be_read(tmp_path):
    found = messages(8)
    writer = writer_of(tmp_path / 'bag')
    writer.attach('run.json', b'{}', START)
    write(writer, found)
    writer.close()
    whole = (tmp_path / 'bag/bag_0.mcap').read_bytes()
    kept = []
    for length in range(5200, len(whole), 97 if len(whole) < 9000 else 293):
        folder = tmp_path / str(length)
        folder.mkdir()
        path = folder / 'bag_0.mcap'
        path.write_bytes(whole[:length])
        try:
            before = read(folder)
        except ValueError:
            continue  # not even its first chunk
        writer_of(folder).write_metadata()
        said = []
        assert read(folder, said) == before and said == []
        _, about, (attachment,) = summary(path)
        assert about.statistics.message_count == len(before) and attachment.name == 'run.json'
        indexed = sum(  # a record of 15 bytes for each channel of a chunk, and 16 more a message
            chunk.message_index_length - 15 * len(chunk.message_index_offsets)
            for chunk in about.chunk_indexes
        )
        assert indexed == 16 * len(before)
        assert sum(about.statistics.channel_message_counts.values()) == len(before)
        with path.open('rb') as file:
            times = [
                message.log_time for _, _, message in make_reader(file, validate_crcs=True).iter_messages()
            ]
        assert times == [message.receive_time_ns for message in before]
        with Reader(folder) as reader:
            assert [time_ns for _, time_ns, _ in reader.messages()] == times
            assert Counter({c.topic: c.msgcount for c in reader.connections}) == Counter(
                m.topic for m in before
            )
        kept.append(len(before))
    assert kept == sorted(kept) and len(set(kept)) >= 3


def test_nothing_of_a_chunk_that_was_cut_stays_behind_the_new_end(tmp_path):
    found = [*messages(4), recorded('/camera/image_raw', image(9, 300_000), 9)]
    folder = bag(tmp_path / 'bag', found)
    path = folder / 'bag_0.mcap'
    path.write_bytes(path.read_bytes()[:-60_000])
    assert path.stat().st_size > 200_000
    writer_of(folder)
    assert path.stat().st_size < 20_000 and summary(path)[1].statistics.message_count == 8
    assert read(folder) == found[:8]


def test_a_cut_file_of_another_writer_is_left_as_it_is(tmp_path):
    folder = bag(tmp_path / 'bag', messages(8))
    path = folder / 'bag_0.mcap'
    foreign = path.read_bytes().replace(b'ur5_rl_bags', b'libmcap 1.3', 1)[:-700]
    path.write_bytes(foreign)
    writer_of(folder)
    assert path.read_bytes() == foreign


def test_a_run_that_is_resumed_has_no_gap_but_keeps_what_was_said_of_it(tmp_path):
    found = messages(10)
    first = writer_of(tmp_path / 'bag')
    first.notes['revision'] = 'abc'
    first.lost['/episode'] += 3
    first.gaps.append('a gap')
    write(first, found[:8])
    first.close()
    again = writer_of(tmp_path / 'bag')
    again.lost['/episode'] += 1
    write(again, found[8:])
    again.close()
    about = metadata.read(tmp_path / 'bag')
    assert about.custom_data == {'revision': 'abc', 'lost_messages': '4 (/episode 4)', 'gaps': 'a gap'}
    assert len(about.files) == 2 and read(tmp_path / 'bag') == found


def test_on_a_full_disk_a_chunk_waits_and_nothing_is_damaged(tmp_path):
    found, said = messages(30), []
    writer = writer_of(tmp_path / 'bag', said=said)
    write(writer, found[:8])
    size = (tmp_path / 'bag/bag_0.mcap').stat().st_size
    with no_room(size + 100):
        for message in found[8:12]:
            writer.add(message)
        writer.close_chunk()
        assert [writer.hand_over() for _ in range(3)] == [False] * 3 and writer.waits
        assert (tmp_path / 'bag/bag_0.mcap').stat().st_size == size
    assert writer.hand_over() and not writer.waits
    write(writer, found[12:])
    writer.close()
    assert len(said) == 2 and 'File too large' in said[0] and said[1].endswith('is written again')
    assert read(tmp_path / 'bag') == found and not writer.lost


def test_what_a_full_disk_has_not_taken_at_the_end_is_counted_and_the_rest_is_whole(tmp_path):
    found = messages(10)
    writer = writer_of(tmp_path / 'bag')
    write(writer, found[:8])
    with no_room((tmp_path / 'bag/bag_0.mcap').stat().st_size):
        for message in found[8:13]:
            writer.add(message)
        writer.close()
    assert writer.lost == {'/joint_states': 2, '/camera/image_raw': 3}
    lost = 'lost messages: 5 (/camera/image_raw 3, /joint_states 2)'
    assert writer.summary() == f'bag {tmp_path}/bag: 8 messages of 3 topics in 1 file; {lost}'
    assert read(tmp_path / 'bag') == found[:8]


def test_a_full_disk_at_a_split_closes_the_file_once_there_is_room(tmp_path):
    found = messages(30, size=3000)
    writer = writer_of(tmp_path / 'bag', split_bytes=20_000)
    write(writer, found[:12])
    with no_room((tmp_path / 'bag/bag_0.mcap').stat().st_size):
        for message in found[12:20]:
            writer.add(message)
        writer.close_chunk()
        assert not any(writer.hand_over() for _ in range(3))
    assert writer.hand_over()
    write(writer, found[20:])
    writer.close()
    assert all(summary(path)[1].statistics.message_count for path in (tmp_path / 'bag').glob('*.mcap'))
    assert read(tmp_path / 'bag') == found and not writer.lost


def test_a_file_that_was_moved_away_costs_its_last_chunk_and_another_one_follows(tmp_path):
    found, said = messages(12), []
    writer = writer_of(tmp_path / 'bag', said=said)
    write(writer, found[:8])
    (tmp_path / 'bag/bag_0.mcap').rename(tmp_path / 'elsewhere.mcap')
    write(writer, found[8:])
    writer.close()
    assert writer.lost.total() == 4 and '4 messages are lost' in said[0] and len(said) == 1
    assert read(tmp_path / 'bag') == found[12:]
    with Bag(tmp_path / 'elsewhere.mcap', lambda line: None) as moved:
        assert list(moved.messages()) == found[:8]


def test_a_file_that_somebody_else_has_made_is_not_written_into(tmp_path):
    found, said = messages(6), []
    writer = writer_of(tmp_path / 'bag', said=said)
    bag(tmp_path / 'bag', found[:4])
    before = (tmp_path / 'bag/bag_0.mcap').read_bytes()
    write(writer, found[4:])
    writer.close()
    assert (tmp_path / 'bag/bag_0.mcap').read_bytes() == before and 'is there already: 4 messages' in said[0]
    assert read(tmp_path / 'bag') == found[:4] + found[8:] and writer.lost.total() == 4


@pytest.mark.parametrize('length', [0, 5, 60, 400])
def test_a_file_without_a_whole_chunk_is_noted_and_keeps_nobody_from_recording(tmp_path, length):
    folder = bag(tmp_path / 'bag', messages(2))
    path = folder / 'bag_0.mcap'
    path.write_bytes(path.read_bytes()[:length])
    (folder / 'metadata.yaml').unlink()
    writer = writer_of(folder)
    write(writer, messages(4))
    writer.close()
    assert [file.path for file in metadata.read(folder).files] == ['bag_1.mcap']
    gaps = [] if length < 8 else ['bag_0.mcap was not closed, no message of it can be read']
    assert writer.gaps == gaps and read(folder) == messages(4)


def test_a_damaged_file_is_left_as_it_is_and_keeps_nobody_from_recording(tmp_path):
    folder, said = bag(tmp_path / 'bag', messages(8)), []
    path = folder / 'bag_0.mcap'
    with Bag(folder, said.append) as found:
        last = found._files[0].pieces[-1]
    data = path.read_bytes()[: last.index_end]
    damaged = data[: last.offset + 60] + bytes(40) + data[last.offset + 100 :]
    path.write_bytes(damaged)
    writer = writer_of(folder, said=said)
    write(writer, messages(40)[30:])
    writer.close()
    assert path.read_bytes() == damaged and any('left as it is' in line for line in said)
    assert len(read(folder)) == 16 + len(messages(40)[30:])


def test_small_files_of_the_run_are_in_every_file_of_the_bag_as_they_were_last(tmp_path):
    writer = writer_of(tmp_path / 'bag', split_bytes=10_000)
    writer.attach('run.json', b'{"seed": 1}', START)
    write(writer, messages(4))
    writer.attach('run.json', b'{"seed": 2}', START + SECOND)
    writer.attach('run.json', b'{"seed": 2}', START + SECOND)
    write(writer, messages(60))
    writer.close()
    files = sorted((tmp_path / 'bag').glob('*.mcap'))
    held = [[(a.name, a.data) for a in summary(path)[2]] for path in files]
    assert held[0] == [('run.json', b'{"seed": 1}'), ('run.json', b'{"seed": 2}')] and len(held) > 1
    assert all(found == [('run.json', b'{"seed": 2}')] for found in held[1:])


def test_a_run_without_a_message_leaves_no_bag(tmp_path):
    writer = writer_of(tmp_path / 'bag')
    writer.attach('run.json', b'{}', START)
    writer.close()
    assert not (tmp_path / 'bag').exists()


def test_a_large_chunk_is_closed_by_itself_and_what_came_after_it_counts_as_open(tmp_path):
    found = [recorded('/camera/image_raw', image(n, 600_000), n) for n in range(3)]
    writer = writer_of(tmp_path / 'bag')
    writer.add(found[0])
    assert not writer.waits
    writer.add(found[1])
    assert writer.waits, 'more than a megabyte'
    writer.add(found[2])
    assert writer.hand_over()
    with no_room((tmp_path / 'bag/bag_0.mcap').stat().st_size):
        writer.close()
    assert writer.lost == {'/camera/image_raw': 1} and read(tmp_path / 'bag') == found[:2]
