"""What a check finds, and how checks are run: each within its time, none takes the others with it."""

import threading
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import NamedTuple

LIMIT_S = 5.0


class State(Enum):
    """How things are; the value is what is printed."""

    OK = 'ok'
    WARNING = 'warning'
    FAULT = 'fault'
    ASK = 'ask'  # nothing here can tell it: a person has to look


class Finding(NamedTuple):
    """One line for a person."""

    state: State
    name: str  # what was looked at
    text: str  # what was found
    remedy: str = ''  # what to change, '' where nothing is to be

    def __str__(self) -> str:
        remedy = f': {self.remedy}' if self.remedy else ''
        return f'{self.state.value:8}{self.name:12}{self.text}{remedy}'


class Check(NamedTuple):
    """Something to look at. `look` may take its time, hang or raise."""

    name: str
    look: Callable[[], Finding | Iterable[Finding]]
    limit_s: float = LIMIT_S


def run(checks: Iterable[Check]) -> Iterator[Finding]:
    """Yields what each check finds, in their order.

    A check that is not done within its time is left behind; that, and whatever one raises, is a fault.
    """
    for check in checks:
        yield from _look(check)


def exit_code(findings: Iterable[Finding]) -> int:
    """Returns 1 if there is a fault, else 0."""
    return int(any(finding.state is State.FAULT for finding in findings))


def _look(check: Check) -> list[Finding]:
    found: list[Finding] = []

    def look() -> None:
        try:
            result = check.look()
            found.extend([result] if isinstance(result, Finding) else result)
        except Exception as error:  # whatever it is, the other checks go on
            text = ' '.join(str(error).split()) or 'no reason given'
            known = isinstance(error, OSError | ValueError)
            kind = '' if known else f'{type(error).__name__}: '
            found[:] = [Finding(State.FAULT, check.name, f'{kind}{text}')]

    thread = threading.Thread(target=look, name=check.name, daemon=True)
    thread.start()
    thread.join(check.limit_s)
    if thread.is_alive():
        text = f'no answer within {check.limit_s:g} s'
        return [Finding(State.FAULT, check.name, text, 'is the device or host it asks still there?')]
    return found
