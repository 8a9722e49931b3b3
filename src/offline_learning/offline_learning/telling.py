"""What the terminal shows while a learner learns from bags."""

from offline_learning.training import Limits
from run_reading.wording import minutes
from sac_learner.learning import Status

LINE_S = 10.0
"""Time between two progress lines [s]."""


class Teller:
    """Prints a progress line every ten seconds.

    A run makes `updates_per_step` updates in each action cycle, one where there is no limit: how many times
    as fast learning goes here is told as times of real time.

    Attributes:
        newest: the line that tells of the newest state.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        action_cycle_s: float,
        updates_per_step: float,
        batch_size: int,
        transitions: int,
    ) -> None:
        """Takes when it is over, and what the numbers of the line are compared with."""
        self._limits = limits
        self._run_updates_per_s = (updates_per_step or 1.0) / action_cycle_s
        self._drawn = batch_size / max(1, transitions)  # how often a transition is, in one update
        self._told_s = 0.0
        self.newest = ''

    def __call__(self, status: Status, elapsed_s: float) -> None:
        """Takes the learner's state after so long [s]."""
        self.newest = self._line(status, elapsed_s)
        if elapsed_s - self._told_s >= LINE_S:
            self._told_s = elapsed_s
            print(self.newest, flush=True)

    def _line(self, status: Status, elapsed_s: float) -> str:
        clock = minutes(elapsed_s)
        if self._limits.duration_s:
            clock += f', {minutes(max(0.0, self._limits.duration_s - elapsed_s))} left'
        of = f' of {self._limits.updates}' if self._limits.updates else ''
        rate = status.updates / max(elapsed_s, 1e-9)
        metrics = ' '.join(f'{name} {value:.4g}' for name, value in status.metrics.items())
        return (
            f'{clock} | updates {status.updates}{of} '
            f'({rate:.1f}/s, {rate / self._run_updates_per_s:.2f} times real time) | '
            f'each transition drawn {self._drawn * status.updates:.1f} times | {metrics}'
        )
