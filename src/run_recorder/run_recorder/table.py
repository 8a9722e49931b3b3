"""An append-only CSV table that survives its writer."""

import csv
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from run_recorder.columns import NUMBERS, TABLES
from run_recorder.csv_rows import Rows, rows_of
from ur5_rl_graph.whole_file import write_text
from ur5_rl_graph.writing import AppendedFile, Writing

LARGE = 8_000_000
"""Of a table of more bytes only the end is mended: a recorder must not take long to come back."""
END = 1_000_000
"""Bytes that are its end."""
NEAR = 4_000
"""Bytes to which a row is looked for: some rows."""
PART = 1_000_000
"""Bytes that are read of a large table at once."""


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


def say(text: str) -> None:
    """Prints a line on what is damaged."""
    print(text, file=sys.stderr, flush=True)


def read(path: Path, tell: Callable[[str], object] = say) -> dict[str, list[str]]:
    """Returns the columns of a table as lists of text; empty where there is no file or no row.

    A last line that is still being written, or was left incomplete, is left out. So is what is no row of the
    table; `tell` gets one line then, with the path and how much.
    """
    parts = list(read_parts(path, tell, -1))
    return parts[0] if parts else {}


def read_parts(
    path: Path, tell: Callable[[str], object] = say, size: int = PART, needed: Iterable[str] = ()
) -> Iterator[dict[str, list[str]]]:
    """Yields what `read` returns, some `size` bytes after others; each row must be one line.

    Of a table that lacks a column of those that are `needed` nothing is yielded; `tell` gets a line.
    """
    if not path.exists():
        return
    expected, lines_lost, header_lost = TABLES.get(path.name, ()), 0, False
    with path.open('rb') as file:
        header = file.readline()
        while content := header + (file.read(size) + file.readline()):
            found = rows_of(content, expected, NUMBERS, headed=not header_lost)
            lines_lost += found.lines_lost
            if found.header_lost:
                header, header_lost = b'', True
            if missing := [name for name in needed if found.rows and name not in found.columns]:
                tell(f'{path} lacks the columns {", ".join(missing)}, as of another version: it is not shown')
                return
            if found.rows:
                yield dict(zip(found.columns, map(list, zip(*found.rows, strict=True)), strict=True))
            if content == header:
                break
    damage = Rows((), [], lines_lost, 0, header_lost).damage
    if damage:
        tell(f'{path} is damaged; lost: {damage}')


def read_window(path: Path, begin: int, size: int) -> dict[str, list[str]]:
    """Returns the columns of the whole rows in some bytes of a table; empty where there are none.

    Args:
        path: of the file.
        begin: first byte; what is left of the row in it is passed over.
        size: how many bytes.
    """
    with path.open('rb') as file:
        header = file.readline() if begin else b''
        file.seek(max(0, begin - 1))
        skipped = len(file.readline()) - 1 if begin else 0
        content = header + file.read(max(0, size - skipped))
    found = rows_of(content, TABLES.get(path.name, ()), NUMBERS)
    if not found.rows:
        return {}
    return dict(zip(found.columns, map(list, zip(*found.rows, strict=True)), strict=True))


def first_at(path: Path, column: str, value: float) -> int:
    """Returns a byte at most `NEAR` before the first row from a value on of a column that never falls."""
    low, high = 0, path.stat().st_size
    while high - low > NEAR:
        middle = (low + high) // 2
        rows = read_window(path, middle, NEAR)
        if rows and float(rows[column][0]) < value:
            low = middle
        else:
            high = middle
    return low


def _text(value: object) -> object:
    if isinstance(value, float):
        return f'{value:.6g}'
    return ' '.join(value.replace('\0', '').split()) if isinstance(value, str) else value  # a row is a line


def _mend(path: Path, columns: tuple[str, ...]) -> str:
    """Takes out what is no row; returns one line that says so, or ''.

    Raises:
        ValueError: the file has other columns.
    """
    begin = 0
    with path.open('r+b') as file:
        header = file.readline()
        if path.stat().st_size > LARGE:
            file.seek(-END, io.SEEK_END)
            file.readline()
            begin = file.tell()
        file.seek(begin)
        found = rows_of(file.read(), columns, NUMBERS, headed=begin == 0)
        if begin == 0 and found.columns != columns:
            raise ValueError(
                f'{path} has the columns {header.decode(errors="replace").strip()[:200]!r}; '
                f'expected {",".join(columns)}; choose another output folder'
            )
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
