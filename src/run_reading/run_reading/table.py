"""A table of a run as it is read: whole, in parts or in a window, also while it grows or is damaged."""

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from run_reading.columns import NUMBERS, TABLES
from run_reading.csv_rows import Rows, rows_of

NEAR = 4_000
"""Bytes to which a row is looked for: some rows."""
PART = 1_000_000
"""Bytes that are read of a large table at once."""


def say(text: str) -> None:
    """Prints a line on what is damaged."""
    print(text, file=sys.stderr, flush=True)


def read(path: Path, tell: Callable[[str], object] = say, needed: Iterable[str] = ()) -> dict[str, list[str]]:
    """Returns the columns of a table as lists of text; empty where there is no file or no row.

    A last line that is still being written, or was left incomplete, is left out. So is what is no row of the
    table; `tell` gets one line then, with the path and how much. One that lacks a column of those that are
    `needed` counts as empty, with a line.
    """
    parts = list(read_parts(path, tell, -1, needed))
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
                tell(f'{path} lacks the columns {", ".join(missing)}, as of another version: it is left out')
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


def metrics_of(text: str) -> dict[str, float]:
    """Returns the metrics of a row: 'critic_loss=0.3 entropy=-2.1'; what is no number is left out."""
    found = {}
    for word in text.split():
        name, _, value = word.partition('=')
        with contextlib.suppress(ValueError):
            found[name] = float(value)
    return found


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
