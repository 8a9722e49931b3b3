"""How long a run has lasted, how long it goes on, and that it is over: over restarts of whoever counts."""

from pathlib import Path

from ur5_rl_graph.whole_file import read_values, write_json
from ur5_rl_graph.writing import Writing

_KEPT = {
    'started': float,
    'elapsed_s': float,
    'seen_s': float,
    'duration_s': float,
    'launch': str,
    'over': str,
}


class RunClock:
    """The time of a run: while steps can be made; that of the random steps does not count (thesis 5.3).

    Each step counts the time since the one before it, but no more than two steps of a run in order can lie
    apart, a reset between them included. So nothing counts while the machine is suspended, the arm in a
    protective stop, the environment stopped or a node dead, for however long. `now_s` in what follows is a
    time that goes on evenly [s], of a run in real time a monotonic clock's.

    A small file keeps it, and that the run is over: a recorder that comes back goes on with both.
    """

    def __init__(
        self,
        path: Path,
        duration_s: float,
        longest_s: float,
        launch: str = '',
        writing: Writing | None = None,
    ) -> None:
        """Takes up what the file keeps; where it is damaged nothing, and `damage` says so in one line.

        Args:
            path: the file.
            duration_s: of the run [s], 0 = without end.
            longest_s: that two steps of a run in order may lie apart [s].
            launch: of the run. The time since an earlier one does not count, and another duration lets a run
                that was over go on.
            writing: writes the file; a full disk keeps no run from its end.
        """
        self.damage = ''
        self.over_because = ''
        """Why the run is over; '' while it goes on."""
        self.resumed = False
        """Whether an earlier launch has counted."""
        self._path, self._duration_s, self._longest_s, self._launch = path, duration_s, longest_s, launch
        self._writing = writing or Writing()
        self._started_s: float | None = None
        self._seen_s: float | None = None  # the newest step; None = the next one begins to count
        self._elapsed_s = 0.0  # up to it
        self._saved: dict[str, object] = {}
        if path.exists():
            try:
                self._take_up(read_values(path, _KEPT))
            except ValueError as error:
                self.damage = f'{error}: its tables say how long this run has lasted'

    def _take_up(self, kept: dict) -> None:
        self._started_s, self._elapsed_s = kept['started'], kept['elapsed_s']
        self.resumed = kept['launch'] != self._launch
        if not self.resumed:
            self._seen_s = kept['seen_s'] or None
        if not self.resumed or kept['duration_s'] == self._duration_s:
            self.over_because = kept['over']

    def recover(self, elapsed_s: float, now_s: float) -> None:
        """Takes the time that the tables of a run say where the file has said nothing."""
        if self._started_s is None and elapsed_s > 0.0:
            self._started_s, self._elapsed_s = now_s - elapsed_s, elapsed_s

    def start(self, now_s: float) -> None:
        """Starts the clock at `now_s`; later calls change nothing."""
        if self._started_s is None:
            self._started_s = self._seen_s = now_s
            self.save()

    def step(self, now_s: float) -> None:
        """Notes a step at `now_s`."""
        if self._started_s is None or self.over_because:
            return
        self._elapsed_s = self.elapsed_s(now_s)
        self._seen_s = now_s if self._seen_s is None else max(now_s, self._seen_s)

    def elapsed_s(self, now_s: float) -> float:
        """Returns the time that counts [s]."""
        since_s = 0.0 if self._seen_s is None else now_s - self._seen_s
        return self._elapsed_s + min(max(since_s, 0.0), self._longest_s)

    def left_s(self, now_s: float) -> float | None:
        """Returns the time left [s], None for a run without end."""
        return None if self._duration_s == 0 else self._duration_s - self.elapsed_s(now_s)

    def over(self, now_s: float) -> bool:
        """True when the run has had its duration."""
        return 0 < self._duration_s <= self.elapsed_s(now_s)

    def end(self, now_s: float, because: str) -> None:
        """Notes that the run is over at `now_s`, from when on nothing counts."""
        self._elapsed_s, self._seen_s = self.elapsed_s(now_s), None
        self.over_because = because
        self.save()

    def save(self) -> None:
        """Writes the file, where it does not hold all this already."""
        if self._started_s is None:
            return
        values = {
            'started': self._started_s,
            'elapsed_s': self._elapsed_s,
            'seen_s': self._seen_s or 0.0,  # 0 = none
            'duration_s': self._duration_s,
            'launch': self._launch,
            'over': self.over_because,
        }
        if values != self._saved:
            written = self._writing.attempt(self._path, lambda: write_json(self._path, values), count=0)
            self._saved = values if written else {}
