"""Lets a process that sleeps nearly always wake in time beside one that computes all the time."""

import os

ROUND_ROBIN_PRIORITY = 1  # the lowest real-time priority: before every ordinary process, behind the kernel's
NICENESS = -10


def wake_in_time() -> str:
    """Raises the priority of this process as far as it is permitted; threads started later inherit it.

    Niceness alone does not help where the kernel groups processes by session (Linux' autogroup): real-time
    scheduling is asked for first. Call it before rclpy.init(), so that the middleware's threads have it too.

    Returns:
        'real-time', 'nice' or 'normal': what was permitted.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(ROUND_ROBIN_PRIORITY))
        return 'real-time'
    except OSError:
        pass
    try:
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
        return 'nice'
    except OSError:
        return 'normal'
