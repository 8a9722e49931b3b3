"""What an evaluation found: evaluation.json."""

from pathlib import Path

import numpy as np

from run_recorder.progress import deviation
from ur5_rl_graph.whole_file import write_json


def evaluation(returns: list[float]) -> dict[str, object]:
    """Returns what evaluation.json holds: `returns` of the episodes, their mean and sample deviation `sd`."""
    return {
        'returns': [float(value) for value in returns],
        'mean': float(np.mean(returns)),
        'sd': deviation(np.asarray(returns)),
    }


def line(returns: list[float]) -> str:
    """Returns the result in words."""
    if not returns:
        return 'evaluation: no episode was finished'
    found = evaluation(returns)
    return f'evaluation: mean return {found["mean"]:.1f}, sd {found["sd"]:.1f} over {len(returns)} episodes'


def write(path: Path, returns: list[float]) -> None:
    """Writes evaluation.json."""
    write_json(path, evaluation(returns))
