"""A process of the graph in virtual time: one thread that does one thing after the other."""

from collections import deque
from collections.abc import Callable

from virtual_time.scheduler import Scheduler

NS = 1_000_000_000


class Process:
    """Works off what is posted to it, first come first served, as a single-threaded executor does.

    A piece of work runs when its turn comes. The time that it takes is what it says itself (`spend`); what it
    sends leaves at that point of its own time (`local_ns`), and the next piece begins when it has ended.
    Nodes that share a process therefore work one after the other, those in different ones at once.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        """Makes an idle process."""
        self._scheduler = scheduler
        self._inbox: deque[Callable[[], None]] = deque()
        self._busy = False
        self.local_ns = scheduler.now_ns
        """Where the present piece of work has come to [ns]."""

    def post(self, work: Callable[[], None]) -> None:
        """Appends a piece of work."""
        self._inbox.append(work)
        if not self._busy:
            self._busy = True
            self._scheduler.at(self._scheduler.now_ns, self._next)

    def every(self, seconds: float, work: Callable[[], None]) -> None:
        """Has `work` done once in each period, the first time at the end of one.

        As a timer of an executor: what is due while it waits for its turn is done once.
        """
        period, due = round(seconds * NS), [False]

        def do() -> None:
            due[0] = False
            work()

        def fire() -> None:
            self._scheduler.at(self._scheduler.now_ns + period, fire)
            if not due[0]:
                due[0] = True
                self.post(do)

        self._scheduler.at(self._scheduler.now_ns + period, fire)

    def spend(self, seconds: float) -> tuple[int, int]:
        """Takes time for what the present piece of work does; returns its start and its duration [ns]."""
        start, duration = self.local_ns, round(seconds * NS)
        self.local_ns += duration
        return start, duration

    def send(self, action: Callable[[], None]) -> None:
        """Calls `action` when the present piece of work has come to where it is now."""
        self._scheduler.at(self.local_ns, action)

    def _next(self) -> None:
        self.local_ns = self._scheduler.now_ns
        self._inbox.popleft()()
        self._scheduler.at(self.local_ns, self._go_on)

    def _go_on(self) -> None:
        if self._inbox:
            self._next()
        else:
            self._busy = False
