"""An append-only CSV table that survives its writer."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path


class Table:
    """A CSV file with a fixed header. Every row is on disk when `append` returns to the kernel.

    An existing file is continued; a last line that a killed writer left incomplete is cut.
    """

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        """Opens or makes the table.

        Raises:
            ValueError: the file has other columns.
        """
        self._columns = columns
        self.path = path
        self.bytes_cut = _cut_torn_line(path, columns)
        self._file = path.open('a', newline='', buffering=1)
        self._writer = csv.writer(self._file)
        if path.stat().st_size == 0:
            self._writer.writerow(columns)

    def append(self, **values: object) -> None:
        """Appends one row; `values` must name exactly the columns."""
        if values.keys() != set(self._columns):
            wrong = sorted(values.keys() ^ set(self._columns))
            raise ValueError(f'{self.path.name}: columns {", ".join(wrong)} are missing or unknown')
        self._writer.writerow([_text(values[column]) for column in self._columns])

    def extend(self, rows: Iterable[tuple]) -> None:
        """Appends rows, each in the order of the columns, in one write."""
        text = io.StringIO(newline='')
        csv.writer(text).writerows([_text(value) for value in row] for row in rows)
        self._file.write(text.getvalue())
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def read(path: Path) -> dict[str, list[str]]:
    """Returns the columns of a table as lists of text; empty where there is no file."""
    if not path.exists():
        return {}
    with path.open(newline='') as file:
        rows = list(csv.DictReader(file))
    return {column: [row[column] for row in rows] for column in rows[0]} if rows else {}


def _text(value: object) -> object:
    return f'{value:.6g}' if isinstance(value, float) else value


def _cut_torn_line(path: Path, columns: tuple[str, ...]) -> int:
    if not path.exists():
        return 0
    content = path.read_bytes()
    whole = content.rfind(b'\n') + 1
    if whole < len(content):
        with path.open('r+b') as file:
            file.truncate(whole)
    header = content[:whole].split(b'\n', 1)[0].decode().strip()
    if whole and header != ','.join(columns):
        raise ValueError(
            f'{path} has the columns {header}; expected {",".join(columns)}; choose another output folder'
        )
    return len(content) - whole
