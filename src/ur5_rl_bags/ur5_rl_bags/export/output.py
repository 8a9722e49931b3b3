"""A folder that is there as a whole or not at all."""

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Yields a folder to write into, which becomes `folder` when all of it is on the disk.

    Until then its name ends in .part; after an error or Ctrl-C it is gone. SIGTERM is as Ctrl-C meanwhile.

    Raises:
        ValueError: there is something already; one line.
        KeyboardInterrupt: Ctrl-C or SIGTERM.
        OSError: it cannot be written.
    """
    folder = folder.absolute()
    if os.path.lexists(folder):
        raise ValueError(f'output is {folder}, which is there already: give a folder that is not')
    part = folder.with_name(folder.name + '.part')
    try:
        part.mkdir(parents=True)
    except FileExistsError:
        raise ValueError(f'{part} is left of an export that was killed, or one goes on: remove it') from None
    on_sigterm = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield part
        _flush(part)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    finally:
        signal.signal(signal.SIGTERM, on_sigterm)


def _flush(folder: Path) -> None:
    """Waits until the disk has all of it: after a power cut a name would stand for less otherwise."""
    for place, _, names in os.walk(folder):
        for path in (*(os.path.join(place, name) for name in names), place):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
