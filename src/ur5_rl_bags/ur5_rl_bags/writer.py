"""Writes a bag: rosbag2's folder of numbered MCAP files and its metadata. In one thread, without a clock."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from ur5_rl_bags import metadata
from ur5_rl_bags.bag_contents import BagError, Recorded, number_of
from ur5_rl_bags.completion import complete
from ur5_rl_bags.mcap_file import DAMAGE, McapFile
from ur5_rl_bags.mcap_output import LIBRARY, FileGone, McapOutput
from ur5_rl_bags.metadata import FileInfo, Metadata, TopicEntry
from ur5_rl_graph.whole_file import PART
from ur5_rl_graph.writing import Writing

LOST, GAPS = 'lost_messages', 'gaps'
"""Keys of what the metadata say of messages that the bag lacks."""


class BagWriter:
    """Adds files to a bag; what is there already is only read, and completed where its recorder was killed.

    What the disk does not take waits, a chunk at most, and whoever calls waits with the next message:
    `hand_over` says so.
    """

    def __init__(
        self, folder: Path, split_bytes: int, writing: Writing, say: Callable[[str], None] = print
    ) -> None:
        """Takes up what is in the folder.

        Args:
            folder: of the bag; made if it is not there.
            split_bytes: a file that is larger is closed, and the next one begun.
            writing: tells what cannot be written.
            say: gets a line for what is remarkable.
        """
        self.folder, self._split_bytes, self._writing, self._say = folder, split_bytes, writing, say
        self._topics: dict[str, TopicEntry] = {}
        self._files: list[FileInfo] = []
        self._attachments: dict[str, bytes] = {}
        self._attached: dict[str, bytes] = {}  # to the file in progress
        self.lost: Counter = Counter()
        """Messages that are in no file, by topic."""
        self.gaps: list[str] = []
        """What is missing between two files, in words."""
        self.notes: dict[str, str] = {}
        """What else the metadata say of the recording."""
        self._unended: FileInfo | None = None
        self._untold = False  # a gap is not in metadata.yaml yet, and would be forgotten with another kill
        self._number = 0
        self._take_up()
        self._output = self._next()

    @property
    def messages(self) -> int:
        """In all files, on the disk."""
        return sum(file.message_count for file in self._files)

    def declare(self, topic: TopicEntry) -> None:
        """Makes a topic known, or what its publishers offer; before its first message."""
        known = self._topics.get(topic.name)
        if known is not None and known.type == topic.type:
            topic.message_count = known.message_count
        self._topics[topic.name] = topic

    def attach(self, name: str, data: bytes, time_ns: int) -> None:
        """Keeps a small file in each file of the bag from now on; a newer one of this name goes beside it."""
        self._attachments[name] = data
        self._attach(time_ns)

    def add(self, message: Recorded) -> None:
        """Adds a message of a topic that is known."""
        if self._unended is not None:
            self._note_gap(self._unended, message.receive_time_ns)
        self._attach(message.receive_time_ns)
        self._output.add(self._topics[message.topic], message)

    def close_chunk(self) -> None:
        """Ends the chunk in progress: what is in it survives a kill, once it is handed over."""
        self._output.close_chunk()

    @property
    def waits(self) -> bool:
        """Whether a chunk waits for the disk."""
        return self._output.waits

    def hand_over(self) -> bool:
        """Hands what waits to the disk, begins the next file in time; returns whether all is there."""
        if self._output.size >= self._split_bytes:
            self._end_file()
        if not self._written():
            return False
        if self._output.finished:
            self._output.close()
            self._output = self._next()
            self._untold = True
        if self._untold:
            self._untold = False
            self.write_metadata()
        return True

    def close(self) -> None:
        """Ends the bag; what the disk does not take now is lost, and counted."""
        if self._output.on_disk or self._output.unwritten:
            self._end_file()
            self._written()
        self.lost += self._output.unwritten
        self._output.close()
        self.write_metadata()

    def write_metadata(self) -> None:
        """Writes metadata.yaml of what is on the disk."""
        found = self._found()
        if not found.files:
            return
        path = self.folder / metadata.FILE_NAME
        self._writing.attempt(path, lambda: metadata.write(self.folder, found), count=0)

    def summary(self) -> str:
        """Returns in one line what the bag is, and what it lacks."""
        found = self._found()
        topics = sum(topic.message_count > 0 for topic in found.topics)
        files = f'{len(found.files)} file{"s" if len(found.files) != 1 else ""}'
        text = f'bag {self.folder}: {self.messages} messages of {topics} topics in {files}'
        lacking = {
            name.replace('_', ' '): said for name, said in found.custom_data.items() if name in (LOST, GAPS)
        }
        return text + ''.join(f'; {name}: {said}' for name, said in lacking.items())

    def _written(self) -> bool:
        """Hands what waits to the disk; begins another file where somebody has taken this one away."""
        output = self._output
        try:
            done = self._writing.attempt(output.path, self._hand, count=0)
        except FileGone as error:
            self._say(f'{error}: {output.unwritten.total()} messages are lost, the next file begins')
            self.lost += output.unwritten
            output.close()
            self._output = self._next()
            return True
        return done

    def _hand(self) -> None:
        for name, count in self._output.hand_over().items():
            self._topics[name].message_count += count

    def _end_file(self) -> None:
        if self._output.finished:
            return
        self._output.note(metadata.RECORD, metadata.record(self._found()))
        self._output.finish()

    def _attach(self, time_ns: int) -> None:
        for name, data in self._attachments.items():
            if self._attached.get(name) != data:
                self._attached[name] = data
                self._output.attach(name, data, time_ns)

    def _next(self) -> McapOutput:
        self._attached = {}
        name = self.folder.name.removesuffix(PART)  # as the folder is called when it is whole
        output = McapOutput(self.folder / f'{name}_{self._number}.mcap')
        self._number += 1
        self._files.append(output.info)
        return output

    def _found(self) -> Metadata:
        """What the bag is, as far as it is on the disk."""
        files = [file for file in self._files if file.message_count]
        topics = sorted(self._topics.values(), key=lambda topic: topic.name)
        return Metadata(files, topics, self._custom())

    def _custom(self) -> dict[str, str]:
        values = dict(self.notes)
        if self.lost:
            listed = ', '.join(f'{name} {count}' for name, count in sorted(self.lost.items()))
            values[LOST] = f'{self.lost.total()} ({listed})'
        if self.gaps:
            values[GAPS] = '; '.join(self.gaps)
        return values

    def _take_up(self) -> None:
        """Reads what earlier recorders have written here."""
        before = self._metadata()
        self.notes, self.gaps = dict(before.custom_data), []
        if gaps := self.notes.pop(GAPS, ''):
            self.gaps = gaps.split('; ')
        self._recall_lost(self.notes.pop(LOST, ''))
        for number, path in sorted((number_of(path), path) for path in self.folder.glob('*.mcap')):
            self._number = max(self._number, number + 1)
            self._take_file(path)

    def _take_file(self, path: Path) -> None:
        try:
            file = McapFile(path, self._say)
        except (BagError, OSError) as error:
            self._say(str(error))
            return
        try:
            info = FileInfo(path.name)
            for name, topic in file.topics.items():
                about = TopicEntry(name, topic.type, topic.qos, topic.type_hash)
                known = self._topics.setdefault(name, about)
                known.message_count += topic.count
                info.message_count += topic.count
            for piece in file.pieces:
                info.took(piece.start_ns)
                info.took(piece.end_ns)
            self._unended = None if file.ended else info
            self._files.append(info)
            if not file.ended and file.library == LIBRARY:
                self._writing.attempt(path, lambda: complete(file), count=0)
        except DAMAGE as error:
            self._say(f'{path} is damaged ({" ".join(str(error).split())}): left as it is')
        finally:
            file.close()

    def _metadata(self) -> Metadata:
        try:
            return metadata.read(self.folder)
        except FileNotFoundError:
            return Metadata()
        except (ValueError, OSError) as error:
            self._say(f'{error}: written anew')
            return Metadata()

    def _recall_lost(self, text: str) -> None:
        for name, count in re.findall(r'([^ (,]+) (\d+)(?=[,)])', text):
            self.lost[name] += int(count)

    def _note_gap(self, before: FileInfo, now_ns: int) -> None:
        self._unended, self._untold = None, True
        missing = f'{(now_ns - before.end_ns) / 1e9:.1f} s are missing behind it'
        if not before.message_count:
            missing = 'no message of it can be read'
        self.gaps.append(f'{before.path} was not closed, {missing}')
        self._say(f'the recorder was killed: {self.gaps[-1]}')
