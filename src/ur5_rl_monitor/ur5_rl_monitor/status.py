"""What is said of one component: level, one line, key values (REP 107)."""

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

COMPONENTS = (
    'arm_driver: arm',
    'camera: frames',
    'environment: synchronisation',
    'environment: action cycle',
    'buffer_sampler: sampler',
    'learner: learner',
    'run_recorder: recorder',
    'run_recorder: disk',
)
"""Names of all that a run may have: whatever else is on /diagnostics is of another program."""


class Level(IntEnum):
    """The constants of diagnostic_msgs/DiagnosticStatus (a test compares them)."""

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


class Status(NamedTuple):
    """Of one component at one time."""

    name: str  # <node>: <what of it>, one of COMPONENTS
    level: Level
    message: str  # one line: what is wrong, its value and limit, what to do
    values: dict[str, object]


class Findings:
    """Collects what is wrong with a component."""

    def __init__(self) -> None:
        """Starts with nothing wrong."""
        self._found: list[tuple[Level, str]] = []

    def warn(self, wrong: object, text: str) -> None:
        """Adds a warning where something is wrong."""
        if wrong:
            self._found.append((Level.WARN, text))

    def error(self, wrong: object, text: str) -> None:
        """Adds an error where something is wrong."""
        if wrong:
            self._found.append((Level.ERROR, text))

    def status(self, name: str, fine: str, values: Mapping[str, object]) -> Status:
        """Returns the worst level and all that was found, the worst first; OK and `fine` if nothing was."""
        found = sorted(self._found, key=lambda finding: -finding[0])
        level = found[0][0] if found else Level.OK
        text = '; '.join(text for _, text in found) or fine
        return Status(name, level, ' '.join(text.split()), dict(values))


def stale(name: str, topic: str, silence_s: float, remedy: str, values: Mapping[str, object]) -> Status:
    """Returns the status of a component that is not heard of."""
    since = (
        f'nothing on {topic} yet'
        if silence_s == float('inf')
        else f'nothing on {topic} for {silence_s:.0f} s'
    )
    return Status(name, Level.STALE, f'{since}; {remedy}', dict(values))
