"""Thesis figure 4.5 of a run: what every component did in some action cycles."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from run_reading.span_table import CycleTable, SpanTable, covered
from ur5_rl_graph.architectures import SHARED_PROCESS
from ur5_rl_graph.pictures import pyplot
from ur5_rl_graph.whole_file import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COMPONENTS = ('environment', 'actor', 'buffer_sampler', 'learner')
"""Lanes from top to bottom, in the order in which data pass; others follow."""

COLOURS = {
    'observe': 'tab:blue',
    'command': 'tab:cyan',
    'reset': '0.85',
    'act': 'tab:green',
    'transition': 'yellowgreen',
    'load': 'darkseagreen',
    'store': 'tab:brown',
    'sample': 'tab:orange',
    'handover': 'tab:pink',
    'update': 'tab:red',
    'weights': 'tab:purple',
    'checkpoint': '0.5',
}
LABELLED = 0.035
"""Share of the picture's width from which on a box is labelled inside."""


def lanes(spans: SpanTable) -> list[str]:
    """Returns the components of a run in the order of their lanes."""
    found = set(spans.component.tolist())
    return [name for name in COMPONENTS if name in found] + sorted(found - set(COMPONENTS))


def processes(components: list[str], architecture: str) -> dict[str, list[str]]:
    """Returns the components of each process, by the name of the process."""
    together = [name for name in components if name in SHARED_PROCESS.get(architecture, ())]
    out: dict[str, list[str]] = {}
    for name in components:
        out.setdefault(' + '.join(together) if name in together else name, []).append(name)
    return out


def stretch(spans: SpanTable, cycles: CycleTable, count: int, start_s: float | None = None) -> slice:
    """Returns which `count` action cycles in a row, of one episode and with all their spans, are shown.

    Args:
        spans: of the run.
        cycles: of the run.
        count: how many.
        start_s: they begin as near to it as possible [s since the first span]; None = to the middle of the
            learning phase, from the first update to the last.

    Raises:
        ValueError: count is below 1, no episode has so many cycles in a row, or start_s is outside the run.
    """
    if count < 1:
        raise ValueError(f'cycles is {count}; it takes a number from 1 on')
    first = np.arange(max(len(cycles.step) - count + 1, 0))
    last = first + count - 1
    whole = (cycles.episode[first] == cycles.episode[last]) & (
        cycles.step[last] - cycles.step[first] == count - 1
    )
    gaps = np.concatenate([[0], np.cumsum(~covered(spans, cycles))])
    whole &= gaps[last + 1] == gaps[first]
    if not whole.any():
        raise ValueError(f'cycles is {count}; no episode of this run has so many action cycles in a row')
    zero, end = spans.start_s[0], max(spans.start_s[-1], cycles.end_s[-1])
    if start_s is None:
        updates = spans.start_s[spans.span == 'update']
        about = updates[[0, -1]].mean() if len(updates) else (zero + end) / 2
    elif 0.0 <= start_s <= end - zero:
        about = zero + start_s
    else:
        raise ValueError(f'start is {start_s:g} s; this run has spans from 0 to {end - zero:.1f} s')
    candidates = first[whole]
    chosen = int(candidates[np.argmin(np.abs(cycles.start_s[candidates] - about))])
    return slice(chosen, chosen + count)


def draw(path: Path, spans: SpanTable, cycles: CycleTable, architecture: str, title: str) -> None:
    """Writes a PNG: a lane for each component, a box for each span, a line at each observation.

    Args:
        path: file to write.
        spans: of the run; those outside of `cycles` are not shown.
        cycles: those to show, in a row.
        architecture: says which components share a process; '' = not known.
        title: of the picture.
    """
    names = lanes(spans)
    zero, width = cycles.start_s[0], cycles.end_s[-1] - cycles.start_s[0]
    left, right = zero - 0.02 * width, cycles.end_s[-1] + 0.02 * width
    shown = spans.where((spans.start_s < right) & (spans.start_s + 1e-3 * spans.duration_ms > left))
    figure, axes = pyplot().subplots(figsize=(12, 1.6 + 0.75 * len(names)), layout='constrained')
    _shade_processes(axes, names, architecture)
    for row, name in enumerate(names):
        _draw_lane(axes, row, shown.where(shown.component == name), zero, right - left)
    for edge in (*cycles.start_s, cycles.end_s[-1]):
        axes.axvline(1e3 * (edge - zero), color='0.3', linewidth=0.8, linestyle='--', zorder=0)
    for late in cycles.end_s[cycles.overrun]:
        axes.axvline(1e3 * (late - zero), color='tab:red', linewidth=1.2, linestyle='--', zorder=0)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(1e3 * (left - zero), 1e3 * (right - zero))
    axes.set(xlabel='time [ms]; dashed: observations, red where the action was late', title=title)
    _legend(figure, shown)
    save_figure(figure, path, dpi=130)


def _shade_processes(axes: 'Axes', names: list[str], architecture: str) -> None:
    for members in processes(names, architecture).values():
        rows = [names.index(name) for name in members]
        if len(rows) > 1:
            axes.axhspan(min(rows) - 0.46, max(rows) + 0.46, color='0.94', zorder=-1)
            axes.text(
                *(1.005, (min(rows) + max(rows)) / 2, 'one process'),
                transform=axes.get_yaxis_transform(),
                rotation=90,
                va='center',
                fontsize=8,
            )


def _draw_lane(axes: 'Axes', row: int, spans: SpanTable, zero: float, width: float) -> None:
    """Longer boxes first, so that what lies within them is seen; widths in seconds."""
    for index in np.argsort(-spans.duration_ms, kind='stable'):
        name, duration = spans.span[index], spans.duration_ms[index]
        begin = 1e3 * (spans.start_s[index] - zero)
        colour = COLOURS.get(name, 'tab:gray')
        box = [(begin, duration)], (row - 0.32, 0.64)
        axes.broken_barh(*box, color=colour, linewidth=0.8)  # the edge shows what is short
        if LABELLED * 1e3 * width < duration < 1e3 * width:
            axes.text(
                *(begin + duration / 2, row, f'{name}\n{_ms(duration)}'),
                ha='center',
                va='center',
                fontsize=7,
                clip_on=True,
            )


def _legend(figure: 'Figure', spans: SpanTable) -> None:
    """One entry for each kind of span, with its median duration here."""
    from matplotlib.patches import Patch

    known = [*COLOURS, *sorted(set(spans.span.tolist()) - set(COLOURS))]
    entries = []
    for name in known:
        durations = spans.duration_ms[spans.span == name]
        if len(durations):
            text = f'{name}: {_ms(np.median(durations))} ms'
            entries.append(Patch(color=COLOURS.get(name, 'tab:gray'), label=text))
    figure.legend(
        handles=entries, loc='outside lower center', ncols=6, fontsize=8, title='medians', title_fontsize=8
    )


def _ms(duration: float) -> str:
    return f'{duration:.0f}' if duration >= 100 else f'{duration:.3g}'
