"""What `ros2 bag info` prints of a bag."""

import time
from dataclasses import replace
from pathlib import Path

from ur5_rl_bags import metadata
from ur5_rl_bags.metadata import FileInfo, Metadata, TopicEntry
from ur5_rl_bags.reader import Bag
from ur5_rl_bags.writer import GAPS, LOST
from ur5_rl_graph import run_files

_NS = 1_000_000_000
_INDENT = 19  # of what follows in a list


def described(path: Path, names_only: bool = False) -> str:
    """Returns the text.

    Args:
        path: of a bag, or of a run folder that holds one.
        names_only: the names of the topics, a line each.

    Raises:
        BagError: there is no bag.
    """
    if not (path / metadata.FILE_NAME).exists() and (path / run_files.BAG).is_dir():
        path = path / run_files.BAG
    found = _found(path)
    if names_only:
        return '\n'.join(topic.name for topic in found.topics)
    start_ns = found.starting_time_ns
    size = sum(
        file.stat().st_size for file in (path.iterdir() if path.is_dir() else [path]) if file.is_file()
    )
    topics = [
        f'Topic: {topic.name} | Type: {topic.type} | Count: {topic.message_count} | Serialization Format: cdr'
        for topic in found.topics
    ]
    lines = [
        '',
        'Files:             ' + _listed([file.path for file in found.files]),
        f'Bag size:          {_size(size)}',
        f'Storage id:        {found.storage}',
        f'ROS Distro:        {found.ros_distro or "unknown"}',
        f'Duration:          {_seconds(found.duration_ns)}s',
        f'Start:             {_date(start_ns)}',
        f'End:               {_date(start_ns + found.duration_ns)}',
        f'Messages:          {found.message_count}',
        'Topic information: ' + _listed(topics),
    ]
    lines += ['Service:           0', 'Service information: ']
    lines += [f'{name}: {found.custom_data[name]}' for name in (LOST, GAPS) if name in found.custom_data]
    return '\n'.join(lines)


def _found(path: Path) -> Metadata:
    """Returns the metadata of a bag; where there are none, what its files say."""
    if path.is_dir():
        try:
            return metadata.read(path)
        except (FileNotFoundError, ValueError):
            pass  # the reader says it
    with Bag(path) as bag:
        received = FileInfo('')
        for message in bag.messages():
            received.took(message.receive_time_ns)
        topics = [
            TopicEntry(name, topic.type, topic.qos, '', topic.count) for name, topic in bag.topics.items()
        ]
        count = sum(topic.count for topic in bag.topics.values())
        files, storage = bag.files, 'mcap' if bag.files[0].suffix == '.mcap' else 'sqlite3'
    entries = [FileInfo(file.name) for file in files]
    entries[0] = replace(received, path=files[0].name, message_count=count)
    return Metadata(entries, topics, {}, storage, ros_distro='')


def _listed(texts: list[str]) -> str:
    return ('\n' + ' ' * _INDENT).join(texts)


def _size(size: float) -> str:
    units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
    place = 0
    while size >= 1024 and place < len(units) - 1:
        size, place = size / 1024, place + 1
    return f'{size:.{1 if place else 0}f} {units[place]}'


def _seconds(time_ns: int) -> str:
    return f'{time_ns // _NS}.{time_ns % _NS:09d}'


def _date(time_ns: int) -> str:
    local = time.localtime(time_ns // _NS)
    day = f'{time.strftime("%b", local)} {local.tm_mday:2d} {local.tm_year}'
    return f'{day} {time.strftime("%H:%M:%S", local)}.{time_ns % _NS:09d} ({_seconds(time_ns)})'
