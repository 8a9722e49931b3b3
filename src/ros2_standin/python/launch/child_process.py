"""One run of a command, in a session and process group of its own."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

OURS = Path(__file__).resolve().parents[4] / '.ur5rl/install/lib'
"""Where the workspace's executables lie: each begins with `ur5_rl_graph.entry`, which lets SIGINT through."""

_MAX_LINE = 1 << 16  # bytes; a longer line is cut, so that output without line ends cannot fill the memory


def hold_interrupts(program: str) -> set:
    """Blocks SIGINT in this thread, thus in what it starts, if the program lets it through itself.

    None finds Python half started then, with a traceback. SIGTERM always ends a program.

    Returns:
        The signals that were blocked before.
    """
    ours = OURS in Path(program).absolute().parents
    return signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT} if ours else ())


@contextlib.contextmanager
def going_on_again(groups: list[int]):
    """Sends SIGCONT to process groups at the end of the block, or when this process is killed in it.

    A signal at the death of the parent would not do: what stands still does not take it, but SIGKILL.
    """
    words = ['sh', '-c', 'read line; kill -s CONT -- "$@"', 'sh', *(f'-{group}' for group in groups)]
    nowhere = subprocess.DEVNULL
    # A session of its own: who kills this process may kill its group.
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere, start_new_session=True
    ):  # leaving it closes the pipe and waits
        yield


class ChildProcess:
    """A started process whose output arrives as lines.

    The own session keeps the terminal's Ctrl-C away from it (the launch sends its signals itself) and gathers
    its descendants in one group, so that a signal reaches them all.
    """

    def __init__(self, command: list[str], *, env, loop, on_line) -> None:
        """Start.

        Args:
            command: its words.
            env: the whole environment.
            loop: asyncio event loop that reads the output.
            on_line: called with the text of a line, without its end.

        Raises:
            OSError: the command does not exist or may not be run.
        """
        self._loop, self._on_line = loop, on_line
        before = hold_interrupts(command[0])
        try:
            self._popen = subprocess.Popen(
                command,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self.pid = self._popen.pid
        self.returncode = None  # int once it has ended; -N where signal N ended it
        self._unfinished = {'stdout': b'', 'stderr': b''}
        self._pipes = {'stdout': self._popen.stdout, 'stderr': self._popen.stderr}
        for stream, pipe in self._pipes.items():
            os.set_blocking(pipe.fileno(), False)
            loop.add_reader(pipe.fileno(), self._read, stream)

    def send_signal(self, number: int) -> None:
        """Signal the whole group; does nothing once the process has ended."""
        if self.returncode is None:
            try:
                os.killpg(self.pid, number)
            except (ProcessLookupError, PermissionError):
                pass

    def poll(self) -> bool:
        """Whether the process has ended; then its group is gone and all its lines have been handed over."""
        if self.returncode is not None:
            return True
        # WNOWAIT leaves the ended leader unreaped: its number, thus the group's, cannot be another's yet.
        if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return False
        self.send_signal(signal.SIGKILL)
        self.returncode = self._popen.wait()
        for stream in tuple(self._pipes):
            while self._read(stream):
                pass
            self._close(stream)
        return True

    def _read(self, stream: str) -> bool:
        """Take what the pipe holds; False if that was nothing."""
        if stream not in self._pipes:
            return False
        data = self._pipes[stream].read(1 << 16)
        if data is None:
            return False
        if not data:
            self._close(stream)
            return False
        *lines, rest = (self._unfinished[stream] + data).split(b'\n')
        if len(rest) > _MAX_LINE:
            lines, rest = [*lines, rest], b''
        self._unfinished[stream] = rest
        for line in lines:
            self._on_line(line.decode(errors='replace'))
        return True

    def _close(self, stream: str) -> None:
        pipe = self._pipes.pop(stream, None)
        if pipe is not None:
            self._loop.remove_reader(pipe.fileno())
            pipe.close()
            if self._unfinished[stream]:
                self._on_line(self._unfinished[stream].decode(errors='replace'))
