"""Makes a checkpoint smaller for sending it around: without the optimisers' moments, half the size.

python -m sac_learner.ship RUN/checkpoints/learner.safetensors FILE

It acts, is evaluated and is started from (`init:=`) as before; a learner goes on from it with new moments.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from sac_learner.checkpoint import load_checkpoint, save_checkpoint
from ur5_rl_graph.command import command


def ship(source: Path, target: Path) -> None:
    """Writes `target` from the checkpoint `source`.

    Raises:
        ValueError, OSError: no checkpoint, or `target` cannot be written.
    """
    state, setting = load_checkpoint(source)
    kept = {key: value for key, value in state.items() if not key.startswith('optimiser.')}
    target.parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint(target, kept, setting)


@command
def main(argv: Sequence[str]) -> int:
    """Ships the first path as the second; returns the exit code."""
    if len(argv) != 2:
        raise ValueError('give a checkpoint and the file to write')
    ship(Path(argv[0]), Path(argv[1]))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
