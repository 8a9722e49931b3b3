"""The `ros2` command of the stand-in."""

import argparse
import sys

from . import launch_command
from .errors import UsageError

_DESCRIPTION = """\
ros2 (stand-in): a small substitute of this project for ROS 2's own command, used only where that is missing.
It covers the verbs below with their most used options; launch files in Python only.
"""


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code is 2 for wrong usage, 1 for a failure."""
    parser = _Parser(
        prog='ros2', description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest='command', metavar='command', required=True)
    launch_command.add_parsers(verbs)
    args = parser.parse_args(argv)
    try:
        return args.main(args) or 0
    except UsageError as error:
        print(f'ros2 {args.command}: {error}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # as in `ros2 topic echo ... | head`
        sys.stderr.close()
        return 141


class _Parser(argparse.ArgumentParser):
    """Errors of usage are one line."""

    def error(self, message: str):
        print(f'{self.prog}: {message} (see {self.prog} --help)', file=sys.stderr)
        sys.exit(2)
