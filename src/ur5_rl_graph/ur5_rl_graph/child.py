"""A child process that does not outlive the one that started it (Linux)."""

import ctypes
import os
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl  # found here: in a child of many threads a loader may be locked for ever


def end_with_parent(number: int = signal.SIGKILL) -> Callable[[], None]:
    """Returns what `subprocess` is to call in the child (`preexec_fn`): it ends when this process does.

    The parent, to the kernel, is the thread that starts the child: start it from one that stays.

    Args:
        number: signal that the child gets then, however this process ends.
    """
    parent = os.getpid()

    def in_child() -> None:
        _prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it has ended meanwhile
            os._exit(1)

    return in_child
