"""Reads the bag of a run, or anybody's: rosbag2's folder of MCAP or sqlite3 files."""

import heapq
import re
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from ur5_rl_bags import definitions, metadata
from ur5_rl_bags.bag_contents import BagError, Recorded, TopicInfo, number_of
from ur5_rl_bags.mcap_file import McapFile
from ur5_rl_bags.sqlite_file import SqliteFile
from ur5_rl_graph import run_files

__all__ = ['Bag', 'BagError', 'Recorded', 'TopicInfo']

KINDS: dict[str, type[McapFile] | type[SqliteFile]] = {'.mcap': McapFile, '.db3': SqliteFile}
"""The class that reads a file, by the ending of its name."""


def _print(line: str) -> None:
    print(f'warning: {line}', file=sys.stderr, flush=True)


class Bag:
    """The messages of a bag by topic, in receive order; a context manager.

    What can be read is read: a bag without metadata.yaml, files that it does not name, a file that was cut
    off. One line says each time what is missing.
    """

    def __init__(self, path: Path | str, say: Callable[[str], None] = _print) -> None:
        """Opens a bag.

        Args:
            path: its folder, a run folder that holds one, or one file of one.
            say: gets a line for whatever cannot be read, or is not as it should be.

        Raises:
            BagError: there is no bag, or nothing in it that can be read; one line.
        """
        self._say = say
        self.folder, paths = _files(Path(path), say)
        self._files: list[McapFile | SqliteFile] = []
        self._types: dict[str, type | None] = {}
        try:
            for file in paths:
                self._open(file)
            self.topics = self._all_topics()
            if not any(topic.count for topic in self.topics.values()):
                names = ', '.join(file.name for file in paths)
                raise BagError(f'{self.folder} holds no message that can be read ({names}): record it anew')
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> 'Bag':
        """Returns itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Closes its files."""
        self.close()

    def close(self) -> None:
        """Closes its files."""
        for file in self._files:
            file.close()

    @property
    def files(self) -> list[Path]:
        """Those that are read, in their order."""
        return [file.path for file in self._files]

    def attached(self, name: str) -> bytes | None:
        """Returns the newest attachment of this name; None = not there."""
        found = [data for file in self._files for called, data in file.attachments() if called == name]
        return found[-1] if found else None

    def file_of_run(self, name: str) -> bytes | None:
        """Returns a file of the recorded run: the newest attachment, or a file beside; None = not there."""
        attached = self.attached(name)
        if attached is not None:
            return attached
        beside = self.folder.parent / name
        of_run = (self.folder.parent / run_files.IDENTITY).is_file()
        return beside.read_bytes() if of_run and beside.is_file() else None

    def need(self, topics: Collection[str]) -> None:
        """Raises BagError where one of these topics is missing or empty; the line says what is there."""
        missing = [name for name in topics if name not in self.topics or not self.topics[name].count]
        if missing:
            there = ', '.join(sorted(name for name, topic in self.topics.items() if topic.count))
            raise BagError(f'{self.folder} lacks {", ".join(sorted(missing))}; there is {there}')

    def called(self, name: str) -> list[str]:
        """Returns the topics of this name, in whatever namespace, that hold messages."""
        return sorted(
            full for full, topic in self.topics.items() if topic.count and f'/{full}'.endswith(f'/{name}')
        )

    def messages(self, topics: Collection[str] | None = None) -> Iterator[Recorded]:
        """Yields the messages of these topics, or all, by receive time.

        Raises:
            BagError: a topic is not in the bag.
        """
        if topics is not None and (unknown := sorted(set(topics) - self.topics.keys())):
            raise BagError(
                f'{self.folder} has no topic {", ".join(unknown)}; there is {", ".join(sorted(self.topics))}'
            )
        yield from heapq.merge(
            *(file.messages(topics) for file in self._files), key=lambda message: message.receive_time_ns
        )

    def deserialised(self, recorded: Recorded) -> Any:
        """Returns the message; its CDR as it is where this environment does not know the type.

        Raises:
            BagError: the type has other fields here than where it was recorded; these bytes are none of it.
        """
        kind = self.type_of(recorded.topic)
        if kind is None:
            return recorded.data
        from rclpy.serialization import deserialize_message

        try:
            return deserialize_message(recorded.data, kind)
        except RuntimeError:
            found = f'a message of {recorded.topic} is damaged: its {len(recorded.data)} bytes'
            raise BagError(f'{self.folder}: {found} are no {self.topics[recorded.topic].type}') from None

    def type_of(self, topic: str) -> type | None:
        """Returns the class of a topic's messages, None where this environment does not know it.

        Raises:
            BagError: the type has other fields here than where it was recorded.
        """
        if topic not in self._types:
            self._types[topic] = self._checked_type(topic)
        return self._types[topic]

    def _checked_type(self, topic: str) -> type | None:
        info = self.topics[topic]
        kind = definitions.load(info.type)
        if kind is None or not info.definition:
            return kind
        try:
            here = definitions.full_text(info.type)
        except FileNotFoundError:
            return kind
        if difference := definitions.difference(info.type, info.definition, here):
            raise BagError(
                f'{self.folder}: {topic} was recorded with another {info.type} than the one here '
                f'({difference}): read it with the version that recorded it'
            )
        return kind

    def _open(self, path: Path) -> None:
        """Opens a file; one that is none is said and left out, unless it is the only one."""
        try:
            self._files.append(KINDS[path.suffix](path, self._say))
        except (BagError, OSError) as error:
            self._say(str(error))

    def _all_topics(self) -> dict[str, TopicInfo]:
        found: dict[str, TopicInfo] = {}
        for file in self._files:
            for name, topic in file.topics.items():
                if name not in found:
                    found[name] = topic
                    continue
                if topic.type != found[name].type:
                    kinds = f'{found[name].type} in one file, {topic.type} in {file.path}'
                    raise BagError(f'{self.folder}: {name} is {kinds}')
                found[name].count += topic.count
        return found


def _files(path: Path, say: Callable[[str], None]) -> tuple[Path, list[Path]]:
    """Returns the folder of a bag and its files in their order."""
    if path.is_file() and path.suffix in KINDS:
        return path.parent, [path]
    if not path.is_dir():
        what = 'neither a folder nor a file .mcap or .db3' if path.exists() else 'not there'
        raise BagError(f'{path} is {what}: give the folder of a bag, with metadata.yaml and its files')
    there = _sorted(found for found in path.iterdir() if found.suffix in KINDS)
    if not there and (path / run_files.BAG).is_dir():
        return path / run_files.BAG, _files_of_run(path, say)
    if not there and (path / run_files.IDENTITY).is_file():
        raise BagError(f'{path} is a run without a bag: ./ur5rl launch NAME record:=true records one')
    if not there:
        holds = ', '.join(sorted(found.name for found in path.iterdir())[:10]) or 'nothing'
        raise BagError(f'{path} is no bag: no file .mcap or .db3 is in it ({holds})')
    named = _named(path, say)
    if named is None:
        return path, there
    for name in named:
        if not (path / name).is_file():
            say(f'{path / name} is missing, though metadata.yaml names it: its messages are lost')
    further = [file.name for file in there if file.name not in named]
    if further:
        say(f'{path / metadata.FILE_NAME} does not name {", ".join(further)}: read, too')
    return path, there


def _files_of_run(run: Path, say: Callable[[str], None]) -> list[Path]:
    """Returns the files of all bags of a run: rosbag2 makes another one each time it is started."""
    named = re.compile(rf'{run_files.BAG}(_\d+)?')
    folders = _sorted(path for path in run.iterdir() if path.is_dir() and named.fullmatch(path.name))
    files = []
    for folder in folders:
        try:
            files += _files(folder, say)[1]
        except BagError as error:
            if len(folders) == 1:
                raise
            say(str(error))
    return files


def _named(path: Path, say: Callable[[str], None]) -> list[str] | None:
    """Returns the files that the metadata of a folder name, None where there are none or they are damaged."""
    try:
        found = metadata.read(path)
    except FileNotFoundError:
        say(f'{path / metadata.FILE_NAME} is missing (the recorder was killed?): read without it')
        return None
    except ValueError as error:
        say(f'{error}: read without it')
        return None
    if found.compression_mode in ('file', 'message'):
        raise BagError(
            f'{path} is compressed by {found.compression_mode}; only chunks of MCAP files may be: '
            'ros2 bag convert makes such a bag of it'
        )
    return [Path(file.path).name for file in found.files]


def _sorted(paths: Iterator[Path]) -> list[Path]:
    """Returns files or folders of bags in the order of their numbers: _2 before _10."""
    return sorted(paths, key=lambda path: (number_of(path), path.name))
