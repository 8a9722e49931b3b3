"""Statistics of the action cycle over a run (SPEC: 40 ms mean, 99 % within 2 ms, no drift)."""

from typing import NamedTuple

import numpy as np

TOLERANCE_MS = 2.0


class CycleSummary(NamedTuple):
    """The action cycle of a run, all times in milliseconds."""

    cycles: int
    mean_ms: float
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
            mean_ms=float(cycle.mean()),
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
