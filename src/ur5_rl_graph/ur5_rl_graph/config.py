"""Configuration as frozen dataclasses whose fields carry their description, unit and range.

A pure component takes such a dataclass; `parameters.declare` makes ROS parameters of it. Both check
the same limits, so that a value is refused in the same words wherever it comes from.
"""

import dataclasses
import math
from typing import Any


def setting(
    default: Any,
    description: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple | None = None,
    live: bool = False,
) -> Any:
    """Declares a field of a configuration dataclass.

    Args:
        default: value of the thesis' baseline unless the description says otherwise; () where the
            configuration itself finds numbers for what is not given.
        description: what it is, with its unit.
        low: inclusive lower limit of a number, or of each element of a sequence.
        high: inclusive upper limit.
        choices: the allowed values of a string or a number.
        live: True where a running node takes a new value.
    """
    metadata = {'description': description, 'low': low, 'high': high, 'choices': choices, 'live': live}
    return dataclasses.field(default=default, metadata=metadata)


def check(config: Any) -> None:
    """Raises ValueError for the first field outside its limits: name, value, limit, remedy.

    Call it in `__post_init__` of every configuration dataclass.
    """
    for field in dataclasses.fields(config):
        check_value(field, getattr(config, field.name))


def check_value(field: dataclasses.Field, value: Any) -> None:
    """Raises ValueError if `value` is outside the limits of `field`."""
    choices = field.metadata.get('choices')
    if choices is not None and value not in choices:
        listed = ', '.join(str(choice) for choice in choices)
        raise ValueError(f'{field.name} is {value!r}; choose one of: {listed}')
    low, high = field.metadata.get('low'), field.metadata.get('high')
    for number in value if isinstance(value, list | tuple) else (value,):
        if isinstance(number, bool) or not isinstance(number, int | float):
            continue
        below = low is not None and number < low
        above = high is not None and number > high
        if math.isnan(number) or below or above:
            raise ValueError(
                f'{field.name} is {number}; allowed is {_limits(low, high)} ({field.metadata["description"]})'
            )


def typed(field: dataclasses.Field, value: Any) -> Any:
    """Returns `value` of the type of `field`, inside its limits: what a file or a person gives it.

    A whole number stands for a float, alone or in a list; a list for a tuple.

    Raises:
        ValueError: it is of another type, or outside the limits: name, value, what is expected.
    """
    default = field.default
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple) or not value:
            raise _unexpected(field, value, f'a list, such as {list(default) or [0.0, 0.5]}')
        value = tuple(_of_type(field, item, element_of(default)) for item in value)
    else:
        value = _of_type(field, value, type(default))
    check_value(field, value)
    return value


def element_of(default: Any) -> type:
    """Returns the type of a setting's numbers or texts: of itself, or of its items."""
    if isinstance(default, tuple):
        return type(default[0]) if default else float
    return type(default)


def number_of(field: dataclasses.Field, text: str) -> int | float:
    """Returns the number that a person has written for `field`, inside its limits.

    Raises:
        ValueError: it is none, or outside the limits.
    """
    kind: type = type(field.default)
    try:
        number = kind(text)
    except ValueError:
        raise _unexpected(field, text, _KINDS[kind]) from None
    check_value(field, number)
    return number


_KINDS = {bool: 'true or false', int: 'a whole number', float: 'a number', str: "a text (in quotes: '1')"}


def _of_type(field: dataclasses.Field, value: Any, kind: type) -> Any:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise _unexpected(field, value, _KINDS[kind])
    return value


def _unexpected(field: dataclasses.Field, value: Any, expected: str) -> ValueError:
    return ValueError(f'{field.name} is {value!r}; expected is {expected} ({field.metadata["description"]})')


def _limits(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return 'any number'
    if high is None:
        return f'at least {low}'
    if low is None:
        return f'at most {high}'
    return f'{low} to {high}'
