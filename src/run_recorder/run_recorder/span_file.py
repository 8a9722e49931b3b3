"""spans.csv: what every component did and when, in a file that does not outgrow its limit.

Time is cut into stretches of `STRETCH_S`. While the file is below its limit it holds every span. Whenever it
has reached it, every second of the stretches that it holds is taken out, the first stays, and of what comes
only spans that begin in a stretch that would have stayed are written. So it holds whole stretches, spread
evenly over the run, and means over them are means over the run. After a restart of its writer every stretch
is kept again, until the file is full the next time.
"""

import contextlib
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from run_reading.columns import SPAN_COLUMNS
from run_reading.span_table import STRETCH_S, stretch
from run_recorder.table_file import Table
from ur5_rl_graph.spans import Span
from ur5_rl_graph.whole_file import PART
from ur5_rl_graph.writing import Writing

LIMIT = 40_000_000
"""Bytes; two hours of Async-SAC-2 with one update per step are 31 MB."""
LINES = 20_000
"""Lines that are looked at in one go: 20 ms, while messages wait."""


class SpanFile(Table):
    """The table of spans, which keeps itself below its limit."""

    def __init__(self, path: Path, limit: int = LIMIT, writing: Writing | None = None) -> None:
        """Opens or makes the file.

        Args:
            path: spans.csv.
            limit: of its size [byte]; what is appended last may go beyond it.
            writing: writes it.

        Raises:
            ValueError: the file has other columns.
        """
        super().__init__(path, SPAN_COLUMNS, writing)
        self.every = 1
        """Of so many stretches one is kept of what comes."""
        self.left_out = 0
        """Spans that were taken out or not written."""
        self._limit = self._full = limit
        self._part = path.with_name(path.name + PART)
        self._thinning: Iterator[int | None] | None = None
        self._first: Any = self._first_stretch()  # None while there is no span

    def add(self, component: str, spans: Iterable[Span], moved_s: float) -> str:
        """Adds spans of a component, `moved_s` later [s]; returns a line to say where the file was full."""
        rows = []
        for span in spans:
            start_s = 1e-9 * span.start_ns + moved_s
            if self._first is None:
                self._first = stretch(start_s)
            if self._keeps(start_s):
                rows.append((component, span.name, f'{start_s:.6f}', f'{1e-6 * span.duration_ns:.3f}'))
            else:
                self.left_out += 1
        self.extend(rows)
        return self._thin()

    def close(self) -> None:
        """Closes the file, as full as it is."""
        self._give_up()
        super().close()

    def _keeps(self, start_s: float) -> bool:
        """Counts from the first stretch, also backwards: after a clock that was set back all comes there."""
        return (stretch(start_s) - self._first) % self.every == 0

    def _thin(self) -> str:
        """Begins where the file is full, goes on with a part; returns a line to say."""
        said = ''
        try:
            size = self.path.stat().st_size if self.path.exists() else 0  # nothing could be written yet
            if self._thinning is None and size > self._full:
                self.every *= 2
                self._thinning = self._copy_kept()
                said = f'{self.path.name} is full ({1e-6 * size:.0f} MB): {self._rule}, from the beginning on'
            if self._thinning is not None:
                self._go_on(self._thinning)
        except OSError as error:  # there is no room: only what comes becomes less
            self._give_up()
            self._full += self._limit // 8
            return f'{self.path} cannot be thinned ({error}): from here on, {self._rule}'
        return said

    @property
    def _rule(self) -> str:
        return f'of each {self.every} stretches of {STRETCH_S:.0f} s one is kept'

    def _go_on(self, thinning: Iterator[int | None]) -> None:
        taken_out = next(thinning)
        if taken_out is None:
            return
        self._part.replace(self.path)
        self._thinning = None
        self._full = self._limit
        self.left_out += taken_out

    def _give_up(self) -> None:
        if self._thinning is not None:
            self._thinning = None
            with contextlib.suppress(OSError):
                self._part.unlink()

    def _copy_kept(self) -> Iterator[int | None]:
        """Copies the lines to keep, also those that come meanwhile; yields None, at last how many were not.

        A line that holds no start is not kept.
        """
        taken_out = 0
        with self.path.open('rb') as old, self._part.open('wb') as new:
            new.write(old.readline())
            for number, line in enumerate(old, start=1):
                start_s = _start_s(line)
                if start_s is not None and self._keeps(start_s):
                    new.write(line)
                else:
                    taken_out += 1
                if number % LINES == 0:
                    yield None
        yield taken_out

    def _first_stretch(self) -> int | None:
        if not self.path.exists():
            return None
        with self.path.open('rb') as file:
            starts = (_start_s(line) for line in file)
            return next((stretch(start_s) for start_s in starts if start_s is not None), None)


def _start_s(line: bytes) -> float | None:
    try:
        start_s = float(line.split(b',', 3)[2])
    except (IndexError, ValueError):
        return None
    return start_s if math.isfinite(start_s) else None
