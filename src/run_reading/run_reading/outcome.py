"""What became of a run, in one small file: summary.json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ur5_rl_graph import run_files
from ur5_rl_graph.whole_file import read_object

LAST = 10
"""Episodes in the figures of the end of a run."""
ROUNDED_S = 0.01
LATE_S = 60.0
"""More than its duration that a run may count: whoever ends it looks once a second, or is coming back."""
LEAST_SHARE, MOST_SHARE = 0.1, 1.1
"""Between which the share of its time lies that a run spends in action cycles; the rest are resets."""


def read(folder: Path) -> dict[str, Any]:
    """Returns what summary.json holds.

    Raises:
        ValueError: it is damaged; one line with its path.
        FileNotFoundError: it is not there.
    """
    return read_object(folder / run_files.OUTCOME)


def learned(episodes: dict[str, list[str]], summary: dict[str, Any]) -> np.ndarray:
    """Returns (N,) bool: which episodes ended after the random steps.

    Args:
        episodes: columns of episodes.csv.
        summary: what summary.json holds; where it does not say how many random steps there were, as before
            the end of a run, episodes of which the recorder has counted time are those.
    """
    random_steps = summary.get('random_steps')
    if type(random_steps) is int and 'total_steps' in episodes:
        return np.array(episodes['total_steps'], float) > random_steps
    return np.array(episodes.get('elapsed_s', []), float) > 0


def incomplete(about: Mapping[str, Any]) -> str:
    """Returns why a run that is not complete is not, '' of one without end, which never is.

    Args:
        about: what the run was, as run.json says; {} = not known.
    """
    duration = about.get('duration')
    if type(duration) not in (int, float):
        return 'it is not said to be complete, and its duration is not known'
    if duration:
        return 'it ended before its duration was over'
    return 'it ended before its episodes were over' if about.get('architecture') == 'evaluate' else ''


def doubt(summary: dict, about: Mapping[str, Any]) -> str:
    """Returns why a run that calls itself complete cannot be believed to be, '' where it can.

    Args:
        summary: what summary.json holds.
        about: what the run was, as run.json says; {} = not known.
    """
    names = ('elapsed_s', 'steps', 'cycle_mean_ms')
    if summary.get('complete') is not True:
        return incomplete(about) or 'it has no duration, and so it is never complete'
    if any(type(summary.get(name)) not in (int, float) for name in names):
        return f'its {run_files.OUTCOME} lacks one of {", ".join(names)}: it has not acted'
    elapsed_s, steps, cycle_ms = (summary[name] for name in names)
    duration_s = _number(about.get('duration'), 0.0)
    if elapsed_s < duration_s - ROUNDED_S:
        return f'it has had {elapsed_s:.0f} s of its {duration_s:.0f} s'
    if duration_s and elapsed_s > duration_s + LATE_S:
        return f'it counts {elapsed_s:.0f} s for a duration of {duration_s:.0f} s'
    acted_s = 1e-3 * steps * cycle_ms
    if acted_s < LEAST_SHARE * elapsed_s:
        return f'it counts {elapsed_s:.0f} s, but its {steps} steps are {acted_s:.0f} s'
    learning_s = 1e-3 * (steps - _number(summary.get('random_steps'), steps)) * cycle_ms
    if learning_s > MOST_SHARE * elapsed_s + LATE_S:
        return f'it counts {elapsed_s:.0f} s, but its steps after the random ones are {learning_s:.0f} s'
    return ''


def _number(value: object, unknown: float) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else unknown
