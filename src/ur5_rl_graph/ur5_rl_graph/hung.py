"""A process that hangs is ended, and its launch starts it again."""

import faulthandler
import signal

from rclpy.node import Node

from ur5_rl_graph.library_timer import LibraryTimer
from ur5_rl_graph.steady import every

HUNG_S = 60.0
"""An executor that calls nobody back for longer hangs: an update or a slow disk takes seconds [s]."""
BEATS = 12
"""So often in that time the executor shows that it goes on."""
_timers: list[LibraryTimer] = []
"""The one of this process, once it is watched."""


def end_if_hung(node: Node) -> None:
    """Ends the process by SIGALRM with the stacks of its threads where the executor of `node` hangs.

    Fast DDS keeps locks in the shared memory of processes. One that is killed while it holds such a lock
    leaves whoever publishes to it hanging for ever, and with Python's interpreter lock: no thread of ours
    could end the process. The C library's timer and faulthandler's handler need no interpreter.
    """
    goes_on(HUNG_S)
    every(node, HUNG_S / BEATS, lambda: goes_on(HUNG_S))


def goes_on(limit_s: float) -> None:
    """Says that the process works: where it does not say so again within the limit [s], it is ended.

    In two halves: the end of the first only begins the second, that of an alarm. A process that has stood
    still as a whole (`docker pause`, SIGSTOP, a debugger) finds the first over and has the second to go on.
    """
    half_s = limit_s / 2
    if not _timers:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # whatever was inherited
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])
        faulthandler.register(signal.SIGALRM, file=2, all_threads=True, chain=True)
        _timers.append(LibraryTimer('alarm', max(round(half_s), 1)))
    _timers[0].after(half_s)
    signal.alarm(0)


def still_works() -> None:
    """Says so in the midst of a callback that may take long; where nobody watches, nothing happens."""
    if _timers:
        goes_on(HUNG_S)


def never_mind() -> None:
    """Ends the watch: from now on the process may take its time."""
    for timer in _timers:
        timer.after(0.0)
    signal.alarm(0)
