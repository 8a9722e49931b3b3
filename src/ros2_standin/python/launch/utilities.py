"""Text out of substitutions, and truth values out of text."""

import typing

from .substitution import Substitution


def normalize_to_list_of_substitutions(value) -> list[Substitution]:
    """Turn a string, path, substitution or (nested) sequence of these into a flat list."""
    from .substitutions import TextSubstitution

    if isinstance(value, Substitution):
        return [value]
    if isinstance(value, str):
        return [TextSubstitution(text=value)]
    if hasattr(value, '__fspath__'):
        return [TextSubstitution(text=str(value))]
    if isinstance(value, typing.Iterable):
        return [part for item in value for part in normalize_to_list_of_substitutions(item)]
    raise TypeError(f'expected text, a path or substitutions, got {type(value).__name__} {value!r}')


def perform_substitutions(context, substitutions) -> str:
    """The substitutions' texts, joined."""
    return ''.join(part.perform(context) for part in normalize_to_list_of_substitutions(substitutions))


def describe(substitutions) -> str:
    """How an argument listing names the substitutions."""
    return ' + '.join(part.describe() for part in normalize_to_list_of_substitutions(substitutions))


def to_bool(text: str) -> bool:
    """'true'/'1' or 'false'/'0' in any case; anything else is an error."""
    word = text.strip().lower()
    if word in ('true', '1'):
        return True
    if word in ('false', '0'):
        return False
    raise ValueError(f"'{text}' is not a truth value; expected true, 1, false or 0")
