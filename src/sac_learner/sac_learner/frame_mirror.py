"""The frames of a sampler's stores, copied once to the learner's device, and mini-batches cropped there."""

import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from io import FileIO
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from buffer_sampler.frame_store import INDEX, INDEX_FILE, PIXELS_FILE
from buffer_sampler.named_file import open_named
from sac_learner import cuda_kernels
from ur5_rl_graph.data import FramesAt, Places
from ur5_rl_graph.free_memory import available_memory

CHUNK_BYTES = 64 * 2**20
"""Read at a time, through memory that a GPU can fetch from [byte]."""
FREE_SHARE = 0.8
"""Of the device's free memory that frames may take; the rest is for what comes later."""


class MirrorError(OSError):
    """The frames cannot be had here; ask for the images."""


class PlacedImages:
    """Images of a mini-batch that are still to be cropped out of the frames on the device.

    Attributes:
        shape: (2, B, 3, h, w, 3), as of the images.
    """

    is_cuda = False  # until they are gathered

    def __init__(self, frames: Tensor, places: Places, crop: tuple[int, int]) -> None:
        """Takes frames (n, H, W, 3) on the device, places in them, and the size of the crops."""
        self._frames = frames
        self._places = Places(*(np.array(part) for part in places))  # the slot may go
        self.shape = torch.Size((*places.frames.shape, *crop, 3))

    def gather(self) -> Tensor:
        """The images, uint8 on the device, cropped in the present stream; waits until they are."""
        places, corners = (torch.as_tensor(part).to(self._frames.device) for part in self._places)
        crop = self.shape[3], self.shape[4]
        if not self._frames.is_cuda:
            return _crops(self._frames, places, corners, crop)
        crops = cuda_kernels.crops if cuda_kernels.usable() else _crops
        images = crops(self._frames, places, corners, crop)
        torch.cuda.current_stream().synchronize()  # new frames may take the places of these
        return images


def _crops(frames: Tensor, places: Tensor, corners: Tensor, crop: tuple[int, int]) -> Tensor:
    """What `cuda_kernels.crops` does, on any device."""
    _, full_height, full_width, colours = frames.shape
    height, run, row = crop[0], crop[1] * colours, full_width * colours
    sizes = (len(frames), full_height - height + 1, full_width - crop[1] + 1, height, run)
    windows = frames.as_strided(sizes, (full_height * row, row, colours, row, 1))
    top, left = corners.unsqueeze(2).unbind(-1)  # one for the three frames of an observation
    return windows[places, top, left].view(*places.shape, *crop, colours)


class FrameMirror:
    """Follows the frame stores of one sampler; another one's are read anew.

    A frame of the ring is the one that its index entry names after it was read, since the entry is cleared
    before other pixels come: what was overwritten meanwhile is known, and no mini-batch is made of it.
    """

    def __init__(self, device: torch.device, goes_on: Callable[[], object] = lambda: None) -> None:
        """Starts without frames.

        Args:
            device: where they are kept.
            goes_on: called after each chunk that was copied: a full ring takes minutes on a slow disk.
        """
        self._device, self._goes_on = device, goes_on
        self._sampler_id: int | None = None
        self._rings: list[_Ring] = []
        self._frames = torch.empty(0)
        self._whole = np.zeros(0, bool)
        on_cuda = device.type == 'cuda'
        # Frames are copied beside the updates, which have a stream of their own.
        self._beside = torch.cuda.stream(torch.cuda.Stream(device)) if on_cuda else nullcontext()

    def images(
        self,
        sampler_id: int,
        stores: Sequence[FramesAt],
        frame_shape: tuple[int, int],
        places: Places,
        crop: tuple[int, int],
    ) -> PlacedImages:
        """Copies what is new in the stores, then returns the images at `places`.

        Args:
            sampler_id: whose stores they are.
            stores: in the order of the places.
            frame_shape: height and width of a frame [pixel].
            places: where the images lie.
            crop: height and width of the images [pixel].

        Raises:
            MirrorError: the stores cannot be read here, or are too large for the device.
            ValueError: frames of this mini-batch have been overwritten, or it names none of the stores.
        """
        if sampler_id != self._sampler_id:
            self._open(sampler_id, stores, frame_shape)
        self._check(places, frame_shape, crop)
        try:
            with self._beside:
                for ring, store in zip(self._rings, stores, strict=True):
                    ring.follow(store.newest, self._frames, self._whole, self._goes_on)
        except OSError as error:
            self._close()
            raise MirrorError(
                f'{error.filename or stores[0].folder} cannot be read ({error.strerror})'
            ) from None
        if not self._whole[places.frames].all():
            raise ValueError('frames of it were overwritten before the learner could copy them')
        return PlacedImages(self._frames, places, crop)

    def _open(self, sampler_id: int, stores: Sequence[FramesAt], frame_shape: tuple[int, int]) -> None:
        self._close()
        try:
            for store in stores:
                first = sum(ring.capacity for ring in self._rings)
                self._rings.append(_Ring(store.folder, frame_shape, first, self._device))
        except MirrorError:
            raise
        except OSError as error:
            raise MirrorError(f'{error.filename} cannot be opened ({error.strerror})') from None
        frames = sum(ring.capacity for ring in self._rings)
        needed, free = frames * int(np.prod(frame_shape)) * 3, _free_bytes(self._device)
        if needed > FREE_SHARE * free:
            raise MirrorError(
                f'{frames} frames need {needed / 1e9:.1f} GB, {self._device} has {free / 1e9:.1f} GB free'
            )
        self._frames = torch.empty(frames, *frame_shape, 3, dtype=torch.uint8, device=self._device)
        self._whole = np.zeros(frames, bool)
        self._sampler_id = sampler_id

    def _close(self) -> None:
        if on_cuda := self._frames.is_cuda:
            torch.cuda.synchronize(self._device)  # nothing reads them any more
        for ring in self._rings:
            ring.close()
        self._frames, self._sampler_id, self._rings = torch.empty(0), None, []
        if on_cuda:
            torch.cuda.empty_cache()  # else torch keeps their memory, which then does not count as free

    def _check(self, places: Places, frame_shape: tuple[int, int], crop: tuple[int, int]) -> None:
        """Nothing may be read on the device that is not there."""
        if places.frames.min() < 0 or places.frames.max() >= len(self._frames):
            raise ValueError(f'it names a frame beyond the {len(self._frames)} of the stores')
        room = np.subtract(frame_shape, crop)
        if tuple(frame_shape) != self._frames.shape[1:3] or min(crop) < 1:
            raise ValueError(
                f'it names crops of {crop} in frames of {tuple(frame_shape)}; '
                f'those of the stores are of {tuple(self._frames.shape[1:3])}'
            )
        if places.corners.min() < 0 or (places.corners > room).any():
            raise ValueError(f'it names a crop of {crop} that leaves the frames of {tuple(frame_shape)}')


class _Ring:
    """One frame store, as far as it has been copied."""

    def __init__(self, folder: str, frame_shape: tuple[int, int], first: int, device: torch.device) -> None:
        """Opens the store's files; its frames go to the device from place `first` on."""
        self._pixels, self._index = (open_named(Path(folder) / name) for name in (PIXELS_FILE, INDEX_FILE))
        self._frame_bytes = int(np.prod(frame_shape)) * 3
        self.capacity = os.fstat(self._index.fileno()).st_size // INDEX.itemsize
        size, wanted = os.fstat(self._pixels.fileno()).st_size, self.capacity * self._frame_bytes
        if size != wanted or not size:
            what = f'{self.capacity} frames of {frame_shape}'
            raise MirrorError(f'{self._pixels.name} has {size} bytes, {what} have {wanted}')
        self._first, self._copied = first, 0
        count = max(1, min(self.capacity, CHUNK_BYTES // self._frame_bytes))
        pinned = device.type == 'cuda'
        self._staging = torch.empty(count, *frame_shape, 3, dtype=torch.uint8, pin_memory=pinned)

    def close(self) -> None:
        """Closes the files."""
        self._pixels.close()
        self._index.close()

    def follow(self, newest: int, frames: Tensor, whole: np.ndarray, goes_on: Callable[[], object]) -> None:
        """Copies the frames up to number `newest` that have not been copied, oldest first.

        Raises:
            ValueError: that frame is not there.
            OSError: the files cannot be read.
        """
        if newest > self._copied and int(self._entries(newest % self.capacity, 1)['seq'][0]) < newest:
            raise ValueError(f'it names frame {newest} as the newest of {self._pixels.name}, which lacks it')
        number = max(self._copied, newest - self.capacity) + 1
        while number <= newest:
            slot = number % self.capacity
            count = min(newest - number + 1, self.capacity - slot, len(self._staging))
            self._copy(number, slot, count, frames, whole)
            goes_on()
            number += count
        self._copied = max(self._copied, newest)

    def _copy(self, number: int, slot: int, count: int, frames: Tensor, whole: np.ndarray) -> None:
        staging = self._staging[:count]
        _read(self._pixels, slot * self._frame_bytes, staging.numpy())
        entries = self._entries(slot, count)
        to = slice(self._first + slot, self._first + slot + count)
        whole[to] = entries['seq'] == np.arange(number, number + count)
        frames[to].copy_(staging)

    def _entries(self, slot: int, count: int) -> np.ndarray:
        entries = np.zeros(count, INDEX)
        _read(self._index, slot * INDEX.itemsize, entries.view(np.uint8))
        return entries


def _read(file: FileIO, start: int, out: np.ndarray) -> None:
    left = out.data.cast('B')
    while left:
        count = os.preadv(file.fileno(), [left], start)
        if not count:
            raise OSError(0, 'it ends early', file.name)
        left, start = left[count:], start + count


def _free_bytes(device: torch.device) -> float:
    return torch.cuda.mem_get_info(device)[0] if device.type == 'cuda' else available_memory()
