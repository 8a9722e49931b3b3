"""One runner for a campaign at a time, also while the runs of a killed runner still end."""

import fcntl
import os
import time
from pathlib import Path
from typing import IO

WAIT_S = 60.0
"""How long the runs of a killed runner may take to end; a launch gives its nodes 20 s."""


def take(folder: Path) -> IO[str]:
    """Locks a campaign's folder; the lock lasts until every process that holds the file has ended.

    Raises:
        ValueError: another runner is at work there, or runs of a killed one do not end.
    """
    file = (folder / '.lock').open('a+', encoding='utf-8')
    told, deadline = False, time.monotonic() + WAIT_S
    while not _try(file):
        file.seek(0)
        holder = file.read().strip()
        if _lives(holder):
            raise ValueError(f'another runner (process {holder}) is at work in {folder}')
        if time.monotonic() > deadline:
            raise ValueError(f'runs of the killed runner {holder} go on in {folder}: end them')
        if not told:
            told = True
            print(f'waiting for the runs of the killed runner {holder} to end', flush=True)
        time.sleep(0.2)
    file.seek(0)
    file.truncate()
    file.write(f'{os.getpid()}\n')
    file.flush()
    return file


def _try(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lives(pid: str) -> bool:
    return bool(pid) and Path('/proc', pid).exists()
