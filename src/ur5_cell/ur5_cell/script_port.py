"""What arrives on the script port (30003): URScript text, of which only ur_rtde's control program is known.

The text has no framing; a program is complete at a line that is exactly `end`, in column 0. There is no
URScript interpreter here: an upload of `def rtde_control` starts the emulation of that program
(control_program.py) with the register offset written in it; any other program is refused with one line.
"""

import re
from typing import NamedTuple

LARGEST_PROGRAM = 1_000_000  # bytes; ur_rtde's is 40,000

_LONGEST_END = 105  # bytes, as the pattern below limits it
_NAME = re.compile(r'^(?:def|sec)[ \t]+(\w{1,64})[ \t]*\(', re.MULTILINE)
_END = re.compile(rb'^end[ \t]{0,99}\r?\n', re.MULTILINE)


class Upload(NamedTuple):
    """A control program as uploaded.

    Attributes:
        integer_offset, double_offset: first integer and double register it uses, 0 or 24.
    """

    integer_offset: int
    double_offset: int


class ScriptError(Exception):
    """An upload that this controller cannot run."""


class ScriptReader:
    """Cuts the byte stream of one connection into programs."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0  # an end cannot begin before this place

    def feed(self, data: bytes) -> list[str]:
        """Take bytes as received.

        Returns:
            The programs completed by them, a list of text.

        Raises:
            ScriptError: far more text than any control program without an `end`; it is dropped.
        """
        self._buffer += data
        programs = []
        while (match := _END.search(self._buffer, self._searched)) is not None:
            programs.append(self._buffer[: match.end()].decode('utf-8', 'replace'))
            del self._buffer[: match.end()]
            self._searched = 0
        self._searched = max(self._searched, len(self._buffer) - _LONGEST_END)
        if (size := len(self._buffer)) > LARGEST_PROGRAM:
            self._buffer.clear()
            self._searched = 0
            raise ScriptError(f'{size} bytes without an "end" (limit {LARGEST_PROGRAM}); dropped')
        return programs


def parse_upload(text: str) -> Upload:
    """Read the register offsets out of ur_rtde's control program.

    Raises:
        ScriptError: the program is another one, or has no usable offset.
    """
    name = _NAME.search(text)
    if name is None or name.group(1) != 'rtde_control':
        what = f'program "{name.group(1)}"' if name else 'text that is no program'
        raise ScriptError(
            f'{what} was uploaded; this simulated controller runs only "rtde_control" of ur_rtde'
        )
    return Upload(_offset(text, 'int'), _offset(text, 'float'))


def _offset(text: str, kind: str) -> int:
    # The client writes the digits behind the line end of a comment that stands where the number should be.
    match = re.search(rf'# {kind} register offset[ \t]*\r?\n[ \t]*([0-9]{{1,9}})', text)
    if match is None or int(match.group(1)) not in (0, 24):
        found = match.group(1) if match else 'none'
        raise ScriptError(f'{kind} register offset in the uploaded program is {found}; it must be 0 or 24')
    return int(match.group(1))
