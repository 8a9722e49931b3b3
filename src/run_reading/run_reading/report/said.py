"""The warnings and errors that devices and environment have logged: why something was lost.

The other nodes print; of that nothing is in the run folder.
"""

import re
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

END = 1_000_000
"""Bytes of a log that are read, its last ones."""
_LINE = re.compile(r'\[(?:WARN|ERROR|FATAL)\] \[(\d{1,11})\.\d+\] \[([^\]]+)\]: (.+)')


class Said(NamedTuple):
    """One line of a node."""

    time: str  # of the day, UTC
    node: str
    text: str


def read(folder: Path) -> list[Said]:
    """Returns the warnings and errors in the logs of a folder, in the order of their times."""
    found = []
    for path in sorted(folder.glob('*.log')):
        try:
            with path.open('rb') as file:
                file.seek(max(0, path.stat().st_size - END))
                lines = file.read().decode(errors='replace').splitlines()
        except OSError:
            continue  # what nodes have said is no part of what they have done
        found += [match.groups() for match in map(_LINE.match, lines) if match]
    found.sort(key=lambda line: int(line[0]))
    return [Said(_clock(int(seconds)), node, text) for seconds, node, text in found]


def _clock(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime('%H:%M:%S')
