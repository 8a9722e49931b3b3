"""One MCAP file that is being written: it grows by whole chunks, or not at all."""

from collections import Counter
from pathlib import Path
from typing import IO, Any, cast

from mcap.writer import CompressionType, Writer

from ur5_rl_bags import definitions, qos
from ur5_rl_bags.bag_contents import Recorded
from ur5_rl_bags.metadata import FileInfo, TopicEntry
from ur5_rl_graph.writing import AppendedFile

CHUNK_BYTES = 1 << 20
"""A chunk is closed when it is larger; its messages are what a kill can cost."""
LIBRARY = 'ur5_rl_bags'


class FileGone(Exception):
    """Somebody else has made, moved or cut the file: what follows needs another one."""


class McapOutput:
    """A file with the profile of rosbag2. What the disk has not taken waits in memory."""

    def __init__(self, path: Path) -> None:
        """Begins a file, which is made when its first chunk is handed to the disk."""
        self.info = FileInfo(path.name)
        self._path = path
        self._waiting = _Waiting()
        self._file = AppendedFile(path)
        self._schemas: dict[str, int] = {}
        self._channels: dict[str, int] = {}
        self._writer = Writer(
            cast(IO[Any], self._waiting), chunk_size=CHUNK_BYTES, compression=CompressionType.ZSTD
        )
        self._writer.start(profile='ros2', library=LIBRARY)
        self._open: Counter = Counter()  # messages by topic: in the chunk in progress
        self._closed: Counter = Counter()  # in those that wait for the disk
        self._seen = self.size
        self._handed = 0  # bytes
        self.finished = False
        """Whether nothing more may be added."""

    @property
    def path(self) -> Path:
        """Of the file."""
        return self._path

    @property
    def size(self) -> int:
        """Bytes of closed chunks, those that wait for the disk included."""
        return self._waiting.tell()

    @property
    def unwritten(self) -> Counter:
        """Messages that the disk has not taken yet, by topic."""
        return self._open + self._closed

    @property
    def waits(self) -> bool:
        """Whether a closed chunk, or the summary, waits for the disk."""
        return bool(self._closed) or (self.finished and bool(self._waiting.pieces))

    @property
    def on_disk(self) -> bool:
        """Whether anything of it is there."""
        return self._handed > 0

    def add(self, topic: TopicEntry, message: Recorded) -> None:
        """Adds a message to the chunk in progress."""
        if topic.name not in self._channels:
            self._channels[topic.name] = self._register(topic)
            self._sort()
        self._writer.add_message(
            self._channels[topic.name],
            log_time=message.receive_time_ns,
            publish_time=message.publish_time_ns,
            data=message.data,
        )
        self.info.took(message.receive_time_ns)
        self._open[topic.name] += 1
        self._sort()

    def attach(self, name: str, data: bytes, time_ns: int) -> None:
        """Adds a file as an attachment."""
        kind = 'application/json' if name.endswith('.json') else 'text/plain'
        self._writer.add_attachment(time_ns, time_ns, name, kind, data)

    def note(self, name: str, values: dict[str, str]) -> None:
        """Adds a record of names and texts."""
        self._writer.add_metadata(name, values)

    def close_chunk(self) -> None:
        """Ends the chunk in progress, which a kill would cost."""
        self._writer.flush()
        self._sort()

    def hand_over(self) -> Counter:
        """Hands what waits to the disk, whole; returns the messages in it by topic.

        Raises:
            FileGone: the file is not what it was.
            OSError: the disk has not taken it; it waits.
        """
        if not self._waiting.pieces:
            return Counter()
        size = self._path.stat().st_size if self._path.exists() else 0
        if size < self._handed:
            raise FileGone(f'{self._path} has been moved away or cut off')
        if size > self._handed == 0:
            raise FileGone(f'{self._path} is there already')
        self._path.parent.mkdir(parents=True, exist_ok=True)
        piece = b''.join(self._waiting.pieces)
        self._file.append(piece)
        self._handed += len(piece)
        self._waiting.pieces.clear()
        done, self._closed = self._closed, Counter()
        self.info.message_count += done.total()
        return done

    def finish(self) -> None:
        """Ends the chunk in progress and adds the summary; `hand_over` writes them."""
        self.finished = True
        self._writer.finish()
        self._sort()

    def close(self) -> None:
        """Closes the file as far as it is on the disk."""
        self._file.close()

    def _sort(self) -> None:
        """Notes the messages of a chunk that mcap has closed: it does so by itself when one is large."""
        if self.size > self._seen:
            self._closed += self._open
            self._open = Counter()
            self._seen = self.size

    def _register(self, topic: TopicEntry) -> int:
        if topic.type not in self._schemas:
            try:
                text, encoding = definitions.full_text(topic.type), definitions.ENCODING
            except (OSError, ValueError):  # a type without a .msg file: readable by those who have the type
                text, encoding = '', ''
            self._schemas[topic.type] = self._writer.register_schema(topic.type, encoding, text.encode())
        described = {'offered_qos_profiles': qos.dump(topic.offered), 'topic_type_hash': topic.type_hash}
        return self._writer.register_channel(topic.name, 'cdr', self._schemas[topic.type], described)


class _Waiting:
    """The stream that mcap writes to."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self._position = 0

    def write(self, data: bytes) -> int:
        if data:
            self.pieces.append(bytes(data))
            self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        pass
