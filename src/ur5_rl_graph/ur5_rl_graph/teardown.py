"""The end of a process whose work is done, where what DDS takes down hangs (see `hung`)."""

import ctypes
import faulthandler
from collections.abc import Iterator
from contextlib import contextmanager

TEARDOWN_S = 5.0
"""So long one node, or all that is left, may take to leave DDS; a launch ends what takes 20 s [s]."""
_CLOCK_MONOTONIC, _SIGEV_THREAD = 1, 2
_code: int | None = None


class _SigEvent(ctypes.Structure):
    """`struct sigevent` of Linux on 64 bits: a thread of the C library is to call `function(value)`."""

    _fields_ = [
        ('value', ctypes.c_void_p),
        ('signal', ctypes.c_int),
        ('notify', ctypes.c_int),
        ('function', ctypes.c_void_p),
        ('rest', ctypes.c_char * 40),
    ]


class _Interval(ctypes.Structure):
    """`struct itimerspec`: repeated never, once after these seconds and nanoseconds."""

    _fields_ = [(name, ctypes.c_long) for name in ('again_s', 'again_ns', 's', 'ns')]


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
    library = ctypes.CDLL(None)
    end = ctypes.cast(library._exit, ctypes.c_void_p)
    event = _SigEvent(value=_code, notify=_SIGEV_THREAD, function=end)
    timer = ctypes.c_void_p()
    seconds, fraction = divmod(TEARDOWN_S, 1.0)
    made = library.timer_create(_CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(timer)) == 0
    if made:
        after = _Interval(s=int(seconds), ns=int(1e9 * fraction))
        library.timer_settime(timer, 0, ctypes.byref(after), None)
        faulthandler.dump_traceback_later(0.9 * TEARDOWN_S, file=2)
    try:
        yield
    finally:
        if made:
            library.timer_delete(timer)
            faulthandler.cancel_dump_traceback_later()
