"""Messages and services by name; their values as YAML, and values into them."""

import importlib

import yaml

from .errors import CommandError, UsageError


def load_interface(type_name: str, kind: str):
    """The class of 'package/msg/Name' or 'package/Name'.

    Args:
        type_name: the type.
        kind: 'msg' or 'srv'.

    Raises:
        CommandError: no such type in this environment.
    """
    package, *middle, name = type_name.split('/')
    if middle in ([], [kind]):
        try:
            return getattr(importlib.import_module(f'{package}.{kind}'), name)
        except (ImportError, AttributeError, ValueError):
            pass
    raise CommandError(
        f"type '{type_name}' is not known here; expected package/{kind}/Name of a sourced workspace"
    )


def to_yaml(value, limit: int | None) -> str:
    """A message, or a field of one, as YAML; arrays and texts longer than limit end in '...'."""
    plain = _plain(value, limit)
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=1 << 20)
    return text.removesuffix('...\n')


def _plain(value, limit):
    """The value in types that YAML knows."""
    if hasattr(value, 'get_fields_and_field_types'):
        return {name: _plain(getattr(value, name), limit) for name in value.get_fields_and_field_types()}
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value if limit is None or len(value) <= limit else value[:limit] + '...'
    head = value if limit is None else value[:limit]
    items = [_plain(item, limit) for item in (head.tolist() if hasattr(head, 'tolist') else head)]
    return items + ['...'] * (len(head) < len(value))


def values_of(text: str, what: str) -> dict:
    """Fields and values that YAML text gives.

    Args:
        text: the YAML.
        what: whose, for the message.

    Raises:
        UsageError: it gives none.
    """
    try:
        values = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise UsageError(f"{what} '{text}' is not readable as YAML") from error
    if not isinstance(values, dict):
        raise UsageError(f"{what} '{text}' is not of the form '{{field: value}}'")
    return values


def fill(message, values: dict) -> None:
    """Set fields of a message from plain values.

    Raises:
        CommandError: unknown field, or a value of another type.
    """
    types = message.get_fields_and_field_types()
    for name, value in values.items():
        if name not in types:
            raise CommandError(f"field '{name}' is not one of {list(types)}")
        current = getattr(message, name)
        if hasattr(current, 'get_fields_and_field_types') and isinstance(value, dict):
            fill(current, value)
            continue
        try:
            setattr(message, name, _converted(value, current, types[name]))
        except (AssertionError, TypeError, ValueError) as error:
            raise CommandError(f"field '{name}' ({types[name]}) cannot be {value!r}") from error


def _converted(value, current, type_name: str):
    """The value as the field takes it: whole numbers become floats, nothing else changes its type."""
    is_float = type_name.removeprefix('sequence<').startswith(('float', 'double'))
    if isinstance(value, list):
        return [float(item) for item in value] if is_float else value
    if is_float and type(value) is int:
        return float(value)
    if isinstance(current, (bool, int, float, str)) and type(value) is not type(current):
        raise TypeError
    return value
