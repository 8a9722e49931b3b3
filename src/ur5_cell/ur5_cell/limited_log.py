"""A log that nobody can flood: what clients make the controller say is short, printable and limited."""

from collections.abc import Callable

LONGEST_LINE = 240  # characters


class LimitedLog:
    """Passes on up to `lines` lines in every `steps` control steps, and says how many others there were.

    Args:
        log: called with one line.
        lines: lines passed on in each window.
        steps: length of a window in control steps.
    """

    def __init__(self, log: Callable[[str], object], lines: int = 20, *, steps: int) -> None:
        self._log = log
        self._lines, self._steps = lines, steps
        self._said = self._left_out = self._passed = 0

    def __call__(self, line: str) -> None:
        """Log one line; what is not printable ASCII in it is escaped."""
        self._said += 1
        if self._said > self._lines:
            self._left_out += 1
            return
        text = line.encode('unicode_escape').decode('ascii')
        self._log(text if len(text) <= LONGEST_LINE else f'{text[: LONGEST_LINE - 3]}...')

    def step(self) -> None:
        """One control step has passed."""
        self._passed += 1
        if self._passed % self._steps == 0:
            self.close()
            self._said = 0

    def close(self) -> None:
        """Say what has been left out so far."""
        if self._left_out:
            self._log(
                f'{self._left_out} more lines left out (limit {self._lines} in {self._steps} control steps)'
            )
            self._left_out = 0
