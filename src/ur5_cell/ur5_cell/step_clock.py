"""When the controller's control steps are due, and which are left out after a delay."""

MADE_UP_STEPS = 1
"""Whole periods that may have passed when the step after a late one is due."""


class StepClock:
    """Due times of control steps on a clock that the caller reads [ns].

    A delay of less than three periods is made up for at once; in a longer one the arm stands still. Where
    this process did not get the processor, its clients hardly did: steps in a burst, in which no client can
    write, would look to the watchdog like a client that hangs. A real controller has a computer of its own.

    Args:
        period: of the control steps [ns].
        now: the first step is due a period after it [ns].
    """

    def __init__(self, period: int, now: int) -> None:
        self._period = period
        self.due = now + period

    def step(self, now: int) -> int:
        """Tells that the due step was begun at `now` [ns]; returns how many steps after it are left out."""
        self.due += self._period
        missed = max(0, (now - self.due) // self._period)
        if missed <= MADE_UP_STEPS:
            return 0
        self.due += missed * self._period
        return missed
