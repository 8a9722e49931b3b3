"""What became of a run, in one small file: summary.json."""

from pathlib import Path

import numpy as np

from run_recorder.timing import CycleSummary
from ur5_rl_graph.whole_file import read_object, read_values, write_json

FILE_NAME = 'summary.json'
LAST = 10
"""Episodes in the figures of the end of a run."""
ROUNDED_S = 0.01
LATE_S = 60.0
"""More than its duration that a run may count: whoever ends it looks once a second, or is coming back."""
LEAST_SHARE, MOST_SHARE = 0.1, 1.1
"""Between which the share of its time lies that a run spends in action cycles; the rest are resets."""


def outcome(
    *,
    complete: bool,
    elapsed_s: float,
    steps: int,
    random_steps: int,
    updates: int,
    aborted: int,
    returns: np.ndarray,
    cycle: CycleSummary | None,
    lost: dict[str, int],
) -> dict[str, object]:
    """Returns what summary.json holds; a mean or deviation of nothing is None.

    Args:
        complete: the run has acted and had its duration, or its episodes.
        elapsed_s: time of the run after the random steps, while steps could be made [s].
        steps: of the environment, the random ones included.
        random_steps: that the run began with.
        updates: of the learner.
        aborted: episodes that count nowhere else.
        returns: (N,) undiscounted return of each episode after the random steps, aborted ones left out.
        cycle: statistics of the action cycle, None before the first.
        lost: what was lost or dropped, by what it is in words, since the last launch of the run began.
    """
    last = returns[-LAST:]
    return {
        'complete': complete,
        'elapsed_s': round(elapsed_s, 3),
        'episodes': len(returns),
        'aborted': aborted,
        'steps': steps,
        'random_steps': random_steps,
        'updates': updates,
        'return_mean': float(np.mean(returns)) if len(returns) else None,
        'return_last10_mean': float(np.mean(last)) if len(last) else None,
        'return_last10_sd': float(np.std(last, ddof=1)) if len(last) > 1 else None,
        'cycle_mean_ms': cycle.mean_ms if cycle else None,
        'cycle_p50_ms': cycle.p50_ms if cycle else None,
        'cycle_p99_ms': cycle.p99_ms if cycle else None,
        'cycle_within_2ms_fraction': cycle.within_2ms_fraction if cycle else None,
        'overruns': cycle.overruns if cycle else None,
        'lost': {name: count for name, count in lost.items() if count},
    }


def read(folder: Path) -> dict[str, object]:
    """Returns what summary.json holds.

    Raises:
        ValueError: it is damaged; one line with its path.
        FileNotFoundError: it is not there.
    """
    return read_object(folder / FILE_NAME)


def write(folder: Path, values: dict[str, object]) -> str:
    """Writes summary.json; returns '' or one line that says why not.

    That of a complete run is not replaced by one of fewer steps or less time, as a folder that has lost some
    of its files would give.
    """
    path = folder / FILE_NAME
    try:
        kept = read_values(path, {'steps': int, 'elapsed_s': float, 'complete': bool})
    except (ValueError, OSError):
        kept = {'complete': False}
    less = [name for name in ('steps', 'elapsed_s') if kept['complete'] and values[name] < kept[name]]
    if not less:
        write_json(path, values)
        return ''
    told = ', '.join(f'{name} {kept[name]} there, {values[name]} now' for name in less)
    return f'{path} stays as it is: it tells of a complete run that had more ({told})'


def doubt(summary: dict, duration_s: float) -> str:
    """Returns why a run that calls itself complete cannot be believed to be, '' where it can.

    Args:
        summary: what summary.json holds.
        duration_s: that the run was to have [s], 0 = not known.
    """
    names = ('elapsed_s', 'steps', 'cycle_mean_ms')
    if summary.get('complete') is not True:
        return 'it ended before its duration was over'
    if any(type(summary.get(name)) not in (int, float) for name in names):
        return f'its {FILE_NAME} lacks one of {", ".join(names)}: it has not acted'
    elapsed_s, steps, cycle_ms = (summary[name] for name in names)
    if elapsed_s < duration_s - ROUNDED_S:
        return f'it has had {elapsed_s:.0f} s of its {duration_s:.0f} s'
    if duration_s and elapsed_s > duration_s + LATE_S:
        return f'it counts {elapsed_s:.0f} s for a duration of {duration_s:.0f} s'
    acted_s = 1e-3 * steps * cycle_ms
    if acted_s < LEAST_SHARE * elapsed_s:
        return f'it counts {elapsed_s:.0f} s, but its {steps} steps are {acted_s:.0f} s'
    learning_s = 1e-3 * (steps - summary.get('random_steps', steps)) * cycle_ms
    if learning_s > MOST_SHARE * elapsed_s + LATE_S:
        return f'it counts {elapsed_s:.0f} s, but its steps after the random ones are {learning_s:.0f} s'
    return ''
