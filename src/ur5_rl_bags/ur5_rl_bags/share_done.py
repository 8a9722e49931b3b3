"""Says how far the long reading of a bag is."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

LINE_S = 10.0
"""Time between two lines [s]."""

Item = TypeVar('Item')


def say(line: str) -> None:
    """Prints a line to where no result goes."""
    print(line, file=sys.stderr, flush=True)


def told(
    items: Iterable[Item],
    total: int,
    what: str,
    say: Callable[[str], object] = say,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Item]:
    """Yields the items; every ten seconds a line says how many of them are done.

    Args:
        items: what is read.
        total: how many there are by the index of the bag.
        what: they are called.
        say: gets the lines.
        monotonic: the clock [s].
    """
    said_s = monotonic()
    for number, item in enumerate(items):
        now_s = monotonic()
        if now_s - said_s >= LINE_S:
            said_s, total = now_s, max(total, number, 1)
            say(f'{100 * number // total} %: {number} of {total} {what}')
        yield item
