"""An append-only CSV table that survives its writer."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from ur5_rl_graph.writing import AppendedFile, Writing


class Table:
    """A CSV file with a fixed header. Every row is on disk when `append` returns to the kernel.

    An existing file is continued; a last line that a killed writer left incomplete is cut. Rows that cannot
    be written are counted (`Writing`), and no part of one is left.
    """

    def __init__(self, path: Path, columns: tuple[str, ...], writing: Writing | None = None) -> None:
        """Opens or makes the table.

        Raises:
            ValueError: the file has other columns.
        """
        self._columns = columns
        self.path = path
        self._writing = writing or Writing()
        self._file = AppendedFile(path, _lines([columns]))
        self.bytes_cut, self._begun = 0, False
        self.extend([])

    def append(self, **values: object) -> None:
        """Appends one row; `values` must name exactly the columns."""
        if values.keys() != set(self._columns):
            wrong = sorted(values.keys() ^ set(self._columns))
            raise ValueError(f'{self.path.name}: columns {", ".join(wrong)} are missing or unknown')
        self.extend([tuple(values[column] for column in self._columns)])

    def extend(self, rows: Iterable[tuple]) -> None:
        """Appends rows, each in the order of the columns, in one write."""
        rows = list(rows)
        self._writing.attempt(self.path, lambda: self._extend(rows), count=len(rows))

    def _extend(self, rows: list[tuple]) -> None:
        if not self._begun:
            self.bytes_cut = _cut_torn_line(self.path, self._columns)
            self._begun = True
        self._file.append(_lines(rows))

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def read(path: Path) -> dict[str, list[str]]:
    """Returns the columns of a table as lists of text; empty where there is no file.

    A last line that is still being written, or was left incomplete, is left out.

    Raises:
        ValueError: the table is damaged; one line with the path and the line.
    """
    if not path.exists():
        return {}
    content = path.read_bytes()
    whole = content[: content.rfind(b'\n') + 1]
    rows = []
    try:
        reader = csv.reader(io.StringIO(whole.decode(), newline=''))
        for row in reader:
            if '\0' in ''.join(row) or len(row) != len(rows[0] if rows else row):
                raise ValueError(f'line {reader.line_num} holds other columns than the first, or NULs')
            rows.append(row)
    except (csv.Error, ValueError) as error:
        raise ValueError(damaged(path, error)) from None
    return dict(zip(rows[0], map(list, zip(*rows[1:], strict=True)), strict=True)) if len(rows) > 1 else {}


def damaged(path: Path, error: Exception) -> str:
    """Returns the line that says so, and what to do."""
    return f'{path} is damaged ({error}): mend it, delete what is wrong, or choose another output folder'


def _lines(rows: Iterable[tuple]) -> bytes:
    text = io.StringIO(newline='')
    csv.writer(text).writerows([_text(value) for value in row] for row in rows)
    return text.getvalue().encode()


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
    header = content[:whole].split(b'\n', 1)[0].decode(errors='replace').strip()
    if whole and header != ','.join(columns):
        raise ValueError(
            f'{path} has the columns {header[:200]!r}; expected {",".join(columns)}; '
            'choose another output folder'
        )
    return len(content) - whole
