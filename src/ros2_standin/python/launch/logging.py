"""Where the lines of the launch and of its processes go: the screen and launch.log."""

import contextlib
import logging
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path

from .screen_writer import ScreenWriter

_FORMAT = '[%(levelname)s] [%(name)s]: %(message)s'
_root = logging.getLogger('launch_standin')
_root.propagate = False


output = logging.getLogger('launch_standin_output')
"""The lines of processes, as they are."""
output.propagate = False
output.setLevel(logging.INFO)


def get_logger(name: str) -> logging.Logger:
    """The logger of the launch or of one process; lines are '[INFO] [name]: text'."""
    logger = _root.getChild(name.replace('.', '\u2024'))  # a dot would make a hierarchy
    logger.name = name
    return logger


def start(debug: bool = False) -> Path | None:
    """Open the screen and the log file.

    Returns:
        The folder of launch.log, None if it cannot be written.
    """
    _root.setLevel(logging.DEBUG if debug else logging.INFO)
    folder = _log_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = [_FileHandler(folder / 'launch.log', encoding='utf-8', errors='replace')]
    except OSError as error:
        folder, files = None, []
        print(f'[WARNING] [launch]: no log file: {error}', file=sys.stderr)
    handlers = [_ScreenHandler('' if folder is None else f': see {folder}/launch.log'), *files]
    for handler in handlers:
        stamp = '%(created).3f ' if isinstance(handler, logging.FileHandler) else ''
        handler.setFormatter(_Formatter(stamp))
        for logger in (_root, output):
            logger.addHandler(handler)
    return folder


def stop() -> None:
    """Close what start() opened: the screen at last, which is told what the file lacks."""
    for handler in reversed(list(_root.handlers)):
        for logger in (_root, output):
            logger.removeHandler(handler)
        handler.close()


class _Formatter(logging.Formatter):
    """Launch lines with level and name, the processes' own lines as they are."""

    def __init__(self, stamp: str) -> None:
        super().__init__(stamp + _FORMAT)
        self._plain = logging.Formatter(stamp + '%(message)s')

    def format(self, record) -> str:
        plain = record.name == output.name
        return self._plain.format(record) if plain else super().format(record)


class _ScreenHandler(logging.Handler):
    """The screen; when it goes away (a closed terminal or pipe) the launch ends as if hung up."""

    def __init__(self, remedy: str) -> None:
        super().__init__()
        self._remedy, self._writer = remedy, None
        screen = sys.stdout or sys.stderr  # closed by whoever started us
        if screen is not None:
            screen.flush()
            self._writer = ScreenWriter(screen.fileno(), self._left_out, _hang_up)
        if sys.stdout is not None:
            sys.stdout = _Printed(sys.stdout, self._writer)

    def emit(self, record) -> None:
        try:
            line = self.format(record)
        except Exception:
            self.handleError(record)
        else:
            if self._writer is not None:
                self._writer.write(_encoded(line))

    def close(self) -> None:
        super().close()
        if isinstance(sys.stdout, _Printed):
            sys.stdout = sys.stdout.finish()
        writer, self._writer = self._writer, None  # `logging` closes once more, at the exit
        lacking = writer.close() if writer else 0
        heard = lacking and sys.stderr and select.select([], [sys.stderr], [], 0.0)[1]
        if heard:  # else nobody reads that either
            print(self._lacks(f'the screen lacks the last {lacking} lines'), file=sys.stderr, flush=True)

    def _left_out(self, count: int) -> bytes:
        return _encoded(self._lacks(f'{count} lines are left out here'))

    def _lacks(self, what: str) -> str:
        return f'[WARNING] [launch]: {what}, as nobody read them in time{self._remedy}'


class _Printed:
    """What launch files print beside `logging`: its lines come whole and in order among the others."""

    def __init__(self, stream, writer) -> None:
        self.stream, self._writer, self._begun = stream, writer, ''

    def write(self, text: str) -> int:
        lines, end, self._begun = (self._begun + text).rpartition('\n')
        if end:
            self._writer.write(_encoded(lines))
        return len(text)

    def flush(self) -> None:
        """Nothing: a line goes when it is whole."""

    def finish(self):
        """Ends a line that was begun, and returns the stream as it was."""
        if self._begun:
            self.write('\n')
        return self.stream

    def __getattr__(self, name: str):
        return getattr(self.stream, name)


def _encoded(line: str) -> bytes:
    return f'{line}\n'.encode((sys.stdout or sys.stderr).encoding, 'backslashreplace')


def _hang_up() -> None:
    os.kill(os.getpid(), signal.SIGHUP)


class _FileHandler(logging.FileHandler):
    """launch.log; lines for which there is no room are counted and told once, and end nothing.

    It keeps no line back: what a buffer would write when there is room again has been counted as lost.
    """

    _lacking, _error = 0, None

    def _open(self):
        return open(self.baseFilename, 'ab', buffering=0)

    def emit(self, record) -> None:
        written = 0
        try:
            line = (self.format(record) + self.terminator).encode(self.encoding, self.errors)
            while written < len(line):
                written += self.stream.write(line[written:])
        except Exception:
            self.handleError(record)
            if written:
                with contextlib.suppress(OSError):  # of a line that does not fit nothing stays
                    self.stream.truncate(self.stream.tell() - written)

    def handleError(self, record) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            self._lacking, self._error = self._lacking + 1, error
        else:
            super().handleError(record)

    def close(self) -> None:
        with contextlib.suppress(OSError):  # of some disks it is the last word
            super().close()
        if self._lacking:
            text = f'{self.baseFilename} lacks {self._lacking} lines of the launch: {self._error}'
            get_logger('launch').warning(f'{text}; free some space there, or set ROS_LOG_DIR')
            self._lacking = 0


def _log_folder() -> Path:
    base = os.environ.get('ROS_LOG_DIR') or Path(os.environ.get('ROS_HOME') or '~/.ros', 'log')
    stamp = time.strftime('%Y-%m-%d-%H-%M-%S')
    return Path(base).expanduser() / f'{stamp}-{socket.gethostname()}-{os.getpid()}'
