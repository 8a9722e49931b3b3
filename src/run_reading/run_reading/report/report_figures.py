"""The pictures of a report. Each draws a PNG from facts."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from run_reading import timeline
from run_reading.learning_curve import WINDOW, moving_mean
from run_reading.report.cycles import EDGES_MS, STRETCH
from run_reading.report.facts import Facts
from run_reading.report.flow import Flow
from run_reading.timing import TOLERANCE_MS
from ur5_rl_graph.pictures import pyplot
from ur5_rl_graph.whole_file import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI, WIDTH_IN = 100, 9.0
POINTS = 600
"""Points of a line at most; of more, what `thinned` makes of neighbours is drawn."""
METRICS = 12
"""Panels of metrics at most."""
SHOWN = 2.5
"""Action cycles that the axis of a histogram is long at most."""


def learning(path: Path, facts: Facts) -> None:
    """Draws the return of each episode after the random ones, and what the random ones had."""
    minutes, returns, random = facts.episodes
    figure, axes = pyplot().subplots(figsize=(WIDTH_IN, 3.6), layout='constrained')
    if random.any():
        axes.axhline(returns[random].mean(), color='0.4', linestyle='--', label='mean of the random episodes')
    if facts.evaluation:
        axes.axhline(np.mean(facts.evaluation), color='tab:green', label='evaluation without noise: mean')
    means = moving_mean(returns[~random])
    axes.plot(minutes[~random], returns[~random], '.', color='0.6', markersize=4, label='episode')
    axes.plot(*thinned(minutes[~random], means), color='tab:red', label=f'mean of {WINDOW}')
    axes.set(xlabel='time after the random steps [min]', ylabel='return')
    axes.legend(loc='best', fontsize=8)
    _finish(figure, path, [axes])


def metrics(path: Path, facts: Facts) -> None:
    """Draws a panel for each number that the learner tells of itself: losses, entropy, temperature."""
    found = facts.learning.metrics
    names = list(found)[:METRICS]
    rows = -(-len(names) // 3)
    figure, panels = pyplot().subplots(
        rows, 3, figsize=(WIDTH_IN, 0.4 + 1.8 * rows), squeeze=False, layout='constrained'
    )
    for axes, name in zip(panels.flat, names, strict=False):
        told = np.isfinite(found[name])  # a mean of neighbours of which one lacks it would be none
        axes.plot(*thinned(facts.learning.minutes[told], found[name][told]), color='tab:blue', linewidth=1)
        axes.set_title(name.replace('_', ' '), fontsize=9)
    for axes in panels.flat[len(names) :]:
        axes.set_visible(False)
    for axes in panels[-1]:
        axes.set_xlabel('time after the random steps [min]')
    _finish(figure, path, panels.flat)


def cycle_histogram(path: Path, facts: Facts) -> None:
    """Draws how many cycles had which length, beside the plan, and how long commands took."""
    figure, panels = pyplot().subplots(1, 2, figsize=(WIDTH_IN, 3.2), layout='constrained')
    plan, titles = facts.planned_ms, ('action cycle [ms]', 'observation to command [ms]')
    both = facts.cycles.cycle_counts, facts.cycles.response_counts
    for axes, counts, title in zip(panels, both, titles, strict=True):
        beyond = counts[EDGES_MS[:-1] > SHOWN * plan].sum()
        label = f'longer than {SHOWN * plan:g} ms: {beyond}' if beyond else None
        axes.stairs(counts, EDGES_MS, fill=True, color='tab:blue', label=label)
        used = np.nonzero(counts)[0]
        right = np.fmin(EDGES_MS[min(used[-1] + 9, len(EDGES_MS) - 1)], SHOWN * plan)
        axes.set_xlim(np.fmin(EDGES_MS[max(used[0] - 8, 0)], plan), right)  # fmin: where no plan is known
        axes.set_yscale('log')
        axes.set_ylim(0.7, None)
        axes.set(xlabel=title, ylabel='cycles')
    if np.isfinite(plan):
        panels[0].axvspan(
            plan - TOLERANCE_MS, plan + TOLERANCE_MS, color='tab:green', alpha=0.2, label='within 2 ms'
        )
        panels[0].axvline(plan, color='tab:green', linewidth=1, label=f'plan: {plan:g} ms')
    for axes in panels:
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize=8)
    _finish(figure, path, panels)


def over_time(path: Path, facts: Facts) -> None:
    """Draws cycle, response, age of the weights and rate of updates over the run."""
    figure, panels = pyplot().subplots(2, 2, figsize=(WIDTH_IN, 4.6), layout='constrained')
    last, longest, median, response, age = facts.cycles.stretches
    (cycle, reaction), (weights, updates) = panels
    of_stretches = thinned(last, longest, np.maximum.reduceat)
    cycle.plot(*of_stretches, color='tab:orange', linewidth=1, label=f'longest of {STRETCH}')
    cycle.plot(*thinned(last, median), color='tab:blue', linewidth=1, label='median')
    if np.isfinite(facts.planned_ms):
        cycle.axhline(facts.planned_ms, color='tab:green', linewidth=1, label='plan')
    cycle.legend(fontsize=8)
    cycle.set(ylabel='action cycle [ms]', ylim=(0, None))
    reaction.plot(*thinned(last, response), color='tab:blue', linewidth=1)
    reaction.set(ylabel='response, median [ms]', ylim=(0, None))
    weights.plot(*thinned(last, age, np.maximum.reduceat), color='tab:blue', linewidth=1)
    weights.set(ylabel='age of the weights, largest [s]', ylim=(0, None))
    told = thinned(facts.learning.minutes, facts.learning.updates_per_s)
    updates.plot(*told, color='tab:blue', linewidth=1)
    updates.set(xlabel='time after the random steps [min]', ylabel='updates/s', ylim=(0, None))
    for axes in (cycle, reaction, weights):
        axes.set_xlabel('action cycle, by number')
    _finish(figure, path, panels.flat)


def flow(path: Path, shown: Flow, architecture: str) -> None:
    """Draws what each component did in some action cycles (thesis figure 4.5)."""
    timeline.draw(path, shown.spans, shown.cycles, architecture, f'{shown.into_run_s:.1f} s into the run')


def _means(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.add.reduceat(values, edges) / np.diff([*edges, len(values)])


def thinned(
    x: np.ndarray, y: np.ndarray, of: Callable[[np.ndarray, np.ndarray], np.ndarray] = _means
) -> tuple[np.ndarray, np.ndarray]:
    """Returns at most `POINTS` points of a line, made of neighbours, of which none is left out.

    Args:
        x: (N,), of which means are drawn.
        y: (N,).
        of: what is drawn of the values of y from each of some places on, as `np.maximum.reduceat` takes them.
    """
    if len(x) <= POINTS:
        return x, y
    edges = np.linspace(0, len(x), POINTS + 1).astype(int)[:-1]
    return _means(x, edges), of(y, edges)


def _finish(figure: 'Figure', path: Path, panels: Iterable['Axes']) -> None:
    for axes in panels:
        axes.grid(alpha=0.3)
    save_figure(figure, path, dpi=DPI)
