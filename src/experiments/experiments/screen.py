"""What a campaign shows: lines that stay and, on a terminal, some below them that are drawn again."""

import shutil
import sys
import time
from collections.abc import Callable, Sequence
from typing import TextIO

PERIOD_S = 60.0
"""Between two reports where the output is no terminal."""


class Screen:
    """Writes to a terminal or a file."""

    def __init__(self, output: TextIO = sys.stdout, clock: Callable[[], float] = time.monotonic) -> None:
        """Starts with nothing drawn."""
        self._output, self._clock = output, clock
        self._live = output.isatty()
        self._drawn = 0
        self._told: float | None = None

    def say(self, text: str) -> None:
        """Writes a line that stays."""
        self._erase()
        print(text, file=self._output, flush=True)

    def show(self, lines: Sequence[str]) -> None:
        """Shows the present state: drawn again on a terminal, else written once in a while."""
        if self._live:
            self._erase()
            width = shutil.get_terminal_size().columns - 1
            print(*(line[:width] for line in lines), sep='\n', file=self._output, flush=True)
            self._drawn = len(lines)
        elif self._told is None or self._clock() - self._told >= PERIOD_S:
            self._told = self._clock()
            print(*lines, sep='\n', file=self._output, flush=True)

    def _erase(self) -> None:
        if self._drawn:
            print(f'\033[{self._drawn}F\033[J', end='', file=self._output)
            self._drawn = 0
