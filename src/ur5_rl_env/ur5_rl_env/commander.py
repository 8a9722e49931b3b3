"""Whom the arm obeys: one process of its own run at a time."""

import time
from collections.abc import Callable
from enum import Enum

from ur5_rl_env.watchdog import limit_s
from ur5_rl_graph.say import one_line

MAX_RUNS_TOLD = 16  # of other runs; more are refused without a line of their own


class Verdict(Enum):
    """What becomes of a velocity command."""

    OBEY = 'obey'
    FOREIGN = 'foreign'  # of another run: refused
    CONTESTED = 'contested'  # two processes of the run command at once: refused, the arm is to stop


class Commander:
    """Judges each command by the run and the process that it names, before anything else is read of it.

    A process that has been silent for the watchdog's limit is forgotten: one that was started again is obeyed
    with its first command. Who commands within that time of another contests it, until only one is left.
    A driver that was started by hand belongs to run '' and obeys what was started by hand, too.
    """

    def __init__(
        self,
        run: str,
        watchdog_s: float,
        action_cycle_s: float,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Starts with nobody heard.

        Args:
            run: identity of the driver's own run.
            watchdog_s: how long a command counts [s].
            action_cycle_s: from one command of an environment to its next [s].
            clock: monotonic time [ns].
        """
        self.run = run
        self._limit_ns, self._clock = round(limit_s(watchdog_s, action_cycle_s) * 1e9), clock
        self._heard: dict[int, int] = {}  # process of this run -> when it was heard last
        self._told: set[str] = set()

    def judge(self, run: str, process: int) -> Verdict:
        """Takes who sent a command that has just arrived."""
        if run != self.run:
            return Verdict.FOREIGN
        self._heard[process] = self._clock()
        return Verdict.CONTESTED if self.contested else Verdict.OBEY

    @property
    def contested(self) -> bool:
        """Whether more than one process of the run has commanded within the time."""
        oldest = self._clock() - self._limit_ns
        self._heard = {process: at for process, at in self._heard.items() if at >= oldest}
        return len(self._heard) > 1

    def refusal(self, run: str) -> str | None:
        """Returns why a run's commands are refused, once for each run."""
        if run in self._told or len(self._told) >= MAX_RUNS_TOLD:
            return None
        self._told.add(run)
        return (
            f'velocity commands of {_name(run)} are refused, now and later: this arm obeys {_name(self.run)} '
            'alone; give the other one a ROS_DOMAIN_ID or a namespace:= of its own'
        )

    def contest(self) -> str:
        """Returns who contests the arm, and what to do."""
        processes = ', '.join(f'{process:x}' for process in sorted(self._heard))
        return (
            f'{len(self._heard)} processes of {_name(self.run)} command the arm at once ({processes}): '
            'stopped until only one is left; is a second environment running?'
        )


def _name(run: str) -> str:
    return f'run {one_line(run)}' if run else 'nodes started by hand (run is empty)'
