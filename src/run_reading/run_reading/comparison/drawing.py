"""Draws the rows of `figures` as PNG."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ur5_rl_graph.pictures import pyplot
from ur5_rl_graph.whole_file import save_figure

if TYPE_CHECKING:  # matplotlib itself is imported where something is drawn
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Errors = Callable[[dict], tuple[float, float]]  # of a row: below and above its value
_HANDLE_IN, _LETTER_IN = 0.6, 0.085  # width of an entry of the legend: its line, and each letter [inch]
References = Sequence[tuple[str, str, float]]
"""Task ('' = any), name and value of horizontal lines to compare with."""


def learning_curves(path: Path, rows: list[dict], references: References) -> None:
    """Draws a row of panels for each task, a panel for each setting, a line for each architecture."""
    tasks, settings, lines = (_values(rows, name) for name in ('task', 'setting', 'line'))
    size = (1 + 3.4 * len(settings), 0.8 + 2.7 * len(tasks))
    figure, panels = pyplot().subplots(
        len(tasks),
        len(settings),
        figsize=size,
        squeeze=False,
        sharex=True,
        sharey='row',
        layout='constrained',
    )
    for task, row_of_panels in zip(tasks, panels, strict=True):
        for setting, axes in zip(settings, row_of_panels, strict=True):
            for number, line in enumerate(lines):
                here = {'task': task, 'setting': setting, 'line': line}
                _curve(axes, _select(rows, here), f'C{number % 10}', line)
            axes.set_title(f'{task}, {setting.replace("_", " ")}', fontsize=10)
            axes.grid(alpha=0.3)
            _draw_references(axes, task, references)
        row_of_panels[0].set_ylabel('return')
    for axes in panels[-1]:
        axes.set_xlabel('time after the random steps [min]')
    _finish(figure, path, panels, 'mean over runs, shaded: standard error over runs')


def _curve(axes: 'Axes', rows: list[dict], colour: str, label: str) -> None:
    rows = [row for row in rows if row['n_runs']]
    if not rows:
        return
    time, mean, error = (
        np.array([row[name] for row in rows]) for name in ('time_min', 'return', 'standard_error')
    )
    axes.plot(time, mean, color=colour, label=label)
    error = np.nan_to_num(error)  # of one run: no band
    axes.fill_between(time, mean - error, mean + error, color=colour, alpha=0.2, linewidth=0)


def overall_returns(path: Path, rows: list[dict], references: References) -> None:
    """Draws bars of the return over the whole learning period."""
    figure, panels = _panels_of_bars(rows, 1)
    for task, (axes,) in zip(_values(rows, 'task'), panels, strict=True):
        _bars(axes, rows, task, 'return', lambda row: (row['standard_error'], row['standard_error']))
        axes.set(title=task, ylabel='mean return of the learning period')
        _draw_references(axes, task, references)
    _finish(figure, path, panels, 'error bars: standard error over runs')


def evaluations(path: Path, rows: list[dict], references: References) -> None:
    """Draws bars of the return without noise."""
    over = _values(rows, 'interval_over')
    which = 'episodes of one run' if over == ['episodes'] else 'runs'
    if len(over) == 2:
        which = 'runs, over episodes where there is one run'
    figure, panels = _panels_of_bars(rows, 1)
    for task, (axes,) in zip(_values(rows, 'task'), panels, strict=True):
        _bars(
            axes,
            rows,
            task,
            'return',
            lambda row: (row['return'] - row['low'], row['high'] - row['return']),
        )
        axes.set(title=task, ylabel='mean return without noise')
        _draw_references(axes, task, references)
    _finish(figure, path, panels, f'error bars: 95 % confidence interval (t) over {which}')


def timing(path: Path, rows: list[dict]) -> None:
    """Draws bars of the action cycle and of the rate of updates."""
    figure, panels = _panels_of_bars(rows, 2)
    for task, (left, right) in zip(_values(rows, 'task'), panels, strict=True):
        _bars(left, rows, task, 'cycle_ms', lambda row: (row['cycle_standard_error'],) * 2)
        left.set(title=task, ylabel='mean action cycle [ms]')
        _bars(right, rows, task, 'updates_per_s', lambda row: (row['updates_standard_error'],) * 2)
        right.set(title=task, ylabel='updates per second')
    _finish(figure, path, panels, 'error bars: standard error over runs')


def _panels_of_bars(rows: list[dict], columns: int) -> tuple['Figure', np.ndarray]:
    tasks, settings = _values(rows, 'task'), _values(rows, 'setting')
    size = (columns * (2.0 + 1.7 * len(settings)), 0.8 + 2.7 * len(tasks))
    return pyplot().subplots(len(tasks), columns, figsize=size, squeeze=False, layout='constrained')


def _bars(axes: 'Axes', rows: list[dict], task: str, name: str, error: Errors) -> None:
    """Draws a cluster of bars for each setting, a bar for each architecture."""
    settings, lines = _values(rows, 'setting'), _values(rows, 'line')
    width = 0.8 / len(lines)
    for number, line in enumerate(lines):
        for place, setting in enumerate(settings):
            for row in _select(rows, {'task': task, 'setting': setting, 'line': line}):
                x = place + (number - (len(lines) - 1) / 2) * width
                bounds = np.nan_to_num(np.array(error(row))).reshape(2, 1)
                colour = f'C{number % 10}'
                axes.bar(x, row[name], 0.92 * width, color=colour, label=line)
                if bounds.any():
                    axes.errorbar(x, row[name], yerr=bounds, color='0.2', capsize=3, linewidth=1)
    axes.set_xticks(range(len(settings)), [setting.replace('_', '\n') for setting in settings])
    axes.grid(axis='y', alpha=0.3)
    axes.set_axisbelow(True)


def _draw_references(axes: 'Axes', task: str, references: References) -> None:
    for only, name, value in references:
        if only in ('', task):
            axes.axhline(value, color='0.4', linestyle='--', linewidth=1)
            axes.annotate(
                name, (1, value), xycoords=('axes fraction', 'data'), xytext=(-2, 2),
                textcoords='offset points', ha='right', fontsize=7, color='0.3',
            )  # fmt: skip


def _finish(figure: 'Figure', path: Path, panels: np.ndarray, remark: str) -> None:
    """Adds one legend for all panels, says what the errors are, writes the file as a whole."""
    handles: dict[str, Any] = {}
    for axes in panels.flat:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    widest_in = _HANDLE_IN + _LETTER_IN * max(map(len, handles), default=1)
    columns = max(1, min(3, int(figure.get_figwidth() / widest_in)))
    figure.legend(handles.values(), handles.keys(), loc='outside upper center', ncols=columns, frameon=False)
    figure.supxlabel(remark, fontsize=8, color='0.3')
    save_figure(figure, path, dpi=120)


def _values(rows: list[dict], name: str) -> list[str]:
    """The different values of a column, in the order of the rows."""
    return list(dict.fromkeys(row[name] for row in rows))


def _select(rows: list[dict], wanted: dict) -> list[dict]:
    return [row for row in rows if wanted.items() <= row.items()]
