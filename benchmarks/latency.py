"""Capture of an image to the velocity command that answers it, learner busy (duration:=60 setting:=small)."""

import sys

import numpy as np
from _cycle_run import cycle_run
from _graph import report


def main() -> None:
    """Runs the graph and prints how long it takes to answer."""
    run = cycle_run(sys.argv[1:])
    p50, p99 = np.percentile(run.image_to_command_ms, (50, 99))
    response = np.percentile(run.response_ms, (50, 99))
    figures = {
        'p50_ms': round(float(p50), 3),
        'p99_ms': round(float(p99), 3),
        'observation_to_command_p50_ms': round(float(response[0]), 3),
        'observation_to_command_p99_ms': round(float(response[1]), 3),
        'cycles': len(run.cycle_ms),
    }
    report('image capture to velocity command', figures, **figures)


if __name__ == '__main__':
    main()
