"""Finds the subcommand and turns what goes wrong into one line."""

import errno
import os
import pwd
import signal
import sys

from tools.commands import COMMANDS
from tools.layout import ROOT, STATE
from tools.stop import Stop

NOBODY_READS = 128 + signal.SIGPIPE
"""The exit code of what writes into a pipe that nobody reads, as a shell tells it."""

HAND_ON = ('launch', 'test', 'shell')
"""What stands behind their first word is for another program: so is its --help."""


def help_text() -> str:
    """The text of ./ur5rl --help."""
    width = max(len(name) for name in COMMANDS)
    lines = [
        'usage: ./ur5rl COMMAND [arguments]      ./ur5rl COMMAND --help tells more',
        '',
        'Learns visual reaching and tracking on a UR5, real or simulated, as a graph of ROS 2 nodes.',
        'Needs Python 3.10 to 3.13. The first start looks at the machine, installs what it lacks (as root on',
        'Debian) or lists it in one line, and makes the rest under .ur5rl/.',
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
    _open_closed_streams()
    try:
        return _run(argv)
    except Stop as stop:
        print(f'ur5rl: {stop}', file=sys.stderr)
        return stop.code
    except KeyboardInterrupt:
        print('\nur5rl: interrupted; the next start goes on from here', file=sys.stderr)
        return 130
    except BrokenPipeError:  # nobody reads any more, as behind `| head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is flushed at the end
        return NOBODY_READS
    except OSError as error:
        remedy = _remedy(error)
        if remedy is None:
            raise
        print(f'ur5rl: {remedy}', file=sys.stderr)
        return 1


def _open_closed_streams() -> None:
    """Opens what a shell has closed (`>&-`), for us and what we start: else a file would get its number."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    for number, name in enumerate(('stdin', 'stdout', 'stderr')):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, 'w' if number else 'r', encoding='utf-8'))


def _show(*texts: str) -> None:
    """Prints them and what is not out yet; a full disk is that of standard output, not ours."""
    try:
        print(*texts, sep='\n', end='\n' if texts else '', flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is flushed at the end
        raise Stop(f'standard output cannot be written: {error.strerror}') from None


def _run(argv: list[str]) -> int:
    if not argv or argv[0] in ('-h', '--help', 'help'):
        _show(help_text())
        return 0
    name, rest = argv[0], argv[1:]
    command = COMMANDS.get(name)
    if command is None:
        raise Stop(f'there is no command "{name}"; there are {", ".join(COMMANDS)} (./ur5rl --help)', 2)
    words = rest[:1] if name in HAND_ON else rest[:1] + rest[-1:]
    if '-h' in words or '--help' in words:
        _show(command.help_text())
        return 0
    code = command.run(rest) or 0
    _show()
    return code


def _remedy(error: OSError) -> str | None:
    """One line on what a person can put right, None where it is something else."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f'the disk that holds {ROOT} is full: free some space and run this again'
    if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
        return None
    made = STATE if STATE.exists() else ROOT
    owner = made.stat().st_uid
    refused = f'{error.filename or made}: {error.strerror}'
    if error.errno == errno.EROFS or owner == os.geteuid():
        return f'{refused}: make {made} readable and writable for you (chmod, mount), or clone elsewhere'
    return (
        f'{refused}: {made} belongs to {_name(owner)}, and this is {_name(os.geteuid())}: '
        f'run this as {_name(owner)}, or in a clone of your own'
    )


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f'user {user}'
