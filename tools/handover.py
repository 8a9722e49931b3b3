"""Ends ./ur5rl by becoming another program."""

import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from tools.stop import Stop


def become(argv: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    """Replaces this process: Ctrl-C then reaches the program exactly once, and its exit code is ours.

    Raises:
        Stop: the program is not on the environment's PATH.
    """
    program = shutil.which(argv[0], path=env.get('PATH'))
    if program is None:
        raise Stop(f'{argv[0]}: command not found', 127)
    # A shell's background job starts with SIGINT ignored, and would hand that on to every node.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and would hand that on, too
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(program, list(argv), dict(env))


def become_python(
    target: str, argv: Sequence[str], env: Mapping[str, str], python: str = 'python'
) -> NoReturn:
    """Becomes a Python program, a module's name or the path of a .py file; Ctrl-C never shows a traceback.

    Raises:
        Stop: there is no such Python.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # until ur5_rl_graph.program can take it
    become([python, '-m', 'ur5_rl_graph.program', target, *argv], env)
