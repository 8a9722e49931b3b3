"""Mini-batches in shared memory: a few slots that a sampler fills and a learner reads where they are.

The memory has no name in the file system: the learner opens it through /proc/<pid>/fd/<fd> of the sampler
and knows by a random token that it is the right one. It is gone when both processes are.
"""

import mmap
import os
import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from buffer_sampler.named_file import open_named
from ur5_rl_graph.data import JOINTS, PROPRIO, STACK, MiniBatch, Places

PAGE = 4096


class SharedMemoryError(OSError, ValueError):
    """The memory that a message names cannot be read here; ask for the data in full."""


def batch_bytes(batch_size: int, height: int, width: int) -> int:
    """Returns the size of a mini-batch [byte]."""
    floats = batch_size * (2 * PROPRIO + JOINTS + 2)
    return 4 * floats + 2 * batch_size * STACK * height * width * 3


def batch_views(buffer: Any, offset: int, batch_size: int, height: int, width: int) -> MiniBatch:
    """Returns the arrays of a mini-batch that lies in `buffer` at `offset` [byte], without a copy.

    The layout is that of MiniBatch.msg: the float32 arrays first, so that they are aligned, the images last.

    Raises:
        ValueError: the buffer is too small.
    """
    needed = offset + batch_bytes(batch_size, height, width)
    if len(buffer) < needed:
        raise ValueError(
            f'the mini-batch has {len(buffer)} bytes; {batch_size} transitions of '
            f'{width}x{height} pixels need {needed}'
        )
    floats, offset = _float_views(buffer, offset, batch_size)
    images: np.ndarray = np.ndarray((2, batch_size, STACK, height, width, 3), np.uint8, buffer, offset)
    return MiniBatch(images, *floats)


def place_views(buffer: Any, offset: int, batch_size: int) -> MiniBatch:
    """As `batch_views`, of a mini-batch that says where its images lie. It is the smaller one.

    Raises:
        ValueError: the buffer is too small.
    """
    needed = offset + 4 * batch_size * (2 * PROPRIO + JOINTS + 2 + 2 * STACK + 4)
    if len(buffer) < needed:
        raise ValueError(
            f'the mini-batch has {len(buffer)} bytes; {batch_size} named transitions need {needed}'
        )
    floats, offset = _float_views(buffer, offset, batch_size)
    frames: np.ndarray = np.ndarray((2, batch_size, STACK), np.int32, buffer, offset)
    corners: np.ndarray = np.ndarray((2, batch_size, 2), np.int32, buffer, offset + frames.nbytes)
    return MiniBatch(Places(frames, corners), *floats)


def _float_views(buffer: Any, offset: int, batch_size: int) -> tuple[list[np.ndarray], int]:
    """Returns all arrays but the images, and where those begin."""
    shapes = ((2, batch_size, PROPRIO), (batch_size, JOINTS), (batch_size,), (batch_size,))
    arrays: list[np.ndarray] = []
    for shape in shapes:
        arrays.append(np.ndarray(shape, np.float32, buffer, offset))
        offset += arrays[-1].nbytes
    return arrays, offset


class Slot(NamedTuple):
    """One place for a mini-batch."""

    index: int  # type: ignore[assignment]  # for the method of tuples that it hides
    offset: int  # in the memory [byte]
    views: MiniBatch  # writable, images
    places: MiniBatch  # the same memory, where the images lie


class SlotPool:
    """The sampler's side. A slot is free, or being filled, or handed out until the learner is done with it.

    Attributes:
        path: opens the memory from any process of the same user on this host.
        token: 8 random bytes at the start of the memory.
    """

    def __init__(self, count: int, batch_size: int, height: int, width: int) -> None:
        """Makes the memory. The sizes are those of the mini-batch (height and width after cropping)."""
        size = -(-batch_bytes(batch_size, height, width) // PAGE) * PAGE
        self._fd = os.memfd_create('mini_batches', os.MFD_CLOEXEC)
        os.ftruncate(self._fd, PAGE + count * size)
        # Populated at once: touching 8,000 new pages would cost the first mini-batches 100 ms.
        self._memory = mmap.mmap(self._fd, PAGE + count * size, mmap.MAP_SHARED | mmap.MAP_POPULATE)
        self.path = f'/proc/{os.getpid()}/fd/{self._fd}'
        self.token = secrets.randbits(64)
        self._memory[:8] = self.token.to_bytes(8, 'little')
        offsets = [PAGE + index * size for index in range(count)]
        self._slots = [
            Slot(
                index,
                offset,
                batch_views(self._memory, offset, batch_size, height, width),
                place_views(self._memory, offset, batch_size),
            )
            for index, offset in enumerate(offsets)
        ]
        self._size = batch_bytes(batch_size, height, width)
        self._free = list(range(count))
        self._out: dict[int, int] = {}  # batch id -> slot

    @property
    def handed_out(self) -> int:
        """Mini-batches that the learner has not finished with."""
        return len(self._out)

    @property
    def has_free(self) -> bool:
        """Whether `take` can be called."""
        return bool(self._free)

    def take(self) -> Slot:
        """Returns a free slot to fill."""
        return self._slots[self._free.pop(0)]

    def hand_out(self, slot: Slot, batch_id: int) -> None:
        """From now on the slot is the learner's. Batch ids grow."""
        self._out[batch_id] = slot.index

    def done(self, batch_id: int) -> None:
        """The learner has finished with this mini-batch and, since it works in order, with all before it.

        The word on an earlier one may be lost: the topic keeps the last only.
        """
        for earlier in [number for number in self._out if number <= batch_id]:
            self._free.append(self._out.pop(earlier))

    def reclaim(self) -> None:
        """Takes back every slot: their reader is dead and another has come."""
        self.done(max(self._out, default=0))

    def data(self, slot: Slot) -> np.ndarray:
        """Returns the (n,) uint8 bytes of a slot, for a learner that cannot open the memory."""
        return np.frombuffer(self._memory, np.uint8, self._size, slot.offset)

    def close(self) -> None:
        """Gives up the memory; a reader keeps its mapping as long as it wants."""
        os.close(self._fd)


class SlotReader:
    """The learner's side.

    Attributes:
        memory: the mapping, read-only.
    """

    def __init__(self, path: str, token: int) -> None:
        """Opens the memory.

        Raises:
            SharedMemoryError: it cannot be opened, or it is another one: another host, another life of the
                process.
        """
        try:
            file = open_named(path)
        except OSError as error:
            raise SharedMemoryError(f'shared memory {path} cannot be opened ({error.strerror})') from None
        with file:
            if os.fstat(file.fileno()).st_size < PAGE:
                raise SharedMemoryError(f'{path} is no shared memory of a sampler')
            self.memory = mmap.mmap(file.fileno(), 0, mmap.MAP_SHARED | mmap.MAP_POPULATE, mmap.PROT_READ)
        found = int.from_bytes(self.memory[:8], 'little')
        if found != token:
            raise SharedMemoryError(f'shared memory {path} has token {found:#x}, expected is {token:#x}')

    def views(self, offset: int, batch_size: int, height: int, width: int) -> MiniBatch:
        """Returns the arrays of the slot at `offset`, read-only, valid until the learner says done.

        Raises:
            ValueError: the slot does not lie in the memory.
        """
        return batch_views(self.memory, offset, batch_size, height, width)

    def places(self, offset: int, batch_size: int, height: int, width: int) -> MiniBatch:
        """As `views`, of a slot that says where the images lie."""
        batch_views(self.memory, offset, batch_size, height, width)  # it lies in the memory as a whole
        return place_views(self.memory, offset, batch_size)


class MiniBatchReader:
    """Reads mini-batch messages of either kind; opens a sampler's memory once."""

    def __init__(self, opened: Callable[[mmap.mmap], None] = lambda memory: None) -> None:
        """Starts without a memory.

        Args:
            opened: called with each memory before anything is read there.
        """
        self._token: int | None = None
        self._slots: SlotReader | None = None
        self._opened = opened

    def read(self, message: Any) -> MiniBatch:
        """Returns the arrays of a MiniBatch message without copying them; images or `Places` of them.

        Raises:
            SharedMemoryError (an OSError): the memory cannot be read here; ask for the data in full.
            ValueError: the message does not hold what it announces.
        """
        shape = message.batch_size, message.height, message.width
        if not message.memory:
            return batch_views(message.data, 0, *shape)
        if self._slots is None or message.memory_token != self._token:
            self._slots = SlotReader(message.memory, message.memory_token)
            self._opened(self._slots.memory)
            self._token = message.memory_token
        read = self._slots.places if message.frame_folders else self._slots.views
        return read(message.offset, *shape)
