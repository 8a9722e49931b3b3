"""Camera frames on disk, each stored once: a ring of pixels and an index of who stands where."""

import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from buffer_sampler.mapped_file import MappedFile, checksums, intact

INDEX = np.dtype([('frame_id', '<i8'), ('seq', '<i8'), ('pixels', '<u4'), ('checksum', '<u4')])
"""An entry for each slot of the ring: capture time [ns] of the frame, its number, CRC-32 of its pixels."""

PIXELS_FILE, INDEX_FILE = 'frames.bin', 'frame_index.bin'

TAIL = 128
"""Pixels are checked on opening from either end until so many frames in a row are whole: 5 s at 25 Hz.

The newest may not have reached the disk when a machine stopped, and the disk may have been further behind
than that. The oldest are those that were to be overwritten: new pixels may have reached it, and the cleared
entry not.
"""


class FrameStore:
    """The newest `capacity` frames. Frame number n (from 1) stands in slot n modulo capacity.

    Attributes:
        pixels: (capacity, H, W, 3) uint8, the ring.
        newest: number of the newest frame, 0 = none.
        cut: frames that were damaged when the store was opened.
        duplicates: frames that came although they were there.
        renamed: frames that came under the capture time of another, since a clock was set back.
    """

    def __init__(self, folder: Path, capacity: int, height: int, width: int) -> None:
        """Opens or makes `frames.bin` and `frame_index.bin` in the folder.

        Raises:
            OSError: the disk has no room for the index; one line.
        """
        self.capacity, self.shape = capacity, (height, width, 3)
        self.frame_bytes = height * width * 3
        self._files = (
            MappedFile(folder / PIXELS_FILE, capacity * self.frame_bytes),
            MappedFile(folder / INDEX_FILE, capacity * INDEX.itemsize),
        )
        self.pixels = self._files[0].bytes.reshape(capacity, *self.shape)
        self._index = self._files[1].bytes.view(INDEX)
        self.duplicates = self.renamed = 0
        self._files[1].reserve(capacity * INDEX.itemsize)
        self._restore()

    def _restore(self) -> None:
        """Reads the index; of the pixels it reads both ends only, as far as they may be damaged."""
        written = np.flatnonzero(self._index['seq'])
        good = intact(self._index)
        good = good[np.argsort(self._index['seq'][good])]
        end = self.capacity * self.frame_bytes - self._files[0].missing
        whole = (good + 1) * self.frame_bytes <= end
        looked_at = ~whole  # beyond the end of a truncated file
        for ages in (range(len(good)), reversed(range(len(good)))):
            self._check_end(good, ages, whole, looked_at)
        good = good[whole]
        damaged = np.setdiff1d(written, good)
        self._erase(damaged)
        self.cut = len(damaged)
        self.newest = int(self._index['seq'][good[-1]]) if len(good) else 0
        live = good[self._index['seq'][good] > self.newest - self.capacity]
        entries = self._index[live]
        self._number = dict(zip(entries['frame_id'].tolist(), entries['seq'].tolist(), strict=True))

    def _check_end(
        self, slots: np.ndarray, ages: Iterable[int], whole: np.ndarray, looked_at: np.ndarray
    ) -> None:
        """Says in `whole` which frames of an end have other pixels than their entry vouches for."""
        in_a_row = 0
        for age in ages:
            slot = slots[age]
            if not looked_at[age]:
                whole[age] = zlib.crc32(self.pixels[slot]) == self._index['pixels'][slot]
                looked_at[age] = True
            in_a_row = in_a_row + 1 if whole[age] else 0
            if in_a_row == TAIL:
                return

    def __len__(self) -> int:
        """Number of frames stored that their capture time still names."""
        return len(self._number)

    @property
    def oldest(self) -> int:
        """The smallest frame number that has not been overwritten."""
        return max(1, self.newest - self.capacity + 1)

    def number_of(self, frame_id: int) -> int | None:
        """Returns the number of a frame, None if it never came or was overwritten."""
        return self._number.get(frame_id)

    def slots(self, numbers: np.ndarray) -> np.ndarray:
        """Returns the slots in `pixels` of frame numbers."""
        return numbers % self.capacity

    def has(self, numbers: np.ndarray) -> np.ndarray:
        """Returns whether the frames of these numbers are stored, same shape as `numbers`."""
        return (numbers > 0) & (self._index['seq'][self.slots(numbers)] == numbers)

    def add(self, frame_id: int, pixels: np.ndarray) -> None:
        """Stores a frame in place of the oldest; one that is stored already is left alone.

        Another picture under the same capture time is another frame: from now on the time names that one.
        Transitions name their frames by number and keep theirs.

        The index entry is cleared first and written last: a process killed in between leaves no entry that
        vouches for half a frame.

        Args:
            frame_id: capture time [ns].
            pixels: (H, W, 3) uint8.

        Raises:
            OSError: it cannot be written. Nothing was stored, and the oldest may be gone.
        """
        pixels = np.ascontiguousarray(pixels, np.uint8)
        known = self._number.get(frame_id)
        if known is not None:
            if np.array_equal(self.pixels[known % self.capacity], pixels):
                self.duplicates += 1
                return
            self.renamed += 1
        number = self.newest + 1
        slot = number % self.capacity
        old = self._index[slot].copy()
        self._erase([slot])
        if old['seq'] and self._number.get(int(old['frame_id'])) == old['seq']:
            del self._number[int(old['frame_id'])]
        entry = np.array([(frame_id, number, zlib.crc32(pixels.data), 0)], INDEX)
        entry['checksum'] = checksums(entry)
        try:
            self._files[0].write(slot * self.frame_bytes, pixels)
            self._files[1].write(slot * INDEX.itemsize, entry)
        except OSError:
            if old['seq']:
                self.newest = number  # it stands for no frame: who needs the one that was here must know
            raise
        self._number[frame_id] = number
        self.newest = number

    def _erase(self, slots: Iterable[int]) -> None:
        for slot in slots:
            self._files[1].write(int(slot) * INDEX.itemsize, np.zeros(1, INDEX))

    def reserve(self, frames: int) -> None:
        """Has the disk provide room for so many frames, from the first on.

        Raises:
            OSError: it has none.
        """
        for file, size in zip(self._files, (self.frame_bytes, INDEX.itemsize), strict=True):
            file.reserve((frames + 1) * size)  # the first stands in slot 1

    def sync(self) -> None:
        """Waits until the disk has everything, pixels before index."""
        for file in self._files:
            file.sync()

    def close(self) -> None:
        """Closes the files."""
        for file in self._files:
            file.close()
