"""Writing that may fail without ending its program: a disk full, gone or read-only, a permission lost."""

import contextlib
import io
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

SETTLED_S = 10.0
"""A file works again when nothing has failed for so long: on a full disk short pieces go through now and
then."""


def keep_printing() -> None:
    """From now on a line that cannot be printed ends nothing: output may go to a file on a full disk."""
    sys.stdout, sys.stderr = _Lenient(sys.stdout), _Lenient(sys.stderr)


class _Lenient:
    """A stream that loses what it cannot write. A pipe without a reader is another matter.

    A line is written at once: print() hands over its end by itself, and another thread's line came between.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._begun = stream, threading.local()

    def write(self, text: str) -> int:
        self._begun.text = getattr(self._begun, 'text', '') + text
        if text.endswith('\n'):
            self._write_begun()
        return len(text)

    def flush(self) -> None:
        self._write_begun()
        self._do(self._stream.flush)

    def _write_begun(self) -> None:
        text, self._begun.text = getattr(self._begun, 'text', ''), ''
        if text:
            self._do(lambda: self._stream.write(text))

    def _do(self, call: Callable[[], object]) -> None:
        try:
            call()
        except BrokenPipeError:
            raise
        except OSError:
            pass

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def _print(line: str) -> None:
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)


class Writing:
    """Tries to write, and says when that begins to fail and when it works again: one line each for a path."""

    def __init__(
        self, say: Callable[[str], None] = _print, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Takes what is called with each line, and a clock [s]."""
        self._say, self._clock = say, clock
        self._failing: dict[Path, int] = {}  # what it lacks since it fails
        self._failed_s: dict[Path, float] = {}  # the last time
        self._unwritten: dict[str, int] = {}

    def attempt(self, path: Path, write: Callable[[], object], count: int = 1) -> bool:
        """Calls `write`; returns whether it worked.

        Args:
            path: of the file, which the lines name.
            write: raises OSError where it cannot.
            count: of what is lost where it cannot: rows, transitions; 0 = a later try loses nothing.
        """
        try:
            write()
        except OSError as error:
            if path not in self._failing:
                self._failing[path] = 0
                cause = error.strerror or str(error)
                self._say(f'{path} cannot be written ({cause}): going on without it, trying again')
            self._failing[path] += count
            self._failed_s[path] = self._clock()
            self._unwritten[path.name] = self._unwritten.get(path.name, 0) + count
            return False
        if path in self._failing and self._clock() - self._failed_s[path] >= SETTLED_S:
            missing = self._failing.pop(path)
            self._say(f'{path} is written again' + (f'; until then {missing} were not' if missing else ''))
        return True

    @property
    def unwritten(self) -> dict[str, int]:
        """How much was not written so far, by 'FILE not written'."""
        return {f'{name} not written': count for name, count in self._unwritten.items()}


class AppendedFile:
    """A file that grows by whole pieces: what was not written whole is taken back.

    It is opened when something is appended, and anew after a failure or when somebody has moved it away: a
    disk may have been mounted again.
    """

    def __init__(self, path: Path, first: bytes = b'') -> None:
        """Takes where it is, and what an empty file begins with."""
        self._path, self._first = path, first
        self._file: io.RawIOBase | None = None
        self._whole: int | None = None  # bytes of whole pieces, where more may be there

    def append(self, piece: bytes) -> None:
        """Hands a piece to the kernel.

        Raises:
            OSError: it could not be written; the file is as it was.
        """
        try:
            if self._file is not None and os.fstat(self._file.fileno()).st_nlink == 0:
                self.close()
            if self._file is None:
                self._file = self._path.open('ab', buffering=0)
            size = os.fstat(self._file.fileno()).st_size
            if self._whole is not None and self._whole < size:
                os.ftruncate(self._file.fileno(), self._whole)
                size = self._whole
            self._whole = size
            self._write(self._file, piece if size else self._first + piece, size)
            self._whole = None
        except OSError:
            self.close()
            raise

    @staticmethod
    def _write(file: io.RawIOBase, piece: bytes, whole: int) -> None:
        try:
            while piece:
                piece = piece[file.write(piece) :]
        except OSError:
            os.ftruncate(file.fileno(), whole)
            raise

    def close(self) -> None:
        """Closes the file."""
        file, self._file = self._file, None
        if file is not None:
            file.close()
