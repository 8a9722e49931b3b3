"""Numbered steps with elapsed seconds, and programs that run inside them with their output kept in a file."""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.layout import LOG, ROOT

_SHOWN_EVERY_S = 30.0  # on a terminal the line is redrawn each half second instead
_STOP_WAIT_S = 10.0  # how long an interrupted program may take before it is killed
_PR_SET_PDEATHSIG = 1
_TELLING = (  # a line of a program, what is shown of it
    (r'\[(\d+)/(\d+)\] ', r'\1 of \2 files'),
    (r'(Collecting|Building wheel for) ([\w.-]+)', r'\1 \2'),
    (r'Downloading (?:\S*/)?([\w.-]+) ', r'Downloading \1'),
    (r'(Installing collected packages)', r'\1'),
    (r'(Unpacking|Setting up) ([\w.+-]+)', r'\1 \2'),
)
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ProgramFailed(Exception):
    """A program ended with a non-zero exit code.

    Attributes:
        log: the file with its whole output.
        output: that output.
        code: its exit code.
    """

    def __init__(self, log: Path, output: str, code: int):
        super().__init__(f'exit code {code}, see {log}')
        self.log, self.output, self.code = log, output, code


class Progress:
    """Prints `[2/5] what is done 12 s, detail` for each step, live on a terminal."""

    def __init__(self, steps: int):
        self._steps = steps
        self._step = 0
        self._title = ''
        self._started = self._shown = 0.0
        self._live = sys.stdout.isatty()
        self._open = False

    def start(self, title: str) -> None:
        """Begins the next step."""
        self._step += 1
        self._title = title
        self._started = self._shown = time.monotonic()
        self._open = True
        print(self._line('...'), end='' if self._live else '\n', flush=True)

    def done(self, remark: str = '') -> None:
        """Ends the step."""
        text = f'{time.monotonic() - self._started:.1f} s' + (f', {remark}' if remark else '')
        self._show(text, '\n')
        self._open = False

    def failed(self) -> None:
        """Ends the step that is under way, if any, as failed; what went wrong is for the caller to say."""
        if self._open:
            self._show('failed', '\n')
        self._open = False

    def run(self, argv: Sequence[str], log_name: str, env: Mapping[str, str] | None = None) -> str:
        """Runs a program within the step; returns its output.

        The program has a session of its own, so that a Ctrl-C reaches it once, from here; it ends with us.

        Args:
            argv: the program and its arguments.
            log_name: the file under .ur5rl/log that keeps the output of this run.
            env: its environment; None for ours.

        Raises:
            ProgramFailed: it failed.
        """
        LOG.mkdir(parents=True, exist_ok=True)
        log = LOG / log_name
        program = None
        try:
            with open(log, 'wb') as output, _interrupts_wait():
                program = subprocess.Popen(
                    list(argv),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=ROOT,
                    env=None if env is None else dict(env),
                    start_new_session=True,
                    preexec_fn=_end_with_parent,
                )
            code = self._end_of(program, log)
        except BaseException:
            if program is not None:
                _stop(program)
            raise
        text = log.read_text(encoding='utf-8', errors='replace')
        if code != 0:
            raise ProgramFailed(log, text, code)
        return text

    def _end_of(self, program: subprocess.Popen, log: Path) -> int:
        while True:
            try:
                return program.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                self._working(log)

    def _working(self, log: Path) -> None:
        """Shows that a long program is alive: elapsed seconds and the last line it wrote."""
        now = time.monotonic()
        if not self._live and now - self._shown < _SHOWN_EVERY_S:
            return
        self._shown = now
        self._show(f'{now - self._started:.0f} s{detail(_tail(log))}', '' if self._live else '\n')

    def _show(self, text: str, end: str) -> None:
        line = self._line(text)
        if self._live:
            line = '\r\033[K' + line[: shutil.get_terminal_size().columns - 1]
        print(line, end=end, flush=True)

    def _line(self, text: str) -> str:
        return f'[{self._step}/{self._steps}] {self._title} {text}'


def _tail(log: Path) -> str:
    """The end of a growing file."""
    with open(log, 'rb') as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        return file.read().decode(errors='replace')


def detail(output: str) -> str:
    """What pip, apt-get or ninja is at, from the end of its output; '' where no line of it tells."""
    for line in reversed(output.splitlines()):
        for pattern, text in _TELLING:
            if found := re.match(pattern, line.strip()):
                return f', {found.expand(text)}'
    return ''


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """An interrupt within comes at the end: no program is started without the handle by which to end it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTS)


def _end_with_parent() -> None:
    """In the child: end when the parent is killed, and hear its interrupt even in a background job."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTS)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(program: subprocess.Popen) -> None:
    """Interrupts the program and all it started, and kills what remains."""
    for signum in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(program.pid, signum)
            program.wait(timeout=_STOP_WAIT_S)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
