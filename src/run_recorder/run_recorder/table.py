"""An append-only CSV table that survives its writer."""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

PART = 1_000_000
"""Bytes that are read of a large table at once."""


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
        self._file = path.open('a', newline='', buffering=1, encoding='utf-8')
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
    """Returns the columns of a table as lists of text; empty where there is no file.

    A last line that is still being written, or was left incomplete, is left out.

    Raises:
        ValueError: the table is damaged; one line with the path and the line.
    """
    return _columns(path, path.read_bytes()) if path.exists() else {}


def read_parts(path: Path, size: int = PART) -> Iterator[dict[str, list[str]]]:
    """Yields what `read` returns, some `size` bytes after others; no text of the table may have a new line.

    Raises:
        ValueError: as `read`.
    """
    if not path.exists():
        return
    with path.open('rb') as file:
        header, before = file.readline(), 0
        while lines := file.read(size) + file.readline():
            yield _columns(path, header + lines, before)
            before += lines.count(b'\n')


def _columns(path: Path, content: bytes, before: int = 0) -> dict[str, list[str]]:
    """The columns in the content of a table, whose second line has `before` more before it in the file."""
    whole = content[: content.rfind(b'\n') + 1]
    rows = []
    try:
        reader = csv.reader(io.StringIO(whole.decode(), newline=''))
        for row in reader:
            if '\0' in ''.join(row) or len(row) != len(rows[0] if rows else row):
                raise ValueError(
                    f'line {reader.line_num + before} holds other columns than the first, or NULs'
                )
            rows.append(row)
    except (csv.Error, ValueError) as error:
        raise ValueError(damaged(path, error)) from None
    return dict(zip(rows[0], map(list, zip(*rows[1:], strict=True)), strict=True)) if len(rows) > 1 else {}


def damaged(path: Path, error: Exception) -> str:
    """Returns the line that says so, and what to do."""
    return f'{path} is damaged ({error}): mend it, delete what is wrong, or choose another output folder'


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
