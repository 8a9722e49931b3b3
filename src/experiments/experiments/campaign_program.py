"""A program of a campaign: its output in a file, and no life without the runner."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from experiments.experiment import ROOT
from experiments.runs import Command
from ur5_rl_graph.child import end_with_parent


class Program:
    """A started command, in a session of its own: the terminal's Ctrl-C reaches the runner only.

    It must be started by the main thread: the kernel interrupts it when that ends, and it then ends its own
    children as after a Ctrl-C.
    """

    def __init__(self, command: Command, log: Path, keep_open: Sequence[int], append: bool = False) -> None:
        """Starts it; the command is the first line of what it adds to the log.

        Args:
            command: what to start.
            log: file of its output.
            keep_open: file descriptors that it is to hold as long as it lives.
            append: to the log, instead of starting it anew.

        Raises:
            OSError: there is no such program, or the log cannot be written.
        """
        environment = {**os.environ, 'PYTHONUNBUFFERED': '1', **command.environment}
        program = shutil.which(command.arguments[0])
        if program is None:
            raise OSError(f'{command.arguments[0]}: command not found; start it by ./ur5rl experiment')
        ending = end_with_parent(signal.SIGINT)
        with log.open('ab' if append else 'wb') as output:
            output.write(f'$ {command}\n'.encode())
            output.flush()
            self._popen = subprocess.Popen(
                [program, *command.arguments[1:]],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=environment,
                start_new_session=True,
                pass_fds=keep_open,
                preexec_fn=lambda: _begin(ending),
            )

    @property
    def code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._popen.poll()

    def interrupt(self) -> None:
        """Asks it to end in good order."""
        if self.code is None:
            self._popen.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """Ends it and what it started in its session."""
        if self.code is None:
            os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()


def _begin(ending: Callable[[], None]) -> None:
    """In the child: hear interrupts even where the runner is a background job, and end with the runner."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    ending()


def last_line(log: Path) -> str:
    """Returns the last line of a log that is not empty, shortened to 200 characters."""
    with log.open('rb') as file:
        file.seek(max(0, log.stat().st_size - 4000))
        lines = file.read().decode(errors='replace').splitlines()
    return next((line.strip()[:200] for line in reversed(lines) if line.strip()), '')
