"""A file of fixed size, read through memory, written by calls that can fail."""

import mmap
import os
import zlib
from pathlib import Path

import numpy as np


class MappedFile:
    """Bytes of a file as an array to read. The file is sparse: untouched parts take no room on the disk.

    Nothing is written through the mapping: where a disk is full, gone or read-only, that would kill the
    process (SIGBUS). Neither is anything read that was not written or reserved before: a file system in
    memory takes room for that, too. What `write` has written is in `bytes` at once, survives the death of the
    process, and that of the machine after `sync`.
    """

    def __init__(self, path: Path, size: int) -> None:
        """Opens the file or makes it; one that is too short is extended by zeros (see `missing`)."""
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self.missing = size - os.fstat(self._fd).st_size  # bytes that an earlier process, if any, had
        os.ftruncate(self._fd, size)
        self.bytes = np.frombuffer(mmap.mmap(self._fd, size, prot=mmap.PROT_READ), np.uint8)

    def reserve(self, size: int) -> None:
        """Has the disk provide room for the first `size` bytes.

        Raises:
            OSError: it has none; one line with the path and the remedy.
        """
        size = min(size, len(self.bytes))
        try:
            os.posix_fallocate(self._fd, 0, size)
        except OSError as error:
            raise OSError(
                error.errno,
                f'{self.path} has no room for its first {size / 1e6:.1f} MB ({error.strerror}); free some '
                'disk space or choose another output folder',
            ) from None

    def write(self, start: int, data: np.ndarray) -> None:
        """Writes an array from byte `start` on.

        Raises:
            OSError: the disk is full, gone or read-only; a part may be written.
        """
        left = np.ascontiguousarray(data).view(np.uint8).data.cast('B')
        try:
            while left:
                written = os.pwrite(self._fd, left, start)
                left, start = left[written:], start + written
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from None

    def sync(self) -> None:
        """Waits until the disk has everything. May be called from another thread.

        Raises:
            OSError: the disk could not take it.
        """
        try:
            os.fdatasync(self._fd)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from None

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
