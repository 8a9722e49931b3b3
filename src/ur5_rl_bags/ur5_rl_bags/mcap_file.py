"""One MCAP file of a bag, whole or cut off: read by its chunks, without the summary at its end.

Every record says its length, and every chunk the time of its first message. So one pass over the heads of
the records finds all whole chunks, those of a file that ends in the middle of one, too.
"""

import heapq
import io
import struct
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zstandard
from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Attachment, Channel, Chunk, Header, McapRecord, Message, Schema
from mcap.stream_reader import breakup_chunk

from ur5_rl_bags.bag_contents import BagError, Recorded, TopicInfo
from ur5_rl_bags.qos import understood

MAGIC = b'\x89MCAP0\r\n'
_HEAD = struct.Struct('<BQ')  # of a record: opcode, length of what follows
_CHUNK = struct.Struct('<QQ')  # the beginning of a chunk: log times of its first and last message [ns]
_INDEX = struct.Struct('<HI')  # the beginning of a message index: channel, bytes of what follows
_ENTRY_BYTES = 16  # of a message index
DAMAGE = (McapError, ValueError, struct.error, zstandard.ZstdError, RuntimeError, MemoryError)
"""What mcap, zstandard and lz4 raise where a record is not what it says."""
_KINDS: dict[int, Any] = {
    Opcode.HEADER: Header,
    Opcode.SCHEMA: Schema,
    Opcode.CHANNEL: Channel,
    Opcode.CHUNK: Chunk,
}


@dataclass
class Piece:
    """A chunk of a file, or a message outside of any."""

    start_ns: int
    """Receive time of its first message."""
    end_ns: int
    """That of its last one."""
    offset: int
    length: int
    """Bytes, its head included."""
    counts: Counter = field(default_factory=Counter)
    """Messages by the id of their channel."""
    index: dict[int, int] = field(default_factory=dict)
    """Where, by the id of a channel, the record lies that says where in the chunk its messages are."""
    index_end: int = 0
    """Where the last of these records ends, or the piece itself where there is none."""

    def __post_init__(self) -> None:
        self.index_end = self.offset + self.length


class McapFile:
    """The messages of a file by topic, in the order of their receive times."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        """Finds what can be read.

        Args:
            path: the file.
            say: gets a line for whatever of it cannot be read.

        Raises:
            BagError: it is no MCAP file.
            OSError: it cannot be opened.
        """
        self.path, self._say = path, say
        self._file = path.open('rb')
        self.channels: dict[int, Channel] = {}
        self.schemas: dict[int, Schema] = {}
        self.library = ''
        """What wrote it."""
        self.beside: list[tuple[int, int, int]] = []
        """Opcode, offset and length of attachments and metadata."""
        self.pieces: list[Piece] = []
        self.whole_bytes = 0
        """So far its records are whole, those behind its data not counted."""
        self.ended = False
        """Whether its writer has closed it."""
        try:
            self._scan()
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    @property
    def topics(self) -> dict[str, TopicInfo]:
        """The topics by name; several channels may be one topic's."""
        counts = sum((piece.counts for piece in self.pieces), Counter())
        found: dict[str, TopicInfo] = {}
        for number, channel in sorted(self.channels.items()):
            schema = self.schemas.get(channel.schema_id)
            kind, text = (schema.name, schema.data.decode(errors='replace')) if schema else ('', '')
            type_hash = channel.metadata.get('topic_type_hash', '')
            offered = understood(channel.metadata.get('offered_qos_profiles', ''))
            topic = found.setdefault(channel.topic, TopicInfo(kind, 0, offered, text, type_hash))
            topic.count += counts[number]
        return found

    def messages(self, topics: Collection[str] | None = None) -> Iterator[Recorded]:
        """Yields messages of these topics, or all, by receive time; a damaged chunk is left out, and said."""
        wanted = {
            number for number, channel in self.channels.items() if topics is None or channel.topic in topics
        }
        waiting: list[tuple[int, int, Recorded]] = []
        taken = 0
        for piece in sorted(self.pieces, key=lambda piece: piece.start_ns):
            if not wanted & piece.counts.keys():
                continue
            while waiting and waiting[0][0] <= piece.start_ns:
                yield heapq.heappop(waiting)[2]
            for record in self._records(piece):
                if isinstance(record, Message) and record.channel_id in wanted:
                    topic = self.channels[record.channel_id].topic
                    message = Recorded(topic, record.log_time, record.publish_time, record.data)
                    heapq.heappush(waiting, (record.log_time, taken, message))
                    taken += 1
        while waiting:
            yield heapq.heappop(waiting)[2]

    def attachments(self) -> Iterator[tuple[str, bytes]]:
        """Yields name and content of what was put beside the messages; of one name the newest comes last."""
        for opcode, offset, length in self.beside:
            if opcode == Opcode.ATTACHMENT:
                try:
                    found = Attachment.read(self.content(offset, length))
                except DAMAGE as error:
                    self._say_damage(offset, error)
                    continue
                yield found.name, found.data

    def content(self, offset: int, length: int) -> ReadDataStream:
        """Returns what a record of this place and length holds."""
        self._file.seek(offset + _HEAD.size)
        return ReadDataStream(io.BytesIO(self._file.read(length - _HEAD.size)))

    def chunk(self, piece: Piece) -> Chunk:
        """Returns a chunk as it is in the file."""
        return Chunk.read(self.content(piece.offset, piece.length))

    def _scan(self) -> None:
        size = self._file.seek(0, io.SEEK_END)
        self._file.seek(0)
        if self._file.read(len(MAGIC)) != MAGIC:
            raise BagError(f'{self.path} is no MCAP file: it begins otherwise ({size} bytes)')
        position = len(MAGIC)
        chunk: Piece | None = None
        while position + _HEAD.size <= size:
            self._file.seek(position)
            opcode, length = _HEAD.unpack(self._file.read(_HEAD.size))
            end = position + _HEAD.size + length
            if opcode == Opcode.DATA_END:
                self.ended = self._closed(size)
                break
            if opcode == 0 or end > size:
                break
            try:
                chunk = self._take(opcode, position, end - position, chunk)
            except DAMAGE as error:
                self._say_damage(position, error)
                if chunk is not None:
                    chunk.counts.clear()  # it is looked into, whatever its index says
            self.whole_bytes = position = end
        if chunk is not None and not self.ended:
            chunk.counts.clear()  # its index may be cut off
        self._know(chunk)
        if not self.ended:
            self._say(
                f'{self.path} was not closed: read up to its last whole chunk, '
                f'of {size - position} bytes behind it nothing'
            )

    def _take(self, opcode: int, offset: int, length: int, chunk: Piece | None) -> Piece | None:
        """Takes a record behind a chunk; returns the chunk to which an index that follows belongs."""
        if opcode != Opcode.MESSAGE_INDEX:
            self._know(chunk)
            return self._note(opcode, offset, length)
        channel, entries = _INDEX.unpack(self.content(offset, length).read(_INDEX.size))
        if chunk is not None:
            chunk.counts[channel] += entries // _ENTRY_BYTES
            chunk.index[channel], chunk.index_end = offset, offset + length
        return chunk

    def _closed(self, size: int) -> bool:
        self._file.seek(size - len(MAGIC))
        return self._file.read() == MAGIC

    def _note(self, opcode: int, offset: int, length: int) -> Piece | None:
        """Notes a record; returns it where it is a chunk, whose index follows."""
        if opcode == Opcode.CHUNK and length >= _HEAD.size + _CHUNK.size:
            start_ns, end_ns = _CHUNK.unpack(self.content(offset, _HEAD.size + _CHUNK.size).read(_CHUNK.size))
            self.pieces.append(Piece(start_ns, end_ns, offset, length))
            return self.pieces[-1]
        if opcode in (Opcode.ATTACHMENT, Opcode.METADATA):
            self.beside.append((opcode, offset, length))
        if opcode in (Opcode.HEADER, Opcode.SCHEMA, Opcode.CHANNEL, Opcode.MESSAGE):
            piece = Piece(0, 0, offset, length)
            for record in self._records(piece):
                self._learn(record)
                if isinstance(record, Message):
                    piece.start_ns = piece.end_ns = record.log_time
                    piece.counts[record.channel_id] += 1
                    self.pieces.append(piece)
        return None

    def _know(self, chunk: Piece | None) -> None:
        """Looks into a chunk that has no index, or whose index names a channel that no one before it did."""
        if chunk is None or (chunk.counts and chunk.counts.keys() <= self.channels.keys()):
            return
        counts: Counter = Counter()
        for record in self._records(chunk):
            self._learn(record)
            if isinstance(record, Message):
                counts[record.channel_id] += 1
        chunk.counts = Counter({number: count for number, count in counts.items() if number in self.channels})

    def _learn(self, record: McapRecord) -> None:
        if isinstance(record, Header):
            self.library = record.library
        elif isinstance(record, Schema):
            self.schemas.setdefault(record.id, record)
        elif isinstance(record, Channel):
            self.channels.setdefault(record.id, record)

    def _records(self, piece: Piece) -> list[McapRecord]:
        """Returns what a piece holds; nothing, after a line, where it is damaged."""
        self._file.seek(piece.offset)
        opcode, length = _HEAD.unpack(self._file.read(_HEAD.size))
        stream = self.content(piece.offset, piece.length)
        try:
            if opcode == Opcode.MESSAGE:
                return [Message.read(stream, length)]
            record = _KINDS[opcode].read(stream)
            return breakup_chunk(record, validate_crc=True) if opcode == Opcode.CHUNK else [record]
        except DAMAGE as error:
            lost = f', {piece.counts.total()} messages are lost' if piece.counts else ''
            self._say_damage(piece.offset, error, lost)
            return []

    def _say_damage(self, offset: int, error: Exception, lost: str = '') -> None:
        why = ' '.join(str(error).split()) or type(error).__name__
        self._say(f'{self.path} is damaged at byte {offset} ({why}){lost}')
