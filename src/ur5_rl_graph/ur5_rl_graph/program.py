"""Runs a module or a file as Python does, but Ctrl-C never shows a traceback.

`python -m ur5_rl_graph.program MODULE|FILE.py arguments`. Most programs import for a second or two, in which
nothing of theirs takes an interrupt. Who starts this one has SIGINT blocked before, so that none finds Python
itself half started.
"""

import runpy
import signal
import sys
from pathlib import Path


def main() -> None:
    """Becomes the program; ends with 130 where an interrupt is not its own affair."""
    target = sys.argv[1]
    del sys.argv[0]
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        if target.endswith('.py'):
            sys.path.insert(0, str(Path(target).parent))
            runpy.run_path(target, run_name='__main__')
        else:
            runpy.run_module(target, run_name='__main__', alter_sys=True)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == '__main__':
    main()
