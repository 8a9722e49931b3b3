"""How long a run has lasted and how long it still goes on, over restarts of whoever counts."""

import json
from pathlib import Path

from ur5_rl_graph.whole_file import read_values, write_text


class RunClock:
    """Wall time of a run; the random steps at its beginning are not counted (thesis 5.3).

    The start is kept in a small file, so that a restarted recorder goes on with the same clock.
    """

    def __init__(self, path: Path, duration_s: float) -> None:
        """Takes the file that keeps the start, and the duration of the run [s], 0 = without end.

        A damaged file counts as none; `damage` says so in one line.
        """
        self.damage = ''
        self._path = path
        self._duration_s = duration_s
        self._started_s: float | None = None
        if path.exists():
            try:
                self._started_s = float(read_values(path, {'started': float})['started'])
            except ValueError as error:
                self.damage = (
                    f'{error}: its episodes say when the time of this run began, else it begins anew'
                )

    @property
    def running(self) -> bool:
        """True after the random steps."""
        return self._started_s is not None

    def start(self, now_s: float) -> None:
        """Starts the clock at `now_s` [s since the epoch]; later calls change nothing."""
        if self._started_s is None:
            self._started_s = now_s
            write_text(self._path, json.dumps({'started': now_s, 'duration_s': self._duration_s}) + '\n')

    def elapsed_s(self, now_s: float) -> float:
        """Returns the counted time of the run [s]."""
        return 0.0 if self._started_s is None else now_s - self._started_s

    def left_s(self, now_s: float) -> float | None:
        """Returns the time left [s], None for a run without end."""
        return None if self._duration_s == 0 else self._duration_s - self.elapsed_s(now_s)

    def over(self, now_s: float) -> bool:
        """True when the run has had its duration."""
        return self.running and self._duration_s > 0 and self.elapsed_s(now_s) >= self._duration_s
