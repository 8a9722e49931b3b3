"""Options of a command: key:=value arguments."""

import os
from collections.abc import Callable, Sequence

WORDS = {bool: 'true or false', int: 'a whole number', float: 'a number'}
"""How a person is told of a type."""


def at_home(text: str) -> str:
    """Returns a text in which each `~/` or `~user/` before a path, or behind a comma, is the home folder.

    A shell expands it at the beginning of a word only, not behind `:=`.
    """
    return ','.join(os.path.expanduser(part) if '/' in part else part for part in text.split(','))


READ: dict[type, Callable[[str], object]] = {
    bool: {'true': True, 'false': False}.__getitem__,
    int: int,
    float: float,
    str: at_home,
}
Defaults = dict[str, str | float | int]
"""The options of a command, each with its default."""


def options(argv: Sequence[str], **defaults: str | float | int) -> dict:
    """Returns `key:=value` (or key=value) arguments, each of the type of its default; texts `at_home`.

    Raises:
        ValueError: an unknown key, one without a value, or a value of another type.
    """
    out: dict[str, object] = dict(defaults)
    texts = {key: str(value).lower() if isinstance(value, bool) else value for key, value in defaults.items()}
    written = {key: f'{key}:={text}' for key, text in texts.items()}
    for argument in argv:
        key, given, value = argument.replace(':=', '=', 1).partition('=')
        if key not in defaults or not given:
            raise ValueError(
                f'{argument!r} is no option; options and defaults: {", ".join(written.values())}'
            )
        kind = type(defaults[key])
        try:
            out[key] = READ[kind](value)
        except (ValueError, KeyError):
            raise ValueError(f'{key} is {value!r}; it takes {WORDS[kind]}, as {written[key]}') from None
    return out
