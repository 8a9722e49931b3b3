"""How recorder and disk are."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from run_reading import table
from ur5_rl_graph import run_files
from ur5_rl_monitor import lost_counts
from ur5_rl_monitor.diagnostics_config import DiagnosticsConfig
from ur5_rl_monitor.heard import Heard
from ur5_rl_monitor.status import Findings, Status

GB = 1e9
END = 4096
"""Bytes that hold the last rows of a table."""


def look(folder: Path) -> dict[str, Any]:
    """Returns what the run folder's disk and tables show now; reads only the end of a table.

    Returns:
        free_bytes, size_bytes of the disk; row, (episode, step) of the newest recorded cycle, () = none;
        trouble, '' or why the folder cannot be looked at.
    """
    try:
        usage = shutil.disk_usage(folder)
        return {'free_bytes': usage.free, 'size_bytes': usage.total, 'row': _last_row(folder), 'trouble': ''}
    except OSError as error:
        return {'free_bytes': 0, 'size_bytes': 0, 'row': (), 'trouble': error.strerror or str(error)}


def age_s(path: str, now_s: float) -> float | None:
    """Returns how old a file is at a system time [s]; None where there is none, as at the path ''."""
    try:
        return max(now_s - Path(path).stat().st_mtime, 0.0) if path else None
    except OSError:
        return None


def _last_row(folder: Path) -> tuple[int, ...]:
    path = folder / run_files.CYCLES
    try:
        rows = table.read_window(path, max(path.stat().st_size - END, 0), END)
    except FileNotFoundError:
        return ()
    if not rows.keys() >= {'episode', 'step'}:  # none yet, or a damaged table: the recorder says so itself
        return ()
    return int(float(rows['episode'][-1])), int(float(rows['step'][-1]))


class Lag:
    """How long a cycle that was heard of has not been recorded."""

    def __init__(self) -> None:
        """Starts with nothing to be recorded."""
        self._awaited: tuple[int, ...] = ()
        self._since = 0.0

    def behind_s(self, heard: tuple[int, ...], recorded: tuple[int, ...], now: float) -> float:
        """Returns it [s], of the newest cycle heard of and the newest recorded one, (episode, step)."""
        if recorded >= self._awaited:
            self._awaited, self._since = heard, now
        return 0.0 if recorded >= self._awaited else now - self._since


def recorder(heard: Mapping[str, Heard], limits: DiagnosticsConfig, now: float) -> Status:
    """Returns whether the table of cycles follows the cycles, and which spans were lost."""
    name, found = 'run_recorder: recorder', Findings()
    dropped = {key: value for key, value in heard['spans'].newest.items()}
    values = {f'spans dropped by {component}': count for component, count in dropped.items()}
    values |= lost_counts.tell(('run_recorder',), heard, limits, now, found)
    seen = heard['storage'].newest
    row, behind_s = seen.get('row', ()), seen.get('behind_s', 0.0)
    values |= {'newest recorded cycle': 'episode {}, step {}'.format(*row) if row else 'none'}
    values |= {'behind [s]': round(behind_s, 2)}
    told = (
        f'{run_files.CYCLES} lacks cycles of {behind_s:.0f} s ago (limit {{:.0f}}); does run_recorder run, '
        f'can {limits.run_folder} be written?'
    )
    error, warning = limits.recorder_behind_error_s, limits.recorder_behind_warn_s
    found.error(behind_s > error, told.format(error))
    found.warn(warning < behind_s <= error, told.format(warning))
    lost = sum(heard['spans'].grown(component, now) for component in dropped)
    found.warn(lost, f'{lost} spans lost in {limits.window_s:.0f} s; a timeline of them has gaps')
    return found.status(name, f'{behind_s:.1f} s behind', values)


def disk(heard: Mapping[str, Heard], limits: DiagnosticsConfig, now: float) -> Status:
    """Returns whether the disk of the run folder has room for what the run will write yet."""
    name, found = 'run_recorder: disk', Findings()
    seen, buffer = heard['storage'].newest, heard['buffer'].newest
    free = seen.get('free_bytes', 0) / GB
    lacking = max(buffer.get('capacity', 0) - buffer.get('transitions', 0), 0)
    needed = lacking * buffer.get('bytes_per_transition', 0.0) / GB
    values = {
        'free [GB]': round(free, 2),
        'size [GB]': round(seen.get('size_bytes', 0) / GB, 2),
        'needed by the buffer yet [GB]': round(needed, 2),
    }
    if seen.get('trouble'):
        found.error(True, f'{limits.run_folder} cannot be looked at ({seen["trouble"]}); is its disk there?')
        return found.status(name, '', values)
    low = free < limits.disk_low_gb
    found.error(
        low, f'{free:.2f} GB left (limit {limits.disk_low_gb:g}); make room: nothing more is stored without'
    )
    found.warn(
        not low and free < needed + limits.disk_low_gb,
        f'{free:.1f} GB left, the buffer needs {needed:.1f} yet; make room before it is full',
    )
    return found.status(name, f'{free:.0f} GB left', values)
