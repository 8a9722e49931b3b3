"""Records beside its node: a bounded queue, and a thread that writes what is in it.

The node never waits for the disk. What does not fit into the queue is lost, counted by topic, and told in the
bag and at the end.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import NamedTuple

from ur5_rl_bags.bag_contents import Recorded
from ur5_rl_bags.metadata import TopicEntry
from ur5_rl_bags.writer import BagWriter

CHUNK_S = 1.0
"""A chunk is closed after so long: what a kill can cost."""
RETRY_S = 1.0
"""A disk that has taken nothing is tried again after so long."""


class Attachment(NamedTuple):
    """A small file that is to be in the bag."""

    name: str
    data: bytes
    time_ns: int


Item = Recorded | TopicEntry | Attachment


class Queue:
    """What waits to be written: the messages of `limit_bytes` at most."""

    def __init__(self, limit_bytes: int) -> None:
        """Is empty and open."""
        self._limit_bytes = limit_bytes
        self._items: deque[Item] = deque()
        self._bytes = 0
        self._dropped: Counter = Counter()
        self._changed = threading.Condition()
        self.closed = False

    def put(self, item: Item) -> bool:
        """Adds an item, without waiting; returns False where it is a message for which there is no room."""
        with self._changed:
            size = _size(item)
            if isinstance(item, Recorded) and size and self._bytes + size > self._limit_bytes:
                self._dropped[item.topic] += 1
                return False
            self._items.append(item)
            self._bytes += size
            self._changed.notify()
            return True

    def take(self, patience_s: float) -> Item | None:
        """Returns the oldest item, None where none comes in that time."""
        with self._changed:
            if not self._items and not self.closed:
                self._changed.wait(patience_s)
            if not self._items:
                return None
            item = self._items.popleft()
            self._bytes -= _size(item)
            return item

    def lose(self, topic: str, count: int) -> None:
        """Counts messages that never came."""
        with self._changed:
            self._dropped[topic] += count

    def dropped(self) -> Counter:
        """Returns the messages that were lost since the last call, by topic."""
        with self._changed:
            dropped, self._dropped = self._dropped, Counter()
            return dropped

    def left(self) -> Counter:
        """Returns the messages that still wait, by topic."""
        with self._changed:
            return Counter(item.topic for item in self._items if isinstance(item, Recorded))

    def close(self) -> None:
        """Lets `take` wait for nothing more."""
        with self._changed:
            self.closed = True
            self._changed.notify()

    def wait_for_close(self, patience_s: float) -> None:
        """Waits for `close`."""
        with self._changed:
            if not self.closed:
                self._changed.wait_for(lambda: self.closed, patience_s)


def fill(queue: Queue, writer: BagWriter, monotonic: Callable[[], float] = time.monotonic) -> None:
    """Writes what comes into the queue until that is closed and empty, then ends the bag.

    Args:
        queue: of what is to be written.
        writer: writes it.
        monotonic: a clock [s].
    """
    closed_s = monotonic()
    while True:
        item = queue.take(CHUNK_S / 4.0)
        if item is None and queue.closed:
            break
        if item is not None and not _add(item, queue, writer):
            break
        if monotonic() - closed_s >= CHUNK_S:
            closed_s = monotonic()
            writer.lost += queue.dropped()
            writer.close_chunk()
            writer.hand_over()
    writer.lost += queue.dropped() + queue.left()
    writer.close()


def _add(item: Item, queue: Queue, writer: BagWriter) -> bool:
    """Adds an item once the disk has what was before; False where the queue closes before."""
    while writer.waits and not writer.hand_over():
        if queue.closed:
            writer.lost[getattr(item, 'topic', '')] += isinstance(item, Recorded)
            return False
        queue.wait_for_close(RETRY_S)
    if isinstance(item, Recorded):
        writer.add(item)
    elif isinstance(item, TopicEntry):
        writer.declare(item)
    else:
        writer.attach(*item)
    return True


def _size(item: Item) -> int:
    return len(item.data) if isinstance(item, Recorded) else 0
