"""What the costs of the components allow: action cycle and update rate of the three (thesis 5.2)."""

import math
from typing import NamedTuple

from run_reading.costs import Costs

BEAT_MS = 40
"""Least common multiple of the arm's control cycle, 8 ms, and the camera's, 40 ms."""


class Prediction(NamedTuple):
    """One architecture in one setting, while an episode runs and each process has a core of its own."""

    architecture: str
    cycle_ms: float  # that of the setting; if it is not held, the smallest multiple of both hardware cycles
    updates_per_s: float
    fits: bool  # the action cycle of the setting is held


def predict(costs: Costs, updates_per_step: float, planned_ms: float = BEAT_MS) -> list[Prediction]:
    """Returns the predictions for Seq-SAC, Async-SAC-1 and Async-SAC-2.

    Args:
        costs: of the setting.
        updates_per_step: of the setting's governor; 0 = no limit, with which Seq-SAC makes one.
        planned_ms: action cycle of the setting [ms].
    """
    interaction = costs.action_ms + costs.environment_ms
    return [
        _sequential(costs, updates_per_step or 1.0, planned_ms),
        *(
            _asynchronous(name, period, interaction, updates_per_step, planned_ms)
            for name, period in (
                ('Async-SAC-1', costs.sampling_ms + costs.gradient_ms),
                ('Async-SAC-2', max(costs.sampling_ms, costs.gradient_ms)),
            )
        ),
    ]


def total_ms(costs: Costs, updates: float = 1.0) -> float:
    """Returns what a cycle of Seq-SAC with so many updates costs [ms]: the last row of table 5.2 for one."""
    return costs.action_ms + costs.environment_ms + updates * (costs.sampling_ms + costs.gradient_ms)


def affordable_cycle_ms(work_ms: float) -> float:
    """Returns `work_ms` rounded up to a multiple of both hardware cycles [ms]."""
    return BEAT_MS * max(1, math.ceil(work_ms / BEAT_MS - 1e-9))


def _sequential(costs: Costs, updates_per_step: float, planned_ms: float) -> Prediction:
    cycle, fits = _held(total_ms(costs, math.ceil(updates_per_step)), planned_ms)  # the longest must fit
    return Prediction('Seq-SAC', cycle, 1e3 * updates_per_step / cycle, fits)


def _asynchronous(
    name: str, period_ms: float, interaction_ms: float, updates_per_step: float, planned_ms: float
) -> Prediction:
    cycle, fits = _held(interaction_ms, planned_ms)
    limit = 1e3 * updates_per_step / cycle if updates_per_step else math.inf
    rate = min(limit, 1e3 / period_ms if period_ms else math.inf)
    return Prediction(name, cycle, rate, fits)


def _held(work_ms: float, planned_ms: float) -> tuple[float, bool]:
    """Returns the planned cycle if the work fits it, else the smallest that holds it; and whether it fits."""
    fits = work_ms <= planned_ms + 1e-9
    return (planned_ms if fits else affordable_cycle_ms(work_ms)), fits
