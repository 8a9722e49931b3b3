"""One sqlite3 file of a bag, as rosbag2 wrote them before MCAP, and others still do."""

import sqlite3
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from ur5_rl_bags.bag_contents import BagError, Recorded, TopicInfo
from ur5_rl_bags.qos import understood


class SqliteFile:
    """The messages of a file by topic, in the order of their receive times."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        """Opens it for reading.

        Args:
            path: the file.
            say: gets a line for whatever of it cannot be read.

        Raises:
            BagError: it is no such file, or a damaged one.
        """
        self.path, self._say = path, say
        address = f'{path.absolute().as_uri()}?mode=ro'
        try:  # whoever reads it may be another thread than the one that opens and closes it
            self._database = sqlite3.connect(address, uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise BagError(f'{path} cannot be opened ({error})') from None
        try:
            self.topics = self._topics()
        except sqlite3.Error as error:
            self.close()
            raise BagError(f'{path} is no sqlite3 bag file, or a damaged one ({error})') from None

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def messages(self, topics: Collection[str] | None = None) -> Iterator[Recorded]:
        """Yields the messages of these topics, or all, by receive time; what damage hides is said."""
        wanted = [name for name in self.topics if topics is None or name in topics]
        rows = self._database.cursor()
        try:
            rows.execute(
                'SELECT name, timestamp, data FROM messages JOIN topics ON topics.id = topic_id '
                f'WHERE name IN ({", ".join("?" * len(wanted))}) ORDER BY timestamp, messages.id',
                wanted,
            )
            for name, time_ns, data in rows:
                yield Recorded(name, time_ns, time_ns, data)
        except sqlite3.Error as error:
            self._say(f'{self.path} is damaged ({error}): what follows is lost')

    def attachments(self) -> Iterator[tuple[str, bytes]]:
        """Yields nothing: such files hold messages alone."""
        return iter(())

    def _topics(self) -> dict[str, TopicInfo]:
        rows = self._database.execute(
            'SELECT name, type, offered_qos_profiles, COUNT(messages.id) '
            'FROM topics LEFT JOIN messages ON topics.id = topic_id GROUP BY topics.id'
        )
        definitions = self._definitions()
        found = {}
        for name, kind, text, count in rows:
            found[name] = TopicInfo(kind, count, understood(text), definitions.get(kind, ''))
        return found

    def _definitions(self) -> dict[str, str]:
        """Returns the definitions by type; files of before 2023 have none."""
        try:
            rows = self._database.execute(
                'SELECT topic_type, encoded_message_definition FROM message_definitions '
                "WHERE encoding = 'ros2msg'"
            )
            return dict(rows)
        except sqlite3.OperationalError:
            return {}
