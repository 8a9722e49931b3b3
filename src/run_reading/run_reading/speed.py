"""How many times real time a run in virtual time went, and where the time went: speed.json."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from run_reading.wording import minutes
from ur5_rl_graph import run_files
from ur5_rl_graph.whole_file import read_object, write_json


class Speed(NamedTuple):
    """Time of a run, or of several together."""

    virtual_s: float  # that the run had
    parts_s: dict[str, float]  # that the machine needed for each part of it; the rest last

    @property
    def computing_s(self) -> float:
        """What the machine needed for all of it."""
        return sum(self.parts_s.values())

    @property
    def times_real_time(self) -> float:
        """Virtual time over the machine's; nan where there is none."""
        return self.virtual_s / self.computing_s if self.computing_s > 0 else math.nan

    @property
    def line(self) -> str:
        """How fast it went, and the share of each part, the largest first and the rest last."""
        *named, rest = self.parts_s.items()
        named.sort(key=lambda part: -part[1])
        all_s = self.computing_s or math.inf
        shares = ', '.join(f'{name} {100 * seconds / all_s:.1f} %' for name, seconds in [*named, rest])
        return (
            f'{minutes(self.virtual_s)} of virtual time in {minutes(self.computing_s)}: '
            f'{self.times_real_time:.2f} times real time; {shares}'
        )


def total(speeds: Iterable[Speed]) -> Speed:
    """Returns that of several runs: the sums of their times, whatever ran beside each other."""
    virtual_s, parts_s = 0.0, dict[str, float]()
    for speed in speeds:
        virtual_s += speed.virtual_s
        for name, seconds in speed.parts_s.items():
            parts_s[name] = parts_s.get(name, 0.0) + seconds
    return Speed(virtual_s, parts_s)


def write(path: Path, speed: Speed) -> None:
    """Writes speed.json.

    Raises:
        OSError: it cannot be written.
    """
    parts = {name: round(seconds, 3) for name, seconds in speed.parts_s.items()}
    write_json(path, {'virtual_s': round(speed.virtual_s, 3), 'parts_s': parts})


def read(folder: Path) -> Speed:
    """Returns what speed.json of a run holds.

    Raises:
        ValueError: it is damaged; one line with its path.
        OSError: it is missing or cannot be read.
    """
    path = folder / run_files.SPEED
    found = read_object(path, {'virtual_s': float})
    parts = found.get('parts_s')
    if not isinstance(parts, dict) or not parts or not all(map(_is_time, parts.values())):
        raise ValueError(f'{path} is damaged (its parts_s are no times)')
    return Speed(float(found['virtual_s']), {name: float(seconds) for name, seconds in parts.items()})


def _is_time(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value < math.inf  # type: ignore[operator]  # a number
