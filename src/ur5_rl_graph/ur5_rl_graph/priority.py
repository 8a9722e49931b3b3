"""Lets a process that sleeps nearly always wake in time beside one that computes all the time."""

import ctypes
import os

ROUND_ROBIN_PRIORITY = 1  # the lowest real-time priority: before every ordinary process, behind the kernel's
NICENESS = -10
MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT = 1, 2, 4


def wake_in_time() -> str:
    """Raises the priority of this process as far as it is permitted; threads started later inherit it.

    Niceness alone does not help where the kernel groups processes by session (Linux' autogroup): real-time
    scheduling is asked for first. Its memory stays where it is, once touched: a page that the kernel took
    back costs a disk's time in the middle of a cycle. Call it before rclpy.init(), so that the middleware's
    threads have it too.

    Returns:
        'real-time', 'nice' or 'normal': what was permitted.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(ROUND_ROBIN_PRIORITY))
        _keep_in_memory()
        return 'real-time'
    except OSError:
        pass
    try:
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
        return 'nice'
    except OSError:
        return 'normal'


def _keep_in_memory() -> None:
    """Locks every page from its first use on; where that is not permitted, nothing is lost but the safety."""
    ctypes.CDLL(None).mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)
