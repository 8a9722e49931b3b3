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
        default: value of the thesis' baseline unless the description says otherwise.
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


def _limits(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return 'any number'
    if high is None:
        return f'at least {low}'
    if low is None:
        return f'at most {high}'
    return f'{low} to {high}'
