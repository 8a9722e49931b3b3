"""Time of a run that goes on evenly, whatever is done to the system clock."""

import json
from pathlib import Path
from typing import Any

from ur5_rl_graph.clock import Clock, offset_ns
from ur5_rl_graph.whole_file import read_values, write_text
from ur5_rl_graph.writing import Writing

BOOT_ID = Path('/proc/sys/kernel/random/boot_id')


class SteadyClock:
    """Seconds since the epoch, as the system clock stood when the run was first recorded, counted evenly.

    The monotonic clock is common to all processes of this host until it is booted again, and so the time of a
    run is, over restarts of its recorder: a small file keeps how far apart the two clocks were.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        boot_id: str | None = None,
        writing: Writing | None = None,
    ) -> None:
        """Goes on with the time that `path` keeps; after a boot or without it, with the system clock.

        A damaged file counts as none; `damage` says so in one line.
        """
        self.damage = ''
        self._clock = clock
        boot = BOOT_ID.read_text(encoding='utf-8').strip() if boot_id is None else boot_id
        kept: dict[str, Any] = self._kept(path)
        self._path, self._writing, self._unwritten = path, writing or Writing(), ''
        if kept.get('boot_id') != boot:
            kept = {'boot_id': boot, 'offset_s': offset_ns(clock) / 1e9}
            self._unwritten = json.dumps(kept, allow_nan=False) + '\n'
        self._offset_s = float(kept['offset_s'])
        self.keep()

    def keep(self) -> None:
        """Writes the file where that is still to be done: the disk may have had no room before."""
        text = self._unwritten
        if text and self._writing.attempt(self._path, lambda: write_text(self._path, text), count=0):
            self._unwritten = ''

    def _kept(self, path: Path) -> dict[str, object]:
        try:
            return read_values(path, {'boot_id': str, 'offset_s': float})
        except FileNotFoundError:
            return {}
        except ValueError as error:
            self.damage = f'{error}: the times of this run go on with the system clock as it stands'
            return {}

    def now(self) -> float:
        """Returns the time [s]."""
        return self._clock.now() + self._offset_s

    def of(self, stamp_s: float) -> float:
        """Returns the time of a message that has just come, stamped by the system clock as it stands [s]."""
        return stamp_s + self._offset_s - offset_ns(self._clock) / 1e9
