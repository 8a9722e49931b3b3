"""Finds the subcommand and turns what goes wrong into one line."""

import errno
import sys

from tools.commands import COMMANDS
from tools.layout import ROOT
from tools.stop import Stop


def help_text() -> str:
    """The text of ./ur5rl --help."""
    width = max(len(name) for name in COMMANDS)
    lines = [
        'usage: ./ur5rl COMMAND [arguments]      ./ur5rl COMMAND --help tells more',
        '',
        'Learns visual reaching and tracking on a UR5, real or simulated, as a graph of ROS 2 nodes.',
        'Needs Python 3.10 to 3.13, pip and a C++ compiler; the first start installs the rest under .ur5rl/.',
        '',
        'commands:',
        *(f'  {name:{width}}  {command.SUMMARY}' for name, command in COMMANDS.items()),
        '',
        'first steps:',
        '  ./ur5rl launch async_sac_2                 learn to reach on the simulated arm',
        '  ./ur5rl launch async_sac_2 --show-args     what can be set',
        '  ./ur5rl test                               all tests',
        '  source .ur5rl/activate.sh                  the environment in this terminal, after ./ur5rl setup',
    ]
    return '\n'.join(lines)


def main(argv: list[str]) -> int:
    """Runs one subcommand.

    Args:
        argv: the words after ./ur5rl.

    Returns:
        The exit code; commands that end in another program replace this process and do not return.
    """
    if not argv or argv[0] in ('-h', '--help', 'help'):
        print(help_text())
        return 0
    name, rest = argv[0], argv[1:]
    command = COMMANDS.get(name)
    try:
        if command is None:
            raise Stop(f'there is no command "{name}"; there are {", ".join(COMMANDS)} (./ur5rl --help)', 2)
        if rest[:1] in (['-h'], ['--help']):
            print(command.help_text())
            return 0
        return command.run(rest) or 0
    except Stop as stop:
        print(f'ur5rl: {stop}', file=sys.stderr)
        return stop.code
    except KeyboardInterrupt:
        print('\nur5rl: interrupted; the next start goes on from here', file=sys.stderr)
        return 130
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(
            f'ur5rl: the disk that holds {ROOT} is full: free some space and run this again', file=sys.stderr
        )
        return 1
