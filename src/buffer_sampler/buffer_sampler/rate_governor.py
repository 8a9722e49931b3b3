"""How many updates the experience so far pays for, and whether actions wait for them."""

import math


class RateGovernor:
    """At most, or exactly, u updates per environment step.

    An update may begin while

        updates + in flight < earned,    earned = base + u (steps - since),

    where `updates` is the learner's own count, so that work which died with a learner is done again, and
    `in flight` are mini-batches on their way. At first base = 0 and since = start_steps; the count of steps
    comes from the replay buffer: a restarted sampler goes on where it was. Setting another u moves (base,
    since) to the present: steps of the past stay paid at the rate of their time. What was earned while no
    learner was there may be caught up, not more. A learner that has already done more than was earned (its
    u was larger, or unlimited) owes nothing: it begins at the present. u = 0 means no limit.

    A learner that is slower than the steps does not run up a debt for ever, which it would work off from old
    experience when no step comes any more: what is earned beyond `error_band` more than was done is given up.

    Exactly: an action waits until every whole update that the steps before it have earned is done
    (`settled`). A new learner, or the switch to exactly, begins at the present then: nobody lets an arm
    stand until the debts of the past are paid. Without a limit nothing is waited for.

    Attributes:
        updates_per_step: u.
        exactly: whether actions wait.
        given_up: updates that were earned in this life and will not be done.
    """

    def __init__(
        self, updates_per_step: float, start_steps: int, exactly: bool = False, error_band: float = math.inf
    ) -> None:
        """Begins to earn after `start_steps` steps.

        Args:
            updates_per_step: u.
            start_steps: random steps, which earn nothing.
            exactly: whether actions wait.
            error_band: updates that may be owed; never less than one step earns.

        Raises:
            ValueError: updates_per_step is negative or no number.
        """
        self._base, self._since = 0.0, start_steps
        self._start = start_steps
        self._error_band = error_band
        self.given_up = 0.0
        self.exactly = exactly
        self.updates_per_step = _checked(updates_per_step)

    def earned(self, steps: int) -> float:
        """Returns the updates that `steps` environment steps have paid for; infinite without a limit."""
        if steps < self._start:
            return 0.0
        if self.updates_per_step == 0:
            return math.inf
        return self._base + self.updates_per_step * (steps - self._since)

    def allows(self, steps: int, updates: int, in_flight: int) -> bool:
        """Returns whether one more mini-batch may be made."""
        # Less than one update earned pays for none; the margin is for the rounding of base + u * steps.
        return updates + in_flight + 1 <= self.earned(steps) + 1e-6

    def give_up(self, steps: int, updates: int) -> bool:
        """Gives up what is owed beyond the band, after every update; returns whether that was something."""
        owed = self.earned(steps) - updates
        beyond = owed - max(self._error_band, self.updates_per_step)
        if self.updates_per_step == 0 or beyond <= 0:
            return False
        self._base -= beyond
        self.given_up += beyond
        return True

    def resume(self, steps: int, updates: int) -> None:
        """Gives up what a life of the sampler found owed beyond the band at its begin, after `steps` steps.

        The life before has given it up, and counted it.
        """
        counted = self.given_up
        self.give_up(steps, updates)
        self.given_up = counted

    @property
    def waits(self) -> bool:
        """Whether actions wait for updates."""
        return self.exactly and self.updates_per_step > 0

    def settled(self, steps: int, updates: int) -> bool:
        """Returns whether an action may follow `steps` steps, `updates` done."""
        return not self.waits or not self.allows(steps, updates, 0)

    def begin(self, steps: int, updates: int) -> None:
        """A learner announces itself with `updates` done.

        What it did beyond the earned is forgiven, and what it owes too where actions would wait for it.
        """
        if self.exactly or updates > self.earned(steps):
            self._base, self._since = float(updates), max(steps, self._start)

    def set_exactly(self, exactly: bool, steps: int, updates: int) -> None:
        """Lets actions wait from the present step on, or no longer."""
        if exactly != self.exactly:
            self.exactly = exactly
            self.begin(steps, updates)

    def set_rate(self, updates_per_step: float, steps: int, updates: int) -> None:
        """Takes a new rate from the present step on.

        Raises:
            ValueError: updates_per_step is negative or no number; the old rate stays.
        """
        rate = _checked(updates_per_step)
        earned = self.earned(steps)
        self._base = float(updates) if math.isinf(earned) else earned
        self._since = max(steps, self._start)
        self.updates_per_step = rate
        if updates > self.earned(steps):
            self._base = float(updates)


def _checked(updates_per_step: float) -> float:
    if not (math.isfinite(updates_per_step) and updates_per_step >= 0):
        raise ValueError(
            f'updates_per_step is {updates_per_step}; it must be 0 (no limit) or a positive number'
        )
    return updates_per_step
