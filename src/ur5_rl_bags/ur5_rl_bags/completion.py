"""Completes an MCAP file whose recorder was killed: others' readers look for the summary at its end first."""

import os
import struct
from collections import defaultdict
from pathlib import Path

from mcap.data_stream import ReadDataStream, RecordBuilder
from mcap.opcode import Opcode
from mcap.records import (
    Attachment,
    AttachmentIndex,
    ChunkIndex,
    DataEnd,
    Footer,
    MessageIndex,
    Metadata,
    MetadataIndex,
    Statistics,
)
from mcap.stream_reader import get_chunk_data_stream

from ur5_rl_bags.mcap_file import MAGIC, McapFile, Piece


def complete(file: McapFile) -> None:
    """Adds the end that a file lacks; what is whole stays as it is, what was cut in the middle goes.

    Args:
        file: an open one, of this package's writer: all its messages are in chunks.

    Raises:
        OSError: it cannot be written; what could be read before still can.
    """
    end, indexes = file.whole_bytes, []
    if file.pieces and file.pieces[-1].index_end == end:  # its index may be cut off: it is written anew
        last = file.pieces[-1]
        end, indexes = last.offset + last.length, _message_indexes(file, last)
    rest = RecordBuilder()
    for index in indexes:
        file.pieces[-1].index[index.channel_id] = end + rest.count
        index.write(rest)
    if indexes:
        file.pieces[-1].index_end = end + rest.count
    DataEnd(0).write(rest)
    summary_start = end + rest.count
    _write_summary(file, rest)
    Footer(summary_start, summary_offset_start=0, summary_crc=0).write(rest)
    _replace_end(file.path, end, rest.end() + MAGIC)


def _replace_end(path: Path, start: int, data: bytes) -> None:
    with path.open('r+b') as file:
        file.truncate(start)
        file.seek(start)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _message_indexes(file: McapFile, piece: Piece) -> list[MessageIndex]:
    """Returns where in a chunk the messages of each channel are."""
    stream, length = get_chunk_data_stream(file.chunk(piece))
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    while stream.count < length:
        offset = stream.count
        opcode, size = stream.read1(), stream.read8()
        content = stream.read(size)
        if opcode == Opcode.MESSAGE:
            channel, _, log_time = struct.unpack_from('<HIQ', content)
            found[channel].append((log_time, offset))
    return [MessageIndex(channel, records) for channel, records in sorted(found.items())]


def _write_summary(file: McapFile, to: RecordBuilder) -> None:
    counts: dict[int, int] = defaultdict(int)
    for piece in file.pieces:
        for channel, count in piece.counts.items():
            counts[channel] += count
    for record in (*file.schemas.values(), *file.channels.values()):
        record.write(to)
    beside = [_index(file, opcode, offset, length) for opcode, offset, length in file.beside]
    Statistics(
        attachment_count=sum(isinstance(index, AttachmentIndex) for index in beside),
        channel_count=len(file.channels),
        channel_message_counts=counts,
        chunk_count=len(file.pieces),
        message_count=sum(counts.values()),
        metadata_count=sum(isinstance(index, MetadataIndex) for index in beside),
        message_start_time=min((piece.start_ns for piece in file.pieces), default=0),
        message_end_time=max((piece.end_ns for piece in file.pieces), default=0),
        schema_count=len(file.schemas),
    ).write(to)
    for piece in file.pieces:
        chunk = file.chunk(piece)
        ChunkIndex(
            chunk_length=piece.length,
            chunk_start_offset=piece.offset,
            compression=chunk.compression,
            compressed_size=len(chunk.data),
            message_end_time=piece.end_ns,
            message_index_length=piece.index_end - piece.offset - piece.length,
            message_index_offsets=piece.index,
            message_start_time=piece.start_ns,
            uncompressed_size=chunk.uncompressed_size,
        ).write(to)
    for index in beside:
        index.write(to)


def _index(file: McapFile, opcode: int, offset: int, length: int) -> AttachmentIndex | MetadataIndex:
    stream: ReadDataStream = file.content(offset, length)
    if opcode == Opcode.METADATA:
        return MetadataIndex(offset=offset, length=length, name=Metadata.read(stream).name)
    found = Attachment.read(stream)
    return AttachmentIndex(
        offset=offset,
        length=length,
        log_time=found.log_time,
        create_time=found.create_time,
        data_size=len(found.data),
        name=found.name,
        media_type=found.media_type,
    )
