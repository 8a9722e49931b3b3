"""Numbers among the words of a command; what is none is refused in a word of its own."""

import argparse
import math


def above_zero(text: str) -> float:
    """Returns a number above 0.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    return _number(text, float, lambda number: 0 < number < math.inf, 'number above 0')


def not_below_zero(text: str) -> float:
    """Returns a number that is 0 or above.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    return _number(text, float, lambda number: 0 <= number < math.inf, 'number of 0 or above')


def count(text: str) -> int:
    """Returns a whole number that is 0 or above.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    return _number(text, int, lambda number: number >= 0, 'whole number of 0 or above')


def _number(text, kind, fits, what):
    try:
        number = kind(text)
    except ValueError:
        number = math.nan
    if not fits(number):
        raise argparse.ArgumentTypeError(f"'{text}' is no {what}")
    return number
