"""Text out of substitutions, and typed values out of text (YAML rules, as ROS parameters use)."""

import typing

import yaml

from .substitution import Substitution

ScalarTypes = (bool, int, float, str)


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


def is_substitution(value) -> bool:
    """Whether the value is a substitution or a sequence that contains one."""
    if isinstance(value, Substitution):
        return True
    return isinstance(value, (list, tuple)) and any(is_substitution(item) for item in value)


def coerce_to_type(text: str, data_type=None):
    """Read text by YAML rules as a scalar or a uniform list.

    Args:
        text: what a substitution gave.
        data_type: bool, int, float, str, list[...] of one of them, or None for whatever YAML says.

    Raises:
        ValueError: the text is not of that type.
    """
    if data_type is str:
        return text
    try:
        value = yaml.safe_load(text) if text else ''
    except yaml.YAMLError as error:
        raise ValueError(f"'{text}' is not readable as YAML") from error
    if data_type is None:
        if _is_scalar(value) or _is_uniform(value):
            return value
        raise ValueError(f"'{text}' is neither a bool, int, float or str nor a uniform non-empty list of one")
    item_type = (typing.get_args(data_type) or (None,))[0]
    if item_type is not None and isinstance(value, list):
        return [_checked(item, item_type, text) for item in value]
    return _checked(value, data_type, text)


def _is_scalar(value) -> bool:
    return type(value) in ScalarTypes


def _is_uniform(value) -> bool:
    return isinstance(value, list) and len({type(item) for item in value}) == 1 and _is_scalar(value[0])


def _checked(value, data_type, text):
    if data_type is float and type(value) is int:
        return float(value)
    if data_type is float and isinstance(value, str):  # YAML 1.1 reads 1e-3 as text
        return float(value)
    if type(value) is not data_type:
        raise ValueError(f"'{text}' is not {getattr(data_type, '__name__', data_type)}")
    return value
