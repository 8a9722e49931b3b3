"""How long a run has lasted and how long it still goes on, over restarts of whoever counts."""

import json
from pathlib import Path

from ur5_rl_graph.whole_file import read_values, write_text
from ur5_rl_graph.writing import Writing


class RunClock:
    """Wall time of a run; the random steps at its beginning are not counted (thesis 5.3).

    The start is kept in a small file, so that a restarted recorder goes on with the same clock.
    """

    def __init__(self, path: Path, duration_s: float, writing: Writing | None = None) -> None:
        """Takes the file that keeps the start, the duration of the run [s], 0 = without end, and who writes.

        A damaged file counts as none; `damage` says so in one line.
        """
        self.damage = ''
        self._path = path
        self._writing = writing or Writing()
        self._kept = False
        self._duration_s = duration_s
        self._started_s: float | None = None
        if path.exists():
            try:
                self._started_s = float(read_values(path, {'started': float})['started'])
                self._kept = True
            except ValueError as error:
                self.damage = (
                    f'{error}: its episodes say when the time of this run began, else it begins anew'
                )

    @property
    def running(self) -> bool:
        """True after the random steps."""
        return self._started_s is not None

    def start(self, now_s: float) -> None:
        """Starts the clock at `now_s` [s since the epoch]; later calls write the file that could not be."""
        if self._started_s is None:
            self._started_s = now_s
        if not self._kept:
            values = json.dumps({'started': self._started_s, 'duration_s': self._duration_s}) + '\n'
            self._kept = self._writing.attempt(self._path, lambda: write_text(self._path, values), count=0)

    def elapsed_s(self, now_s: float) -> float:
        """Returns the counted time of the run [s]."""
        return 0.0 if self._started_s is None else now_s - self._started_s

    def left_s(self, now_s: float) -> float | None:
        """Returns the time left [s], None for a run without end."""
        return None if self._duration_s == 0 else self._duration_s - self.elapsed_s(now_s)

    def over(self, now_s: float) -> bool:
        """True when the run has had its duration."""
        return self.running and self._duration_s > 0 and self.elapsed_s(now_s) >= self._duration_s
