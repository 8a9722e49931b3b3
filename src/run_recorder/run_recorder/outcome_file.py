"""Writes what became of a run: summary.json."""

from pathlib import Path

import numpy as np

from run_reading.outcome import LAST
from run_reading.timing import CycleSummary
from ur5_rl_graph import run_files
from ur5_rl_graph.whole_file import read_values, write_json


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


def write(folder: Path, values: dict[str, object]) -> str:
    """Writes summary.json; returns '' or one line that says why not.

    That of a complete run is not replaced by one of fewer steps or less time, as a folder that has lost some
    of its files would give.
    """
    path = folder / run_files.OUTCOME
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
