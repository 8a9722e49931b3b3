"""What any pure object may ask its shell for: a line, or the end of the process."""

import sys
from collections.abc import Mapping
from typing import NamedTuple


class Say(NamedTuple):
    """Print one line."""

    level: str  # 'info' or 'warning'
    text: str


class End(NamedTuple):
    """End the process with this exit code and one line."""

    code: int
    text: str


def tell(component: str, line: Say) -> None:
    """Prints a line of a component; a warning goes to stderr."""
    print(f'{component}: {line.text}', file=sys.stderr if line.level == 'warning' else None, flush=True)


def one_line(text: str) -> str:
    """Returns a text of a message as it may be printed or stored: one line, what is not printable escaped."""
    if text.isprintable():
        return text
    return ''.join(c if c.isprintable() else ascii(c)[1:-1] for c in ' '.join(text.split()))


def counted(losses: Mapping[str, int]) -> str:
    """Returns counts, by what they are of in words, as a part of a line."""
    return ', '.join(f'{count} {what}' for what, count in losses.items())
