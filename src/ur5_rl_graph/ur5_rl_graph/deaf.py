"""A process that DDS has made deaf is ended, and its launch starts it again."""

import os
import re
import sys
from pathlib import Path

from rclpy.node import Node

from ur5_rl_graph.steady import every

LOOK_S = 5.0
"""So often a process looks whether its ports are there [s]."""
LOOKS = 2
"""So many times in a row one has to be gone: Fast DDS mends by itself what its listener notices."""
NOT_MAPPED = -1
_LOCK = re.compile(r'/(fastrtps_port\d+)_el(?: \(deleted\))?$')
_MAPPED = re.compile(r'/(fastrtps_port\d+)$', re.M)  # and not deleted


class OwnPorts:
    """The ports in shared memory at which this process listens to DDS: it holds their locks.

    Args:
        process: what Linux tells of the process.
        shared: the folder of shared memory.
    """

    def __init__(self, process: Path = Path('/proc/self'), shared: Path = Path('/dev/shm')) -> None:
        self._process, self._shared = process, shared
        self._listening: dict[str, int] | None = None  # inode by name; NOT_MAPPED = it has another file
        self._gone: dict[str, int] = {}  # looks in a row by name

    def look(self) -> list[str]:
        """Returns the ports that are gone, by name; those that have come back are its own again.

        Others send to another file of the same name, or to none: what this process reads, they do not reach.
        """
        gone = self._lost()
        if gone or self._listening is None:
            try:
                self._listening = self._learn()
            except OSError:  # no descriptor is free, or Linux does not tell: nothing is known
                self._gone = {}
                return []
            gone = self._lost()
        self._gone = {name: self._gone.get(name, 0) + 1 for name in gone}
        return sorted(name for name, looks in self._gone.items() if looks >= LOOKS)

    def _lost(self) -> list[str]:
        return [name for name, inode in (self._listening or {}).items() if self._inode(name) != inode]

    def _inode(self, name: str) -> int | None:
        try:
            return (self._shared / name).stat().st_ino
        except OSError:
            return None

    def _learn(self) -> dict[str, int]:
        """Returns the ports whose locks it has open now; what it has closed is no longer its own."""
        listening: dict[str, int] = {}
        maps = (self._process / 'maps').read_text(encoding='utf-8', errors='replace')  # any bytes
        mapped = set(_MAPPED.findall(maps))
        for entry in os.scandir(self._process / 'fd'):
            try:
                found = _LOCK.search(os.readlink(entry.path))
            except OSError:
                continue  # closed meanwhile, as that of this loop
            if found:
                name = found[1]
                inode = self._inode(name)
                listening[name] = inode if inode is not None and name in mapped else NOT_MAPPED
        return listening


def end_if_deaf(node: Node) -> None:
    """Ends the process with exit code 1 and one line where a port at which it listens has been taken away.

    Whoever sends to a port and finds it unwell (a reader killed at its place, or one that did not get the
    processor) removes its file and makes another. A reader that does not notice goes on with the old one: it
    hears nothing of that sender any more, or learns of no other node, for as long as it lives.
    """
    ports = OwnPorts()

    def look() -> None:
        if gone := ports.look():
            print(
                f'error: DDS has taken away {", ".join(gone)} in shared memory, where this process listens: '
                'it hears others no longer, and ends to be started again',
                file=sys.stderr,
                flush=True,
            )
            raise SystemExit(1)

    every(node, LOOK_S, look)
