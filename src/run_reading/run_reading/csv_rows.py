"""The rows of a CSV table that a crash of the machine, a full disk or a person may have damaged."""

import csv
import io
import math
import re
from collections.abc import Container
from operator import itemgetter
from typing import NamedTuple

_NAME = re.compile(r'[A-Za-z_]\w*', re.ASCII)


class Rows(NamedTuple):
    """What is whole in a table."""

    columns: tuple[str, ...]  # () where nothing tells them
    rows: list[list[str]]  # each as long as `columns`
    lines_lost: int  # whole lines that are no rows
    bytes_torn: int  # of a last line without an end
    header_lost: bool

    @property
    def damage(self) -> str:
        """What is lost, in words; '' where nothing is."""
        lost = [f'{self.lines_lost} damaged lines'] if self.lines_lost else []
        lost += ['its header'] if self.header_lost else []
        lost += [f'{self.bytes_torn} bytes of a torn line'] if self.bytes_torn else []
        return ', '.join(lost)


def rows_of(content: bytes, expected: tuple[str, ...], numbers: Container[str], headed: bool = True) -> Rows:
    """Returns what is whole in the content of a table.

    Args:
        content: of the file, or of its end.
        expected: its columns, which stand for a lost header; () = not known.
        numbers: columns that hold numbers.
        headed: whether `content` begins with a header.
    """
    end = content.rfind(b'\n') + 1
    whole, torn = content[:end], len(content) - end
    found = _parse(whole)
    if found is None or len({len(row) for row in found}) > 1:
        found = [row for line in whole.split(b'\n')[:-1] for row in (_parse(line) or [['']])]
    header = tuple(found[0]) if found and headed else ()
    header_lost = headed and not (header and all(map(_NAME.fullmatch, header)))
    columns = expected if header_lost or not headed else header
    rows = found if header_lost or not headed else found[1:]
    places = [place for place, name in enumerate(columns) if name in numbers]

    def whole_rows(some: list[list[str]]) -> bool:
        return _are_rows(some, len(columns), places)

    good = rows if whole_rows(rows) else [row for row in rows if whole_rows([row])]
    in_place_of_header = header_lost and bool(rows) and not whole_rows(rows[:1])
    return Rows(columns, good, len(rows) - len(good) - in_place_of_header, torn, header_lost)


def _parse(content: bytes) -> list[list[str]] | None:
    """Rows as they stand; None where the content cannot be those of a CSV file."""
    if b'\0' in content:
        return None
    try:
        return list(csv.reader(io.StringIO(content.decode(), newline=''), strict=True))
    except (csv.Error, ValueError):
        return None


def _are_rows(rows: list[list[str]], width: int, places: list[int]) -> bool:
    """Whether all of them are so long, with finite numbers in these places."""
    if any(len(row) != width for row in rows):
        return False
    try:
        return all(all(map(math.isfinite, map(float, map(itemgetter(place), rows)))) for place in places)
    except ValueError:
        return False
