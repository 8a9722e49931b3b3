"""A child process that never outlives its parent (Linux)."""

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1


class OrphanError(RuntimeError):
    """The parent has already gone."""


def die_with_parent(parent: int | None = None) -> int:
    """Have the kernel send SIGTERM to this process when its parent ends.

    The parent, to the kernel, is the thread that started this process: start it from a thread that stays.

    Args:
        parent: process id of the parent, where it is known; closes the gap in which the parent ended
            before this call.

    Returns:
        The parent's process id; where os.getppid() later differs, the parent has gone.

    Raises:
        OrphanError: the parent is not `parent` any more.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    now = os.getppid()
    if parent is not None and now != parent:
        raise OrphanError(f'parent process {parent} has already ended')
    return now
