"""Statistics of action cycle and updates over a run (SPEC: 40 ms mean, 99 % within 2 ms, no drift)."""

from typing import NamedTuple

import numpy as np

from run_reading.histogram import Histogram

TOLERANCE_MS = 2.0


class CycleSummary(NamedTuple):
    """The action cycle of a run, all times in milliseconds."""

    cycles: int
    planned_ms: float
    mean_ms: float
    sd_ms: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    within_2ms_fraction: float
    overruns: int
    response_p50_ms: float
    response_p99_ms: float
    image_to_command_p50_ms: float
    image_to_command_p99_ms: float


class CycleStatistics:
    """Takes one row per action cycle and summarises them; its memory does not grow with the run.

    Means, deviation, maximum and counts are exact, quantiles as fine as `Histogram`.
    """

    def __init__(self, planned_ms: float) -> None:
        """Takes the planned action cycle [ms]."""
        self._planned_ms = planned_ms
        self._cycles = self._within = self.overruns = 0
        self._mean_ms = self._squares = self._max_ms = 0.0  # squares: of the differences from the mean [ms^2]
        self._cycle, self._response, self._image_to_command = Histogram(), Histogram(), Histogram()

    def add(self, cycle_ms: float, response_ms: float, image_to_command_ms: float, overrun: bool) -> None:
        """Adds one cycle."""
        self._cycles += 1
        off = cycle_ms - self._mean_ms
        self._mean_ms += off / self._cycles
        self._squares += off * (cycle_ms - self._mean_ms)  # Welford: no sum grows large beside its terms
        self._max_ms = max(self._max_ms, cycle_ms)
        self._within += abs(cycle_ms - self._planned_ms) <= TOLERANCE_MS
        self.overruns += overrun
        self._cycle.add(cycle_ms)
        self._response.add(response_ms)
        self._image_to_command.add(image_to_command_ms)

    def summary(self) -> CycleSummary | None:
        """Returns the summary, None before the first cycle."""
        if not self._cycles:
            return None
        p50, p99 = self._cycle.quantiles(0.5, 0.99)
        response = self._response.quantiles(0.5, 0.99)
        image = self._image_to_command.quantiles(0.5, 0.99)
        return CycleSummary(
            cycles=self._cycles,
            planned_ms=self._planned_ms,
            mean_ms=float(self._mean_ms),
            sd_ms=float((self._squares / self._cycles) ** 0.5),
            p50_ms=p50,
            p99_ms=p99,
            max_ms=float(self._max_ms),
            within_2ms_fraction=float(self._within / self._cycles),
            overruns=self.overruns,
            response_p50_ms=response[0],
            response_p99_ms=response[1],
            image_to_command_p50_ms=image[0],
            image_to_command_p99_ms=image[1],
        )


class UpdateSummary(NamedTuple):
    """The updates of a run; means over its reports of a second, from the first whole one with updates on."""

    updates_per_s: float
    update_period_ms: float
    gradient_ms: float
    sampling_ms: float


class WeightsAge(NamedTuple):
    """How many actions had been made with the weights of an action before it."""

    weights_age_p50_steps: float
    weights_age_p99_steps: float


class WeightsAges:
    """Takes the age of the weights of every action; its memory does not grow with the run.

    Attributes:
        newest_s: that of the newest action [s].
    """

    def __init__(self, action_cycle_s: float) -> None:
        """Takes the planned action cycle [s]."""
        self.newest_s = 0.0
        self._cycle_s, self._ages, self._learned, self._steps = action_cycle_s, Histogram(), False, 0

    def add(self, age_s: float, updates: int) -> None:
        """Adds an action. It counts from the first learned weights on: before, nothing could be newer.

        Weights that are not new have aged by an action cycle at least since the action before. The time of a
        reset, in which nobody acts, makes them no steps older.
        """
        new = age_s < self.newest_s + 0.5 * self._cycle_s
        self._learned = self._learned or (updates > 0 and age_s < self.newest_s)
        self._steps = 0 if new else self._steps + 1
        self.newest_s = age_s
        if self._learned:
            self._ages.add(float(self._steps))

    def summary(self) -> WeightsAge | None:
        """Returns the summary, None before the first learned weights."""
        if not self._learned:
            return None
        return WeightsAge(*self._ages.quantiles(0.5, 0.99))


class UpdateStatistics:
    """Takes the reports of learner and sampler; keeps sums only."""

    def __init__(self) -> None:
        """Starts without reports."""
        self._began = False
        self._reports = self._samplings = 0
        self._rates = self._gradients = self._sampling_ms = 0.0  # updates/s; of them times ms; ms

    def add(self, updates_per_s: float, gradient_ms: float) -> None:
        """Adds a report of the learner; the first with updates is left out, for they began within it."""
        if self._began:
            self._reports += 1
            self._rates += updates_per_s
            self._gradients += updates_per_s * gradient_ms
        self._began = self._began or updates_per_s > 0

    def add_sampling(self, sampling_ms: float) -> None:
        """Adds a report of the sampler; 0 where it made no mini-batch."""
        if sampling_ms > 0:
            self._samplings += 1
            self._sampling_ms += sampling_ms

    def summary(self) -> UpdateSummary | None:
        """Returns the summary; None where nothing was updated after the first report with updates."""
        if self._rates == 0:
            return None
        rate = float(self._rates / self._reports)
        return UpdateSummary(
            updates_per_s=rate,
            update_period_ms=1e3 / rate,
            gradient_ms=float(self._gradients / self._rates),
            sampling_ms=float(self._sampling_ms / self._samplings) if self._samplings else 0.0,
        )


def deviation(returns: np.ndarray) -> float:
    """Returns the sample standard deviation of (n,) returns, 0 of a single one."""
    return float(np.std(returns, ddof=1)) if len(returns) > 1 else 0.0
