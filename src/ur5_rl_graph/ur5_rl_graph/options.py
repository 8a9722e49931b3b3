"""Options of a command: key:=value arguments."""

from collections.abc import Sequence

WORDS = {int: 'a whole number', float: 'a number'}
"""How a person is told of a type."""
Defaults = dict[str, str | float | int]
"""The options of a command, each with its default."""


def options(argv: Sequence[str], **defaults: str | float | int) -> dict:
    """Returns `key:=value` (or key=value) arguments, each of the type of its default.

    Raises:
        ValueError: an unknown key, one without a value, or a value of another type.
    """
    out = dict(defaults)
    known = ', '.join(f'{key}:={value}' for key, value in defaults.items())
    for argument in argv:
        key, given, value = argument.replace(':=', '=', 1).partition('=')
        if key not in defaults or not given:
            raise ValueError(f'{argument!r} is no option; options and defaults: {known}')
        kind = type(defaults[key])
        try:
            out[key] = kind(value)
        except ValueError:
            raise ValueError(
                f'{key} is {value!r}; it takes {WORDS[kind]}, as {key}:={defaults[key]}'
            ) from None
    return out
