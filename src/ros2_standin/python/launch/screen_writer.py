"""Writes to a screen that may not be read; its callers do not wait for that."""

import errno
import os
import select
import threading

ROOM = 1 << 20
"""What may wait for a reader [bytes]."""
PATIENCE_S = 2.0
"""How long the end waits for a reader that takes nothing."""
_PIECE = select.PIPE_BUF  # bytes of one write, which a pipe takes as a whole or not at all
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def _pieces(text: bytes):
    """Whole lines, as many as fit, so that another program's come between them; a longer line in parts."""
    begin = 0
    while begin < len(text):
        end = text.rfind(b'\n', begin, begin + _PIECE) + 1 or begin + _PIECE
        yield text[begin:end]
        begin = end


class ScreenWriter:
    """Writes lines in a thread: a pager at its first page, or a terminal under Ctrl-S, holds nothing up.

    What finds no room among the lines that wait is left out, and a line in its place counts it. What is
    printed into a file on a full disk is lost, and nothing else.
    """

    def __init__(self, descriptor: int, note, on_gone) -> None:
        """Begin.

        Args:
            descriptor: of the screen.
            note: gives the line, as bytes, that stands for so many.
            on_gone: called in the thread when the reader has gone, unless it is the end anyway.
        """
        self._descriptor, self._note, self._on_gone = descriptor, note, on_gone
        self._change = threading.Condition()
        self._waiting, self._size = [], 0
        self._left_out = 0  # lines, behind those that wait
        self._untaken = 0  # lines in all that the reader has not been given
        self._pieces = 0  # written so far
        self._closing = self._gone = False
        # It may never come back from a write: nothing joins it, and it ends with the process.
        threading.Thread(target=self._run, name='screen', daemon=True).start()

    def write(self, text: bytes) -> None:
        """Take whole lines; never waits."""
        lines = text.count(b'\n')
        with self._change:
            self._untaken += lines
            if self._left_out or self._size + len(text) > ROOM:
                self._left_out += lines
            else:
                self._waiting.append(text)
                self._size += len(text)
            self._change.notify_all()

    def close(self) -> int:
        """Wait until all is written, or nothing of it for `PATIENCE_S`; return how many lines are not."""
        with self._change:
            self._closing = True
            before = -1
            while self._untaken and before != self._pieces:
                before = self._pieces
                self._change.wait(PATIENCE_S)
            return self._untaken

    def _run(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._waiting or self._left_out)
                text, self._waiting, self._size = b''.join(self._waiting), [], 0
                left_out, self._left_out = self._left_out, 0
            for piece in _pieces(text):
                self._put(piece, piece.count(b'\n'))
            if left_out:
                self._put(self._note(left_out), left_out)

    def _put(self, piece: bytes, lines: int) -> None:
        """Write a piece, which ends so many lines."""
        while piece and not self._gone:
            try:
                piece = piece[os.write(self._descriptor, piece) :]
            except BlockingIOError:  # another program has left the terminal so
                select.select([], [self._descriptor], [])
            except OSError as error:
                if error.errno in _NO_ROOM:
                    break
                self._gone = True
                if not self._closing:
                    self._on_gone()
        with self._change:
            self._untaken -= lines
            self._pieces += 1
            self._change.notify_all()
