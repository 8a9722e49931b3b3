"""Lets a process that nobody waits for yet load its libraries behind those that are waited for."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NICENESS = 5
"""A third of what another session gets, where there are not cores enough for all."""
TRIES, PAUSE_S = 20, 0.1
"""The kernel lets somebody without privileges change a group ten times a second."""


@contextmanager
def behind_others(group: Path = Path('/proc/self/autogroup')) -> Iterator[None]:
    """Within, this process' session goes behind others; a session that it shares with others stays as it is.

    Linux' autogroup gives each session a share of its own: the niceness of a process counts within it only,
    and nobody may take it back without privileges. That of the group everybody may.
    """
    own = os.getsid(0) == os.getpid() and _set(group, NICENESS)
    try:
        yield
    finally:
        if own:
            _set(group, 0)


def _set(group: Path, niceness: int) -> bool:
    for _ in range(TRIES):
        try:
            group.write_text(f'{niceness}\n', encoding='ascii')
        except BlockingIOError:
            time.sleep(PAUSE_S)
        except OSError:
            return False  # no autogroups in this kernel, or not for this process
        else:
            return True
    return False
