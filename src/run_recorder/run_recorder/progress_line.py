"""What the terminal shows of a run: one line a report, a summary at the end."""

from typing import NamedTuple

import numpy as np

from run_reading.timing import CycleSummary, UpdateSummary, WeightsAge, deviation
from run_reading.wording import minutes


class Progress(NamedTuple):
    """The state of a run at one moment."""

    elapsed_s: float
    left_s: float | None
    episode: int
    returns: list[float]  # of the finished episodes
    total_steps: int
    random_steps: int
    updates: int
    updates_per_s: float
    cycle: CycleSummary | None
    weights_age_s: float
    update: UpdateSummary | None = None
    weights: WeightsAge | None = None


def line(progress: Progress) -> str:
    """Returns the progress line."""
    if progress.total_steps < progress.random_steps:
        clock = f'random steps {progress.total_steps}/{progress.random_steps}'
    else:
        clock = f'{minutes(progress.elapsed_s)} run'
        if progress.left_s is not None:
            clock += f', {minutes(max(progress.left_s, 0.0))} left'
    last = f'{progress.returns[-1]:7.1f}' if progress.returns else '      -'
    mean = f'{np.mean(progress.returns[-10:]):7.1f}' if progress.returns else '      -'
    cycle = f'{progress.cycle.mean_ms:.2f} ms' if progress.cycle else '-'
    overruns = progress.cycle.overruns if progress.cycle else 0
    return (
        f'{clock} | episode {progress.episode} return {last} mean10 {mean} | steps {progress.total_steps} | '
        f'updates {progress.updates} ({progress.updates_per_s:.1f}/s) | '
        f'cycle {cycle}, {overruns} overruns | weights {progress.weights_age_s:.2f} s old'
    )


def summary(progress: Progress, lost: dict[str, int]) -> str:
    """Returns the lines printed at the end of a run; `lost` counts what was dropped, by name."""
    lines = [
        f'episodes {len(progress.returns)}, steps {progress.total_steps}, updates {progress.updates}, '
        f'{minutes(progress.elapsed_s)} after the random steps'
    ]
    if progress.returns:
        tail = np.asarray(progress.returns[-10:])
        lines.append(
            f'return of the last {len(tail)} episodes: mean {tail.mean():.1f}, sd {deviation(tail):.1f}'
        )
    cycle = progress.cycle
    if cycle:
        lines.append(
            f'action cycle: planned {cycle.planned_ms:.0f} ms, mean {cycle.mean_ms:.3f}, '
            f'sd {cycle.sd_ms:.2f}, median {cycle.p50_ms:.2f}, 99th percentile {cycle.p99_ms:.2f}, '
            f'{100 * cycle.within_2ms_fraction:.2f} % within 2 ms, {cycle.overruns} overruns in '
            f'{cycle.cycles} cycles'
        )
        lines.append(
            f'observation to command: median {cycle.response_p50_ms:.2f} ms, 99th percentile '
            f'{cycle.response_p99_ms:.2f}; image to command: {cycle.image_to_command_p50_ms:.1f} and '
            f'{cycle.image_to_command_p99_ms:.1f}'
        )
    update = progress.update
    if update:
        lines.append(
            f'updates: {update.updates_per_s:.2f} a second, one every {update.update_period_ms:.1f} ms; '
            f'gradient {update.gradient_ms:.1f} ms, sampling {update.sampling_ms:.1f} ms'
        )
    if progress.weights:
        lines.append(
            f'weights that acted: median {progress.weights.weights_age_p50_steps:.1f} steps old, '
            f'99th percentile {progress.weights.weights_age_p99_steps:.1f}'
        )
    dropped = ', '.join(f'{name} {count}' for name, count in lost.items() if count)
    lines.append(f'lost or dropped: {dropped or "nothing"}')
    return '\n'.join(lines)
