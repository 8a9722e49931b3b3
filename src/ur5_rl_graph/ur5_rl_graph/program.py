"""Runs a module or a file as Python does, but no way to end it shows a traceback or leaves halves behind.

`python -m ur5_rl_graph.program MODULE|FILE.py arguments`. Most programs import for a second or two, in which
nothing of theirs takes an interrupt. Who starts this one has SIGINT blocked before, so that none finds Python
itself half started.
"""

import os
import runpy
import select
import signal
import sys
from pathlib import Path
from types import FrameType

NOBODY_READS = 128 + signal.SIGPIPE
"""The exit code of what writes into a pipe that nobody reads, as a shell tells it."""


def main() -> None:
    """Becomes the program.

    Its exit code is 130 where an interrupt, SIGTERM or SIGHUP is not its own affair, 141 where nobody reads
    its output.
    """
    target = sys.argv[1]
    del sys.argv[0]
    if sys.stdout is None:  # closed by a shell: `>&-`
        sys.stdout = open(os.devnull, 'w', encoding='utf-8')
    for number in (signal.SIGTERM, signal.SIGHUP):  # what it has begun is put in order then, too
        if signal.getsignal(number) == signal.SIG_DFL:  # nohup is respected
            signal.signal(number, _interrupt)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        try:
            _run(target)
        finally:
            _flush()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        if not nobody_reads():  # it is a pipe or a socket of the program's own
            raise
        _drop_output()
        sys.exit(NOBODY_READS)


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _drop_output()
        sys.exit(f'error: standard output cannot be written: {error.strerror}')


def _drop_output() -> None:
    """For what is flushed at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(target: str) -> None:
    if target.endswith('.py'):
        sys.path.insert(0, str(Path(target).parent))
        runpy.run_path(target, run_name='__main__')
    else:
        runpy.run_module(target, run_name='__main__', alter_sys=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def nobody_reads() -> bool:
    """Returns whether the reader of our output has gone."""
    output = select.poll()
    output.register(sys.stdout, 0)  # an error is always told
    return any(events & select.POLLERR for _, events in output.poll(0))


if __name__ == '__main__':
    main()
