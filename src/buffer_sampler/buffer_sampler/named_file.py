"""A file that a message names: on another host, or when its sender has ended, the path may mean anything."""

import errno
import os
import stat
from io import FileIO


def open_named(path: str | os.PathLike) -> FileIO:
    """Opens it for reading, unbuffered; a pipe or a device that has its name is not waited for.

    Raises:
        OSError: it cannot be opened, or is no regular file; with its name and the reason.
    """
    file = open(path, 'rb', buffering=0, opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, 'it is no regular file', os.fspath(path))
    return file
