"""Starts a node's module; Ctrl-C during its imports ends the process in silence."""

import importlib
import os
import signal
import sys


def execute(module: str) -> None:
    """Imports `module` and calls its main(); ends the process with what main() does.

    SIGINT and SIGTERM end the process in order until `main.run` takes them, so that a launch that ends
    early is not answered by every node with a traceback from the middle of an import, or as one that died.
    Who starts this process may have SIGINT blocked, so that none comes before that.
    What cannot be imported ends it with one line and exit code 2: another start would not find it either.
    Imports nothing heavy itself.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        main = importlib.import_module(module).main
    except (ImportError, OSError) as error:
        sys.exit(refuse(module, error))
    sys.exit(main())


def refuse(module: str, error: Exception) -> int:
    """Prints why a module cannot be imported, and what to do; returns the exit code."""
    why = ' '.join(str(error).split())
    if isinstance(error, ImportError):
        remedy = 'install that library' if 'shared object' in why else './ur5rl setup'
        why = f'{module} cannot be imported ({why}): {remedy}'
    print(f'error: {why}', file=sys.stderr, flush=True)
    return 2


def _end(_number: int, _frame: object) -> None:
    """Nothing is there yet that would have to end in order."""
    os._exit(0)
