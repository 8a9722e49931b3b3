"""Lets processes that sleep nearly always wake in time beside one that computes all the time."""

import ctypes
import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from threading import RLock

NICENESS = -10
MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT = 1, 2, 4
_changing = RLock()  # one thread's way back to what it had is not to undo what all get meanwhile
_given_cores: set[int] = set()  # before some were left to computation; empty = none were


class Priority(IntEnum):
    """Real-time priorities, the lowest that there are: before every ordinary process, behind the kernel's."""

    PICTURES = 1  # rendering and encoding: many milliseconds at a time
    CONTROL = 2  # what an action waits for: a millisecond at a time
    CYCLE = 3  # the clock of the action cycle
    SERVO = 4  # the arm's guard: the shortest period of ours, and the arm brakes where it is late
    ROBOT = 5  # the simulated controller; a real one has a computer of its own


def wake_in_time(priority: Priority = Priority.CONTROL, *, on_any_core: bool = False) -> str:
    """Raises the priority of all threads of this process as far as it is permitted; later ones inherit it.

    Where the limit lies below `priority`, that limit is taken: who is to follow does not go before.

    Niceness alone does not help where the kernel groups processes by session (Linux' autogroup): real-time
    scheduling is asked for first. Its memory stays where it is, once touched: a page that the kernel took
    back costs a disk's time in the middle of a cycle. Python's collector does not look again at what was
    made by now: such a pass takes an actor 0.1 s, a servo 10 ms. And it keeps to the first half of its
    cores: a real-time process wakes on the core where it last ran, whatever computes there, however
    idle the others are, and a learner among such processes loses half of its speed (docs/timing.md). Call it
    when the process is ready: to make nodes takes tenths of seconds of computing, which would silence a servo
    on that core.

    Args:
        priority: among such processes.
        on_any_core: for one that has something to do once in an action cycle and is waited for then.

    Returns:
        'real-time', 'nice' or 'normal': what was permitted.
    """
    gc.freeze()
    with _changing:
        return _wake_in_time(priority, on_any_core)


def _wake_in_time(priority: Priority, on_any_core: bool) -> str:
    if _go_real_time(priority):
        _keep_in_memory()
        if not on_any_core:
            _leave_cores_to_computation()
        return 'real-time'
    try:
        _for_each_thread(lambda thread: os.setpriority(os.PRIO_PROCESS, thread, NICENESS))
        return 'nice'
    except OSError:
        return 'normal'


def _go_real_time(priority: Priority) -> bool:
    """Takes the priority, or the highest below it that is permitted; returns whether there is one."""
    for permitted in range(priority, 0, -1):
        with suppress(OSError):
            _schedule(os.SCHED_RR, permitted)
            return True
    return False


@contextmanager
def giving_way() -> Iterator[None]:
    """Within, this thread goes behind those of its process.

    For a call that waits in a busy loop for another thread of its process: on one core they would otherwise
    be equals, and that thread would run only when the kernel takes the core away, after 100 ms.
    """
    before = os.sched_getparam(0)  # 0 in an ordinary process, and stays
    os.sched_setparam(0, os.sched_param(min(before.sched_priority, Priority.PICTURES)))
    try:
        yield
    finally:
        os.sched_setparam(0, before)


@contextmanager
def as_ordinary() -> Iterator[None]:
    """Within, this thread has no priority and all cores: what it starts inherits that.

    A new Python process computes for a second before it can wait for anything. With real-time priority it
    would keep the servo of another run from its core, slice by slice of 100 ms. It asks for its own when it
    is ready (`wake_in_time`).
    """
    with _changing:
        if not _real_time():
            yield
            return
        scheduler, parameters, cores = os.sched_getscheduler(0), os.sched_getparam(0), os.sched_getaffinity(0)
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        os.sched_setaffinity(0, _given_cores or cores)
        try:
            yield
        finally:
            os.sched_setscheduler(0, scheduler, parameters)
            os.sched_setaffinity(0, cores)


def be_ordinary() -> None:
    """Gives up real time for all cores, in all threads of this process: its work is over.

    To destroy nodes and to leave the middleware takes tenths of seconds of computing. With real-time priority
    that keeps the servo, which brakes the arm meanwhile, from its core for longer than its watchdog waits.
    """
    with _changing:
        if not _real_time():
            return
        cores = _given_cores or os.sched_getaffinity(0)
        _schedule(os.SCHED_OTHER, 0)
        _for_each_thread(lambda thread: os.sched_setaffinity(thread, cores))


def _real_time() -> bool:
    """Whether this thread has something to give up; one of `chrt --idle` may not even become ordinary."""
    return os.sched_getscheduler(0) in (os.SCHED_FIFO, os.SCHED_RR)


def _schedule(scheduler: int, priority: int) -> None:
    _for_each_thread(lambda thread: os.sched_setscheduler(thread, scheduler, os.sched_param(priority)))


def _for_each_thread(call: Callable[[int], None]) -> None:
    for thread in map(int, os.listdir('/proc/self/task')):
        with suppress(ProcessLookupError):  # it has just ended
            call(thread)


def _keep_in_memory() -> None:
    """Locks every page from its first use on; where that is not permitted, nothing is lost but the safety."""
    ctypes.CDLL(None).mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)


def _leave_cores_to_computation() -> None:
    """Keeps to the first half of the cores that this process may use; a container may have any."""
    global _given_cores
    _given_cores = _given_cores or os.sched_getaffinity(0)  # of before the first time
    half = sorted(_given_cores)[: max(1, len(_given_cores) // 2)]
    _for_each_thread(lambda thread: os.sched_setaffinity(thread, half))
