"""Statistics of action cycle and updates over a run (SPEC: 40 ms mean, 99 % within 2 ms, no drift)."""

from typing import NamedTuple

import numpy as np

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
    """Collects one row per action cycle and summarises them."""

    def __init__(self, planned_ms: float) -> None:
        """Takes the planned action cycle [ms]."""
        self._planned_ms = planned_ms
        self._cycle: list[float] = []
        self._response: list[float] = []
        self._image_to_command: list[float] = []
        self.overruns = 0

    def add(self, cycle_ms: float, response_ms: float, image_to_command_ms: float, overrun: bool) -> None:
        """Adds one cycle."""
        self._cycle.append(cycle_ms)
        self._response.append(response_ms)
        self._image_to_command.append(image_to_command_ms)
        self.overruns += overrun

    def summary(self) -> CycleSummary | None:
        """Returns the summary, None before the first cycle."""
        if not self._cycle:
            return None
        cycle = np.asarray(self._cycle)
        p50, p99 = np.percentile(cycle, (50, 99))
        response = np.percentile(self._response, (50, 99))
        image = np.percentile(self._image_to_command, (50, 99))
        return CycleSummary(
            cycles=len(cycle),
            planned_ms=self._planned_ms,
            mean_ms=float(cycle.mean()),
            sd_ms=float(cycle.std()),
            p50_ms=float(p50),
            p99_ms=float(p99),
            max_ms=float(cycle.max()),
            within_2ms_fraction=float(np.mean(np.abs(cycle - self._planned_ms) <= TOLERANCE_MS)),
            overruns=self.overruns,
            response_p50_ms=float(response[0]),
            response_p99_ms=float(response[1]),
            image_to_command_p50_ms=float(image[0]),
            image_to_command_p99_ms=float(image[1]),
        )


class UpdateSummary(NamedTuple):
    """The updates of a run; means over its reports of a second, from the first whole one with updates on."""

    updates_per_s: float
    update_period_ms: float
    gradient_ms: float
    sampling_ms: float


class UpdateStatistics:
    """Collects the reports of learner and sampler."""

    def __init__(self) -> None:
        """Starts without reports."""
        self._reports: list[tuple[float, float]] = []  # updates/s, time of an update [ms]
        self._sampling: list[float] = []

    def add(self, updates_per_s: float, gradient_ms: float) -> None:
        """Adds a report of the learner."""
        if self._reports or updates_per_s > 0:
            self._reports.append((updates_per_s, gradient_ms))

    def add_sampling(self, sampling_ms: float) -> None:
        """Adds a report of the sampler; 0 where it made no mini-batch."""
        if sampling_ms > 0:
            self._sampling.append(sampling_ms)

    def summary(self) -> UpdateSummary | None:
        """Returns the summary; None before the second report, for updates began within the first."""
        reports = np.asarray(self._reports[1:]).reshape(-1, 2)
        rate = float(reports[:, 0].mean()) if len(reports) else 0.0
        if rate == 0:
            return None
        return UpdateSummary(
            updates_per_s=rate,
            update_period_ms=1e3 / rate,
            gradient_ms=float(np.average(reports[:, 1], weights=reports[:, 0])),
            sampling_ms=float(np.mean(self._sampling)) if self._sampling else 0.0,
        )
