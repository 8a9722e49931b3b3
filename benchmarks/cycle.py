"""Action cycle of Async-SAC-2, learner busy: mean, spread, overruns, drift (duration:=60 setting:=small)."""

import sys

import numpy as np
from _cycle_run import cycle_run
from _graph import report

PLANNED_MS = 40.0


def main() -> None:
    """Runs the graph and prints its action cycle."""
    run = cycle_run(sys.argv[1:])
    p50, p99 = np.percentile(run.cycle_ms, (50, 99))
    within = float(np.mean(np.abs(run.cycle_ms - PLANNED_MS) <= 2.0))
    figures = {
        'mean_ms': round(float(run.cycle_ms.mean()), 4),
        'p50_ms': round(float(p50), 4),
        'p99_ms': round(float(p99), 4),
        'within_2ms_fraction': round(within, 5),
        'overruns': int(run.overrun.sum()),
        'cycles': len(run.cycle_ms),
        'max_ms': round(float(run.cycle_ms.max()), 3),
        'lateness_p99_ms': round(float(np.percentile(run.lateness_ms, 99)), 3),
        'drift_ms': round(run.drift_ms, 3),
        'updates_per_s': round(run.updates_per_s, 2),
    }
    report('action cycle, planned 40 ms, while the learner works', figures, **figures)


if __name__ == '__main__':
    main()
