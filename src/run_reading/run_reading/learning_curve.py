"""The learning curve of one run as a picture."""

from pathlib import Path

import numpy as np

from ur5_rl_graph.pictures import pyplot
from ur5_rl_graph.whole_file import save_figure

WINDOW = 10
"""Episodes in the moving mean."""


def moving_mean(values: np.ndarray) -> np.ndarray:
    """Returns the mean of the last `WINDOW` values (fewer at the beginning). Shapes (N,) -> (N,)."""
    sums = np.cumsum(np.concatenate([[0.0], values]))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - WINDOW, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def draw(path: Path, minutes: np.ndarray, returns: np.ndarray, random_episodes: int, title: str) -> None:
    """Writes a PNG: return of every episode and its moving mean over the time of the run.

    Args:
        path: file to write.
        minutes: (N,) end of each episode since the first [min].
        returns: (N,) undiscounted return of each episode.
        random_episodes: how many of them belong to the initial random policy (shaded).
        title: of the picture.
    """
    figure, axes = pyplot().subplots(figsize=(7, 4), layout='constrained')
    if 0 < random_episodes <= len(minutes):
        axes.axvspan(0, minutes[random_episodes - 1], color='0.9', label='random policy')
    axes.plot(minutes, returns, '.', color='0.6', markersize=4, label='episode')
    axes.plot(minutes, moving_mean(returns), color='tab:red', label=f'mean of {WINDOW}')
    axes.set(xlabel='time [min]', ylabel='return', title=title)
    axes.grid(alpha=0.3)
    axes.legend(loc='upper left')
    save_figure(figure, path, dpi=120)
