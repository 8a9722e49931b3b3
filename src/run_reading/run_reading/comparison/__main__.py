"""Compares runs: python -m run_reading.comparison RUN... [name:=value ...]."""

import sys
from collections.abc import Sequence
from pathlib import Path

from run_reading.comparison.compare import compare_runs
from ur5_rl_graph.command import command, words_and_options


@command
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns the exit code, 1 where a picture is missing."""
    folders, chosen = words_and_options(argv, output='', bins=30, reference='')
    return compare_runs([Path(folder) for folder in folders], **chosen)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
