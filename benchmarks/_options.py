"""Options of a benchmark: refused in one line before anything is measured; what fails later shows where."""

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ur5_cell.loopback import BindError
from ur5_rl_graph.options import options

FROM_ZERO = ('seed', 'random_steps')
"""Numbers that may be 0; all others are counts, times and sizes, of which there must be some."""


@contextmanager
def refusals() -> Iterator[None]:
    """Ends with one line and exit code 2 where what a person gave is wrong. Nothing is measured in here."""
    try:
        yield
    except (ValueError, OSError, BindError) as error:
        print(f'error: {" ".join(str(error).split())}', file=sys.stderr, flush=True)
        raise SystemExit(2) from None


def options_in_range(argv: Sequence[str], **defaults: str | float | int) -> dict:
    """Returns the options over their defaults.

    Raises:
        ValueError: an option that is not among them, or a value of another type or out of range.
    """
    given = options(argv, **defaults)
    for name, value in given.items():
        if isinstance(value, str) or 0 < value < math.inf or (value == 0 and name in FROM_ZERO):
            continue
        least = '0 at least' if name in FROM_ZERO else '1 at least' if isinstance(value, int) else 'above 0'
        finite = ' and finite' if isinstance(value, float) else ''
        raise ValueError(f'{name} is {value}; it must be {least}{finite}')
    return given
