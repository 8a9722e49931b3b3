"""The profile as a picture: what each component takes, and the action cycle of each architecture."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cost_profile.prediction import Prediction
from cost_profile.profile_text import ROWS
from run_reading.costs import Costs
from ur5_rl_graph.pictures import pyplot
from ur5_rl_graph.whole_file import save_figure

if TYPE_CHECKING:  # matplotlib itself is imported where something is drawn
    from matplotlib.axes import Axes

BAR = 0.6  # of the room of a setting


def draw(path: Path, costs: dict[str, Costs], predictions: dict[str, Sequence[Prediction]]) -> None:
    """Draws thesis table 5.2 of some settings, and what it allows where that is known.

    Args:
        path: of the PNG.
        costs: by the name of the setting.
        predictions: of the three architectures, by the name of the setting; empty = only the costs.
    """
    panels = 2 if predictions else 1
    size = (1.0 + 4.5 * panels, 1.6 + 0.7 * len(costs))
    figure, axes = pyplot().subplots(1, panels, figsize=size, squeeze=False, layout='constrained')
    _components(axes[0, 0], costs)
    if predictions:
        _cycles(axes[0, 1], predictions)
    for panel in axes.flat:
        panel.invert_yaxis()  # the first setting on top, as in the table
        panel.grid(axis='x', alpha=0.3)
        panel.margins(x=0.12)
        panel.legend(fontsize=8, loc='lower center', bbox_to_anchor=(0.5, 1.1), ncols=2, frameon=False)
    save_figure(figure, path, dpi=120)


def _components(axes: 'Axes', costs: dict[str, Costs]) -> None:
    """Draws a bar for each setting: its components, one after the other, as in a cycle of Seq-SAC."""
    begin = np.zeros(len(costs))
    for key, title in ROWS.items():
        took = np.array([getattr(cost, key) for cost in costs.values()])
        bars = axes.barh(range(len(costs)), took, BAR, left=begin, label=title)
        begin += took
    axes.bar_label(bars, [f'{total:.1f}' for total in begin], padding=3, fontsize=8)
    axes.set_yticks(range(len(costs)), list(costs))
    axes.set_xlabel('ms, one update')


def _cycles(axes: 'Axes', predictions: dict[str, Sequence[Prediction]]) -> None:
    """Draws a bar for each architecture in each setting, with its updates a second."""
    names = [found.architecture for found in next(iter(predictions.values()))]
    places = np.arange(len(predictions))
    for number, name in enumerate(names):
        found = [settings[number] for settings in predictions.values()]
        cycles_ms = [each.cycle_ms for each in found]
        offset = BAR * ((number + 0.5) / len(names) - 0.5)
        bars = axes.barh(places + offset, cycles_ms, BAR / len(names), label=name)
        axes.bar_label(bars, [f'{each.updates_per_s:.1f}/s' for each in found], padding=3, fontsize=8)
    axes.set_yticks(places, list(predictions))
    axes.set_xlabel('action cycle [ms], updates a second')
