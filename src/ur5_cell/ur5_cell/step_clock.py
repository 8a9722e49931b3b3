"""When the controller's control steps are due, and which are left out after a delay."""

MADE_UP_NS = 24_000_000
"""A shorter delay is made up for [ns]: three periods of a CB3, twelve of an e-Series."""


class StepClock:
    """Due times of control steps on a clock that the caller reads [ns].

    A delay of less than MADE_UP_NS is made up for at once; in a longer one the arm stands still. Where
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
        delay = now - self.due
        self.due += self._period
        if delay < MADE_UP_NS:
            return 0
        missed = (now - self.due) // self._period
        self.due += missed * self._period
        return missed
