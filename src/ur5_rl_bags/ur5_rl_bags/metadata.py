"""metadata.yaml of a bag, in version 9 as rosbag2 of Jazzy writes it."""

import dataclasses
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ur5_rl_bags import qos
from ur5_rl_graph.whole_file import write_text

FILE_NAME = 'metadata.yaml'
VERSION = 9
_ROOT = 'rosbag2_bagfile_information'
RECORD = 'rosbag2'
NEVER_NS = 2**63 - 1
"""Start of a bag, or of a file, without messages: the largest that rosbag2's clock knows."""


@dataclass
class FileInfo:
    """A file of a bag."""

    path: str  # its name in the folder
    starting_time_ns: int = NEVER_NS  # of its first message
    end_ns: int = 0  # of its last message
    message_count: int = 0

    def took(self, time_ns: int) -> None:
        """Notes the time of a message; who writes it counts it when it is on the disk."""
        self.starting_time_ns = min(self.starting_time_ns, time_ns)
        self.end_ns = max(self.end_ns, time_ns)


@dataclass
class TopicEntry:
    """A topic of a bag."""

    name: str
    type: str
    offered: list[dict[str, Any]]  # QoS of its publishers, in the words of `qos.described`
    type_hash: str = ''
    message_count: int = 0


@dataclass
class Metadata:
    """What metadata.yaml says."""

    files: list[FileInfo] = field(default_factory=list)
    topics: list[TopicEntry] = field(default_factory=list)
    custom_data: dict[str, str] = field(default_factory=dict)
    storage: str = 'mcap'
    compression_format: str = ''  # of files or messages; chunks inside of an MCAP file are its own matter
    compression_mode: str = ''
    ros_distro: str = field(default_factory=lambda: os.environ.get('ROS_DISTRO', 'jazzy'))

    @property
    def starting_time_ns(self) -> int:
        """Time of the first message."""
        return min((file.starting_time_ns for file in self.files), default=NEVER_NS)

    @property
    def duration_ns(self) -> int:
        """From the first message to the last."""
        return max(0, max((file.end_ns for file in self.files), default=0) - self.starting_time_ns)

    @property
    def message_count(self) -> int:
        """Messages of all files."""
        return sum(file.message_count for file in self.files)


def dump(found: Metadata) -> str:
    """Returns the text of metadata.yaml."""
    return _text({_ROOT: _fields(found)})


def record(found: Metadata) -> dict[str, str]:
    """Returns what the metadata record `RECORD` of an MCAP file holds: the same, without the root."""
    return {'serialized_metadata': _text(_fields(found))}


def _text(values: dict[str, Any]) -> str:
    return yaml.dump(values, Dumper=_Plain, sort_keys=False, allow_unicode=True)


def _fields(found: Metadata) -> dict[str, Any]:
    """Returns the fields in rosbag2's order."""
    return {
        'version': VERSION,
        'storage_identifier': found.storage,
        'duration': {'nanoseconds': found.duration_ns},
        'starting_time': {'nanoseconds_since_epoch': found.starting_time_ns},
        'message_count': found.message_count,
        'topics_with_message_count': [_topic(topic) for topic in found.topics],
        'compression_format': found.compression_format,
        'compression_mode': found.compression_mode,
        'relative_file_paths': [file.path for file in found.files],
        'files': [_file(file) for file in found.files],
        'custom_data': found.custom_data or None,  # rosbag2 writes ~ where there is none
        'ros_distro': found.ros_distro,
    }


def write(folder: Path, found: Metadata) -> None:
    """Writes metadata.yaml as a whole.

    Raises:
        OSError: it cannot be written; the former one is still there.
    """
    write_text(folder / FILE_NAME, dump(found))


def read(folder: Path) -> Metadata:
    """Returns what metadata.yaml says, of versions before 9, too.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is damaged, or of a later version; one line with its path and how.
    """
    path = folder / FILE_NAME
    try:
        return _parsed(yaml.safe_load(path.read_bytes().decode()))
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        why = ' '.join(str(error).split())
        raise ValueError(f'{path} is damaged ({type(error).__name__}: {why})') from None


def _parsed(text: dict[str, Any]) -> Metadata:
    root = text[_ROOT]
    if _of(int, root['version']) > VERSION:
        raise ValueError(f'its version is {root["version"]}, known are those up to {VERSION}')
    whole = _file_info(root, '')
    entries = [_file_info(file, _of(str, file['path'])) for file in root.get('files') or []]
    paths = [_of(str, path) for path in root['relative_file_paths']]
    if not entries and paths:  # before version 5: of the bag as a whole only
        entries = [dataclasses.replace(whole, path=paths[0]), *map(FileInfo, paths[1:])]
    topics = [_topic_entry(entry) for entry in root['topics_with_message_count'] or []]
    return Metadata(
        entries,
        topics,
        {str(name): str(said) for name, said in (root.get('custom_data') or {}).items()},
        _of(str, root['storage_identifier']),
        _of(str, root.get('compression_format') or ''),
        _of(str, root.get('compression_mode') or '').lower(),
        _of(str, root.get('ros_distro') or ''),
    )


def _file_info(of: dict[str, Any], path: str) -> FileInfo:
    """Returns what is said of a file, or of the bag as a whole."""
    start_ns = _of(int, of['starting_time']['nanoseconds_since_epoch'])
    end_ns = start_ns + _of(int, of['duration']['nanoseconds'])
    return FileInfo(path, start_ns, end_ns, _of(int, of['message_count']))


def _topic_entry(entry: dict[str, Any]) -> TopicEntry:
    topic = entry['topic_metadata']
    return TopicEntry(
        _of(str, topic['name']),
        _of(str, topic['type']),
        qos.parse(topic.get('offered_qos_profiles')),
        _of(str, topic.get('type_description_hash') or ''),
        _of(int, entry['message_count']),
    )


def _of(kind: type, value: Any) -> Any:
    """Returns a value of this type.

    Raises:
        TypeError: it is of another.
    """
    if type(value) is not kind:
        raise TypeError(f'{value!r} is no {kind.__name__}')
    return value


def _topic(topic: TopicEntry) -> dict[str, Any]:
    return {
        'topic_metadata': {
            'name': topic.name,
            'type': topic.type,
            'serialization_format': 'cdr',
            'offered_qos_profiles': topic.offered,
            'type_description_hash': topic.type_hash,
        },
        'message_count': topic.message_count,
    }


def _file(file: FileInfo) -> dict[str, Any]:
    return {
        'path': file.path,
        'starting_time': {'nanoseconds_since_epoch': file.starting_time_ns},
        'duration': {'nanoseconds': max(0, file.end_ns - file.starting_time_ns)},
        'message_count': file.message_count,
    }


class _Plain(yaml.SafeDumper):
    """Writes no aliases: yaml-cpp would read them, people would not."""

    def ignore_aliases(self, data: object) -> bool:
        return True
