"""A recorder's thread never holds its node up, and counts what it could not write."""

import sys
import threading
from pathlib import Path

import pytest

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
sys.path.insert(0, str(Path(__file__).parent))
from bag_messages import START, TOPICS, messages, writer_of
from full_disk import no_room

from ur5_rl_bags import bag_queue
from ur5_rl_bags.bag_queue import Attachment, Queue, fill
from ur5_rl_bags.reader import Bag


class Seconds:
    """A clock that goes on by a step at each look."""

    def __init__(self, step_s: float) -> None:
        self.now_s, self._step_s = 0.0, step_s

    def __call__(self) -> float:
        self.now_s += self._step_s
        return self.now_s


def filled(found, limit_bytes=10**9):
    queue = Queue(limit_bytes)
    for item in found:
        queue.put(item)
    return queue


def read(folder):
    with Bag(folder, lambda line: None) as bag:
        return list(bag.messages())


def test_a_queue_gives_back_what_it_took_in_this_order_and_then_says_that_there_is_nothing():
    found = messages(3)
    queue = filled([*TOPICS.values(), *found])
    queue.close()
    assert [queue.take(0.0) for _ in range(4 + len(found))] == [*TOPICS.values(), *found]
    assert queue.take(0.0) is None and queue.dropped() == {}


def test_what_does_not_fit_into_a_queue_is_left_out_and_counted_until_there_is_room():
    found = messages(10)
    limit = sum(len(message.data) for message in found[:4])
    queue = Queue(limit)
    assert [queue.put(message) for message in found[:4]] == [True] * 4
    assert not any(queue.put(message) for message in found[5:8])
    assert queue.put(TOPICS['/episode']), 'a topic needs no room'
    assert queue.left() == {'/joint_states': 2, '/camera/image_raw': 1, '/episode': 1}
    queue.lose('/episode', 7)
    assert (
        queue.dropped() == {'/joint_states': 2, '/camera/image_raw': 1, '/episode': 7} and not queue.dropped()
    )
    assert queue.take(0.0) == found[0] and queue.put(found[9])


def test_a_queue_wakes_who_waits_for_it():
    queue, got = Queue(10**6), []
    thread = threading.Thread(target=lambda: got.extend(iter(lambda: queue.take(600.0), None)))
    thread.start()
    for message in messages(2):
        queue.put(message)
    queue.close()
    thread.join(60)
    assert got == messages(2)


def test_everything_in_a_queue_is_in_the_bag_when_it_has_been_closed(tmp_path):
    found = messages(10)
    queue = filled([*TOPICS.values(), Attachment('run.json', b'{}', START), *found])
    queue.lose('/joint_states', 2)
    queue.close()
    writer = writer_of(tmp_path / 'bag')
    fill(queue, writer, Seconds(0.3))
    assert read(tmp_path / 'bag') == found
    assert writer.lost == {'/joint_states': 2} and 'lost messages: 2 (/joint_states 2)' in writer.summary()


@pytest.mark.parametrize(('step_s', 'chunks'), [(0.01, 1), (0.6, 11), (1.2, 22)])
def test_a_chunk_is_closed_each_second(tmp_path, step_s, chunks):
    queue = filled(messages(10))
    queue.close()
    fill(queue, writer_of(tmp_path / 'bag'), Seconds(step_s))
    with Bag(tmp_path / 'bag', lambda line: None) as bag:
        assert len(bag._files[0].pieces) == chunks


def test_the_chunk_of_a_second_is_on_the_disk_though_nothing_more_comes(tmp_path, monkeypatch):
    found, seen = messages(1), []
    queue = filled(found)

    def take(self, patience_s, take=Queue.take):
        if not self._items and not self.closed:
            seen.extend(read(tmp_path / 'bag'))
            self.close()
        return take(self, patience_s)

    monkeypatch.setattr(Queue, 'take', take)
    fill(queue, writer_of(tmp_path / 'bag'), Seconds(1.2))
    assert seen == found


def test_on_a_full_disk_the_thread_waits_and_goes_on_when_there_is_room(tmp_path, monkeypatch):
    found = messages(10)
    queue = filled(found)
    tried = []

    def wait_for_close(self, patience_s):
        tried.append(patience_s)
        if len(tried) == 3:
            full.__exit__(None, None, None)

    monkeypatch.setattr(Queue, 'wait_for_close', wait_for_close)
    full = no_room(0)
    full.__enter__()
    monkeypatch.setattr(bag_queue.Queue, 'take', closing_take)
    writer = writer_of(tmp_path / 'bag')
    fill(queue, writer, Seconds(0.6))
    assert tried == [bag_queue.RETRY_S] * 3
    assert read(tmp_path / 'bag') == found and not writer.lost


def closing_take(self, patience_s, take=Queue.take):
    """Closes the queue with its last item: before that a full disk is waited for."""
    item = take(self, patience_s)
    if not self._items:
        self.close()
    return item


def test_a_disk_that_is_full_at_the_end_is_not_waited_for_and_everything_else_is_counted(tmp_path):
    found = messages(10)
    writer = writer_of(tmp_path / 'bag')
    for message in found[:2]:
        writer.add(message)
    writer.close_chunk()
    writer.hand_over()
    queue = filled(found[2:])
    queue.lose('/target', 5)
    queue.close()
    with no_room((tmp_path / 'bag/bag_0.mcap').stat().st_size):
        fill(queue, writer, Seconds(1.2))
    assert read(tmp_path / 'bag') == found[:2]
    assert writer.lost.total() == len(found) - 2 + 5 and writer.lost['/target'] == 5
