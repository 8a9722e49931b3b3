"""The end of a process whose work is done, where what DDS takes down hangs (see `hung`)."""

import faulthandler
from collections.abc import Iterator
from contextlib import contextmanager

from ur5_rl_graph.library_timer import LibraryTimer

TEARDOWN_S = 5.0
"""So long one node, or all that is left, may take to leave DDS; a launch ends what takes 20 s [s]."""
_code: int | None = None


def ends_with(code: int) -> None:
    """Says that the process is to end, and with which exit code; what is `bounded` is so from now on."""
    global _code
    _code = code


@contextmanager
def bounded() -> Iterator[None]:
    """Ends the process with its exit code, and shows where it was, if the block takes too long.

    Nothing that anybody misses may be in the block, and before `ends_with` it takes its time. A timer of the
    C library calls `_exit`, since DDS hangs with Python's interpreter lock.
    """
    if _code is None:
        yield
        return
    timer = LibraryTimer('_exit', _code)
    if timer.made:
        timer.after(TEARDOWN_S)
        faulthandler.dump_traceback_later(0.9 * TEARDOWN_S, file=2)
    try:
        yield
    finally:
        if timer.made:
            timer.delete()
            faulthandler.cancel_dump_traceback_later()
