"""Any messages, cut into any chunks and files by any number of recorders: the reader tells them all."""

import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
sys.path.insert(0, str(Path(__file__).parent))
from bag_messages import START, TOPICS, writer_of

from ur5_rl_bags import metadata
from ur5_rl_bags.bag_contents import Recorded
from ur5_rl_bags.reader import Bag

MESSAGES = st.lists(
    st.tuples(
        st.sampled_from(sorted(TOPICS)),
        st.integers(1, 2_000_000_000),  # [ns] after the one before
        st.integers(0, 5_000_000),  # [ns] on its way
        st.binary(max_size=200),
        st.sampled_from(['', '', '', 'chunk', 'chunk', 'file', 'recorder']),  # what ends behind it
    ),
    max_size=30,
)


@settings(max_examples=25)
@given(messages=MESSAGES)
def test_every_message_is_read_as_it_was_written_in_its_order(messages, tmp_path_factory):
    folder = tmp_path_factory.mktemp('bags') / 'bag'
    said, wanted, now = [], [], START
    writer = writer_of(folder, split_bytes=2000, said=said)
    for topic, later, on_its_way, data, ends in messages:
        now += later
        wanted.append(Recorded(topic, now, now - on_its_way, data))
        writer.add(wanted[-1])
        if ends:
            writer.close_chunk()
        if ends in ('file', 'recorder'):
            assert writer.hand_over()
        if ends == 'recorder':
            writer.close()
            writer = writer_of(folder, split_bytes=2000, said=said)
    writer.close()
    assert said == [] and not writer.lost and not writer.gaps
    if not wanted:
        return
    with Bag(folder, said.append) as found:
        assert list(found.messages()) == wanted
    about = metadata.read(folder)
    counts = Counter(message.topic for message in wanted)
    assert {topic.name: topic.message_count for topic in about.topics} == {
        name: counts[name] for name in TOPICS
    }
    assert sum(file.message_count for file in about.files) == about.message_count == len(wanted)
    assert (about.starting_time_ns, about.duration_ns) == (
        wanted[0].receive_time_ns,
        wanted[-1].receive_time_ns - wanted[0].receive_time_ns,
    )
