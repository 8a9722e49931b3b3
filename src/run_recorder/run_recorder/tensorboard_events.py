"""Scalars for TensorBoard."""

import io
import os
import socket
import time
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

from ur5_rl_graph.writing import AppendedFile, Writing


class Events:
    """An event file. TensorBoard's own writer ends its thread at the first failure and never writes again."""

    def __init__(self, folder: Path, writing: Writing) -> None:
        """Takes the folder of the event files of a run; each recorder of it has a file of its own."""
        name = f'events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}'
        self._path, self._writing = folder / name, writing
        self._file = AppendedFile(self._path, _record(Event(file_version='brain.Event:2')))

    def add(self, tag: str, value: float, step: int, stamp: float) -> None:
        """Adds a scalar at an environment step or update, and a time [s since the epoch]."""
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        record = _record(Event(wall_time=stamp, step=step, summary=summary))
        self._writing.attempt(self._path.parent, lambda: self._append(record))

    def _append(self, record: bytes) -> None:
        self._path.parent.mkdir(exist_ok=True)
        self._file.append(record)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _record(event: Event) -> bytes:
    """With its length and checksums."""
    buffer = io.BytesIO()
    RecordWriter(buffer).write(event.SerializeToString())
    return buffer.getvalue()
