"""What an evaluation found: evaluation.json."""

import json
from pathlib import Path

import numpy as np

from run_recorder.progress import deviation


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
    """Writes evaluation.json as a whole."""
    part = path.with_name(path.name + '.part')
    part.write_text(json.dumps(evaluation(returns), indent=1) + '\n')
    part.replace(path)
