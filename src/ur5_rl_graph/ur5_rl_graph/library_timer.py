"""A timer of the C library, to end what hangs: that may hold Python's interpreter lock."""

import ctypes

_CLOCK_MONOTONIC, _SIGEV_THREAD = 1, 2


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


class LibraryTimer:
    """Has a thread of the C library call one of its functions with a whole number.

    Attributes:
        made: False where the system has no timer left; then nothing is ever called.
    """

    def __init__(self, function: str, number: int) -> None:
        """Takes the function's name, such as '_exit', and its argument; `after` starts the timer."""
        self._library, self._timer = ctypes.CDLL(None), ctypes.c_void_p()
        called = ctypes.cast(getattr(self._library, function), ctypes.c_void_p)
        event = _SigEvent(value=number, notify=_SIGEV_THREAD, function=called)
        create = self._library.timer_create
        self.made = create(_CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(self._timer)) == 0

    def after(self, delay_s: float) -> None:
        """Calls once, so long after this call [s]; 0 = not at all. What was to come before does not."""
        if self.made:
            seconds, fraction = divmod(delay_s, 1.0)
            once = _Interval(s=int(seconds), ns=int(1e9 * fraction))
            self._library.timer_settime(self._timer, 0, ctypes.byref(once), None)

    def delete(self) -> None:
        """Gives the timer back."""
        if self.made:
            self._library.timer_delete(self._timer)
