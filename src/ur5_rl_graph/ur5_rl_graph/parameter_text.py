"""Values of parameters as text that ROS 2 reads back as exactly these values (a subnormal number as zero).

rcl takes what stands in a parameter file or behind `-p name:=` for YAML, with rules of its own: 1e3, 0x10, y
and inf without quotes are no texts to it, though PyYAML, and so launch_ros, writes some of them so.
"""

import json
import math
import sys
from typing import Any

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1  # what an integer parameter holds


def text_of(value: Any) -> str:
    """Returns the text of a bool, int, float, str, or of a list or tuple of one of them.

    Raises:
        ValueError: ROS 2 has no parameter for it, or cannot read it.
    """
    if isinstance(value, list | tuple):
        return f'[{", ".join(text_of(item) for item in value)}]'
    match value:
        case bool():
            return 'true' if value else 'false'
        case int() if _SMALLEST <= value <= _LARGEST:
            return str(value)
        case float():
            return _of_float(value)
        case str():
            return _of_text(value)
    raise ValueError(f'{value!r} is no value of a parameter; give a truth value, a number, a text or a list')


def _of_float(value: float) -> str:
    if math.isnan(value):
        return '.nan'
    if math.isinf(value):
        return '.inf' if value > 0 else '-.inf'
    if abs(value) < sys.float_info.min:  # a subnormal number is a text to ROS 2
        value = math.copysign(0.0, value)
    mantissa, mark, exponent = repr(value).partition('e')
    return f'{mantissa}.0e{exponent}' if mark and '.' not in mantissa else repr(value)  # YAML wants the point


def _of_text(value: str) -> str:
    """In double quotes, as JSON has it; what YAML does not take as it is becomes an escape."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f'{value!r} is no UTF-8 text; ROS 2 takes no other') from None
    return ''.join(c if _plain(c) else f'\\u{ord(c):04x}' for c in json.dumps(value, ensure_ascii=False))


def _plain(character: str) -> bool:
    return character.isprintable() or ord(character) > 0xFFFF
