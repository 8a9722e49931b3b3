"""A thread without which its node is of no use."""

import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path


class NeededThread:
    """Whatever ends it before it is told to end ends the node, in one line; the launch starts that again.

    A thread cannot end its process itself in good order: the node calls `check` from a timer.

    Args:
        label: what it is, in the words of that line.
        work: returns when it is told to end, and not before.
        hopeless: exceptions after which a restart would not help; the exit code is 2 then, else 1.
        daemon: the process does not wait for it.
    """

    def __init__(
        self,
        label: str,
        work: Callable[[], None],
        *,
        hopeless: tuple[type[Exception], ...] = (),
        daemon: bool = False,
    ) -> None:
        self._label, self._work, self._hopeless = label, work, hopeless
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=label, daemon=daemon)

    def start(self) -> None:
        """Starts it, once."""
        self._thread.start()

    def join(self, timeout: float | None = None) -> None:
        """Waits for its end, `timeout` [s] at most."""
        self._thread.join(timeout)

    def check(self) -> None:
        """Ends the process if the thread has ended.

        Raises:
            SystemExit: it has; the line has been printed.
        """
        if self._thread.is_alive():
            return
        hopeless = isinstance(self._failure, self._hopeless)
        why = str(self._failure) if hopeless else _cause(self._failure)
        print(f'error: {self._label} has ended: {why}', file=sys.stderr, flush=True)
        raise SystemExit(2 if hopeless else 1)

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # SystemExit too, which would end this thread alone and in silence
            self._failure = error


def _cause(failure: BaseException | None) -> str:
    """Returns an exception in one line, with the place where it was raised."""
    if failure is None:
        return 'it returned, though nobody told it to'
    place = traceback.extract_tb(failure.__traceback__)[-1]
    text = ' '.join(f'{type(failure).__name__}: {failure}'.split())
    return f'{text} ({Path(place.filename).name}:{place.lineno})'
