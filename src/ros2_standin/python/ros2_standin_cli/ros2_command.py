"""The `ros2` command of the stand-in."""

import argparse
import errno
import os
import sys
from pathlib import Path

from . import bag_command, launch_command, node_command, param_command, service_command, topic_command
from .errors import CommandError, UsageError

_DESCRIPTION = """\
ros2 (stand-in): this project's small substitute for ROS 2's own command, used only where that is missing.
It covers the commands below with their most used options; launch files in Python only.
"""


def main(argv: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        Exit code: 0, 1 for a failure, 2 for wrong usage, 130 after Ctrl-C.
    """
    args = parser().parse_args(argv)
    try:
        _check_middleware()
        return args.main(args) or 0
    except CommandError as error:
        print(f'ros2 {args.command}: {error}', file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        what = error.filename or 'what is printed or recorded'
        print(f'ros2 {args.command}: {what} cannot be written: {error.strerror}', file=sys.stderr)
        return 1
    finally:
        _flush()


def _check_middleware() -> None:
    """See that the wanted middleware is installed: to import rclpy would end the process without a remedy."""
    index = 'share/ament_index/resource_index/rmw_typesupport/rmw_*'
    prefixes = filter(None, os.environ.get('AMENT_PREFIX_PATH', '').split(':'))
    found = {path.name for prefix in prefixes for path in Path(prefix).glob(index)}
    installed, wanted = sorted(found - {'rmw_implementation'}), os.environ.get('RMW_IMPLEMENTATION')
    if wanted and installed and wanted not in installed:
        raise UsageError(
            f"RMW_IMPLEMENTATION is '{wanted}', which is not installed; installed is {', '.join(installed)}: "
            'set it to one that is, or unset it'
        )


def _flush() -> None:
    """Prints what is left; a reader that has gone (`ros2 topic echo | head`) or a full disk is no failure."""
    if sys.stdout is None:  # closed by whoever started us
        return
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parser() -> argparse.ArgumentParser:
    """What reads the words after `ros2`."""
    formatter = argparse.RawDescriptionHelpFormatter
    whole = _Parser(prog='ros2', description=_DESCRIPTION, formatter_class=formatter)
    commands = whole.add_subparsers(dest='command', metavar='command', required=True)
    for module in (
        launch_command,
        topic_command,
        node_command,
        param_command,
        service_command,
        bag_command,
    ):
        module.add_parsers(commands)
    return whole


class _Parser(argparse.ArgumentParser):
    """Errors of usage are one line."""

    def error(self, message: str):
        print(f'{self.prog}: {message} (see {self.prog} --help)', file=sys.stderr)
        sys.exit(2)
