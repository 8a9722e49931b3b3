"""An append-only CSV table that survives its writer."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from run_reading.columns import NUMBERS
from run_reading.csv_rows import rows_of
from ur5_rl_graph.say import one_line
from ur5_rl_graph.whole_file import write_text
from ur5_rl_graph.writing import AppendedFile, Writing

LARGE = 8_000_000
"""Of a table of more bytes only the end is mended: a recorder must not take long to come back."""
END = 1_000_000
"""Bytes that are its end."""


class Table:
    """A CSV file with a fixed header. Every row is on disk when `append` returns to the kernel.

    An existing file is continued; what is no row of it, as a killed writer or a crash of the machine leaves,
    is taken out: `damage` says so in one line. Rows that cannot be
    written are counted (`Writing`), and no part of one is left.
    """

    def __init__(self, path: Path, columns: tuple[str, ...], writing: Writing | None = None) -> None:
        """Opens or makes the table.

        Raises:
            ValueError: the file has other columns.
        """
        self._columns = columns
        self.path = path
        self._writing = writing or Writing()
        self._file = AppendedFile(path, _text_of([columns]).encode())
        self.damage, self._begun = '', False
        self.extend([])

    def append(self, **values: object) -> None:
        """Appends one row; `values` must name exactly the columns."""
        if values.keys() != set(self._columns):
            wrong = sorted(values.keys() ^ set(self._columns))
            raise ValueError(f'{self.path.name}: columns {", ".join(wrong)} are missing or unknown')
        self.extend([tuple(values[column] for column in self._columns)])

    def extend(self, rows: Iterable[tuple]) -> None:
        """Appends rows, each in the order of the columns, in one write."""
        lines = [[_text(value) for value in row] for row in rows]
        self._writing.attempt(self.path, lambda: self._extend(lines), count=len(lines))

    def _extend(self, lines: list[list[object]]) -> None:
        if not self._begun:
            self.damage = _mend(self.path, self._columns) if self.path.exists() else ''
            self._begun = True
        self._file.append(_text_of(lines).encode())

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _text(value: object) -> object:
    if isinstance(value, float):
        return f'{value:.6g}'
    return one_line(value) if isinstance(value, str) else value  # a row is a line


def _mend(path: Path, columns: tuple[str, ...]) -> str:
    """Takes out what is no row; returns one line that says so, or ''.

    Raises:
        ValueError: the file has other columns.
    """
    begin = 0
    with path.open('r+b') as file:
        header = file.readline()
        if rows_of(header, columns, NUMBERS).columns != columns:
            raise ValueError(
                f'{path} has the columns {header.decode(errors="replace").strip()[:200]!r}; '
                f'expected {",".join(columns)}; choose another output folder'
            )
        if path.stat().st_size > LARGE:
            file.seek(-END, io.SEEK_END)
            file.readline()
            begin = file.tell()
        file.seek(begin)
        found = rows_of(file.read(), columns, NUMBERS, headed=begin == 0)
        if begin and found.damage:
            file.seek(begin)
            file.write(_text_of(found.rows).encode())
            file.truncate()
        elif found.damage:
            write_text(path, _text_of([columns, *found.rows]))
    if not found.damage:
        return ''
    return f'{path} was damaged; lost: {found.damage}'


def _text_of(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO(newline='')
    csv.writer(text).writerows(rows)
    return text.getvalue()
