"""Makes the report of a run: python -m run_reading.report RUN."""

import sys
from collections.abc import Sequence
from pathlib import Path

from run_reading.report.making import FILE_NAME, make
from ur5_rl_graph.command import command


@command
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns the exit code, 1 where a picture is missing."""
    if len(argv) != 1 or ':=' in argv[0]:
        raise ValueError('report needs the folder of one run: ./ur5rl report RUN')
    folder = Path(argv[0])
    failures = make(folder)
    for failure in failures:
        print(failure, file=sys.stderr)
    print(folder / FILE_NAME)
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
