"""What an evaluation found: evaluation.json."""

from pathlib import Path
from typing import Any

import numpy as np

from run_reading.timing import deviation
from ur5_rl_graph.whole_file import read_object


def evaluation(returns: list[float]) -> dict[str, Any]:
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


def read(path: Path) -> list[float]:
    """Returns the returns that evaluation.json holds.

    Raises:
        ValueError: it is damaged; one line with its path.
        FileNotFoundError: it is not there.
    """
    returns = read_object(path).get('returns')
    if not isinstance(returns, list) or any(type(value) not in (int, float) for value in returns):
        raise ValueError(f'{path} is damaged (its returns are no list of numbers)')
    return [float(value) for value in returns]
