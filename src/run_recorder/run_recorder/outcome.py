"""What became of a run, in one small file: summary.json."""

from pathlib import Path

import numpy as np

from run_recorder.timing import CycleSummary
from ur5_rl_graph.whole_file import write_json

FILE_NAME = 'summary.json'
LAST = 10
"""Episodes in the figures of the end of a run."""


def outcome(
    *,
    complete: bool,
    elapsed_s: float,
    steps: int,
    updates: int,
    aborted: int,
    returns: np.ndarray,
    cycle: CycleSummary | None,
) -> dict[str, object]:
    """Returns what summary.json holds; a mean or deviation of nothing is None.

    Args:
        complete: the run has had its duration.
        elapsed_s: time of the run after the random steps [s].
        steps: of the environment, the random ones included.
        updates: of the learner.
        aborted: episodes that count nowhere else.
        returns: (N,) undiscounted return of each episode after the random steps, aborted ones left out.
        cycle: statistics of the action cycle, None before the first.
    """
    last = returns[-LAST:]
    return {
        'complete': complete,
        'elapsed_s': round(elapsed_s, 3),
        'episodes': len(returns),
        'aborted': aborted,
        'steps': steps,
        'updates': updates,
        'return_mean': float(np.mean(returns)) if len(returns) else None,
        'return_last10_mean': float(np.mean(last)) if len(last) else None,
        'return_last10_sd': float(np.std(last, ddof=1)) if len(last) > 1 else None,
        'cycle_mean_ms': cycle.mean_ms if cycle else None,
        'cycle_p50_ms': cycle.p50_ms if cycle else None,
        'cycle_p99_ms': cycle.p99_ms if cycle else None,
        'cycle_within_2ms_fraction': cycle.within_2ms_fraction if cycle else None,
        'overruns': cycle.overruns if cycle else None,
    }


def write(folder: Path, values: dict[str, object]) -> None:
    """Writes summary.json."""
    write_json(folder / FILE_NAME, values)
