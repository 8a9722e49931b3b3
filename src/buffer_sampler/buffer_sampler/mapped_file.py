"""A file of fixed size, mapped into memory, whose blocks the disk provides as they are needed."""

import mmap
import os
import zlib
from pathlib import Path

import numpy as np

CHUNK = 16 << 20
"""Disk blocks are claimed in steps of this many bytes, before anything is written to them."""


class MappedFile:
    """Bytes of a file as a writable array. The file is sparse: untouched parts take no room on the disk.

    What was written to `bytes` survives the death of the process at once, and that of the machine after
    `sync`.
    """

    def __init__(self, path: Path, size: int) -> None:
        """Opens the file or makes it; one that is too short is extended by zeros (see `missing`)."""
        self._path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        found = os.fstat(self._fd).st_size
        self.missing = (
            size - found if found else 0
        )  # bytes [byte] that an earlier process had and we have not
        os.ftruncate(self._fd, size)
        self.bytes = np.frombuffer(mmap.mmap(self._fd, size), np.uint8)
        self._claimed: set[int] = set()

    def claim(self, start: int, end: int) -> None:
        """Makes sure that the disk has room for bytes start to end.

        Without this a full disk would kill the process at the first write (SIGBUS).

        Raises:
            OSError: the disk is full.
        """
        for chunk in range(start // CHUNK, (end - 1) // CHUNK + 1):
            if chunk in self._claimed:
                continue
            length = min(CHUNK, len(self.bytes) - chunk * CHUNK)
            try:
                os.posix_fallocate(self._fd, chunk * CHUNK, length)
            except OSError as error:
                raise OSError(
                    error.errno,
                    f'{self._path} cannot grow by {length} bytes ({error.strerror}); '
                    'free some disk space or set a smaller capacity',
                ) from None
            self._claimed.add(chunk)

    def sync(self) -> None:
        """Waits until the disk has everything. May be called from another thread."""
        os.fdatasync(self._fd)

    def close(self) -> None:
        """Closes the file; the array stays valid as long as somebody holds it."""
        os.close(self._fd)


def checksums(records: np.ndarray) -> np.ndarray:
    """Returns the CRC-32 of each record of a structured (n,) array without its last field, `checksum`."""
    rows = records.view(np.uint8).reshape(len(records), records.itemsize)[
        :, : records.dtype.fields['checksum'][1]
    ]
    return np.fromiter((zlib.crc32(row) for row in rows), np.uint32, len(records))


def intact(records: np.ndarray) -> np.ndarray:
    """Returns the positions in the (n,) array of records that were written and are undamaged.

    A record is numbered from 1 by its field `seq` and stands at position seq modulo n.
    """
    written = np.flatnonzero(records['seq'])
    found = records[written]
    good = (found['seq'] % len(records) == written) & (found['checksum'] == checksums(found))
    return written[good]
