"""A folder that is there as a whole or not at all."""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ur5_rl_graph.whole_file import PART


@contextlib.contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Yields a folder to write into, which becomes `folder` when all of it is on the disk.

    Until then its name ends in .part; after an error or Ctrl-C it is gone.

    Raises:
        ValueError: there is something already; one line.
        OSError: it cannot be written; on a full disk one line with the folder, whatever the writer said.
    """
    folder = folder.absolute()
    if os.path.lexists(folder):
        raise ValueError(f'output is {folder}, which is there already: give a folder that is not')
    part = folder.with_name(folder.name + PART)
    try:
        part.mkdir(parents=True)
    except FileExistsError:
        raise ValueError(f'{part} is left of a command that was killed, or one goes on: remove it') from None
    try:
        yield part
        _flush(part)
        part.rename(folder)
    except BaseException as error:
        shutil.rmtree(part, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OSError(
                f'{folder} cannot be written ({os.strerror(error.errno)}): free some disk space, or output:= '
                'elsewhere'
            ) from None
        raise


def _flush(folder: Path) -> None:
    """Waits until the disk has all of it: after a power cut a name would stand for less otherwise."""
    for place, _, names in os.walk(folder):
        for path in (*(os.path.join(place, name) for name in names), place):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
