"""Makes the report of a run: python -m run_reading.report RUN."""

import sys
from pathlib import Path

from run_reading.report.making import FILE_NAME, make


def main(argv: list[str]) -> int:
    """Runs the command; returns the exit code, 1 where a picture is missing."""
    try:
        if len(argv) != 1 or ':=' in argv[0]:
            raise ValueError('report needs the folder of one run: ./ur5rl report RUN')
        folder = Path(argv[0])
        failures = make(folder)
    except (ValueError, OSError) as error:
        print(f'error: {" ".join(str(error).split())}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    for failure in failures:
        print(failure, file=sys.stderr)
    print(folder / FILE_NAME)
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
