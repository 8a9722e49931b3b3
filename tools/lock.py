"""One set-up at a time: a lock that the kernel drops when its holder ends, however it ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Holds the lock file; says so once if another process has it, and waits for that one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, 'a+', encoding='utf-8') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            print(
                f'another set-up is at work here (process {file.read().strip()}); waiting for it', flush=True
            )
            fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        file.truncate()
        file.write(f'{os.getpid()}\n')
        file.flush()
        yield
