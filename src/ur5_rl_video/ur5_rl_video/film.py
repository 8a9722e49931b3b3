"""An MP4 and a small animated picture, written frame by frame; both files are there whole, or not at all."""

import contextlib
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple, cast

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from ur5_rl_graph.whole_file import PART

SMALL_WIDTH = 640
"""Of the animated picture [pixel]; its height follows."""
SMALL_RATE = 12.5
"""Its frames a second at most."""


class _Kind(NamedTuple):
    """How a file is encoded."""

    ending: str
    codec: str
    pixels: str
    codec_options: dict[str, str]
    file_options: dict[str, str]


# One thread: the bytes do not depend on the number of cores.
_H264 = {'crf': '20', 'preset': 'veryfast', 'threads': '1'}
_MP4 = _Kind('mp4', 'libx264', 'yuv420p', _H264, {'movflags': 'faststart'})
_WEBP = _Kind('webp', 'libwebp_anim', 'yuva420p', {'quality': '70', 'compression_level': '4'}, {'loop': '0'})


class Film:
    """A film in `<base>.mp4` (H.264, yuv420p) and `<base>.webp` (for ever again, in the same time)."""

    def __init__(self, base: Path, size: tuple[int, int], rate: float) -> None:
        """Begins both files, each beside where it will be.

        Args:
            base: path without an ending.
            size: width and height of the frames, even [pixel].
            rate: frames a second, as in real time.

        Raises:
            ValueError: a file of that name is there already.
            OSError: the encoder cannot begin.
        """
        self.paths = tuple(base.with_name(f'{base.name}.{kind.ending}') for kind in (_MP4, _WEBP))
        for path in self.paths:
            if path.exists():
                raise ValueError(f'{path} is there already; remove it, or give another output:=NAME')
        self._every = max(1, math.ceil(rate / SMALL_RATE - 1e-6))
        self._small = SMALL_WIDTH, SMALL_WIDTH * size[1] // size[0] // 2 * 2
        self._frames = 0
        exact = Fraction(rate).limit_denominator(1000)
        self._parts = [path.with_name(path.name + PART) for path in self.paths]
        self._files = [
            _File(self._parts[0], _MP4, size, exact),
            _File(self._parts[1], _WEBP, self._small, exact / self._every),
        ]

    def add(self, frame: np.ndarray) -> None:
        """Adds a frame, (height, width, 3) uint8 BGR.

        Raises:
            OSError: it cannot be written.
        """
        self._files[0].add(frame)
        if self._frames % self._every == 0:
            self._files[1].add(cv2.resize(frame, self._small, interpolation=cv2.INTER_AREA))
        self._frames += 1

    def finish(self) -> None:
        """Completes both files and puts them where they belong.

        Raises:
            OSError: they cannot be written.
        """
        for file in self._files:
            file.close()
        for part, path in zip(self._parts, self.paths, strict=True):
            part.replace(path)

    def discard(self) -> None:
        """Removes what was written; of no effect after `finish`."""
        for file in self._files:
            with contextlib.suppress(OSError):
                file.close()
        for part in self._parts:
            part.unlink(missing_ok=True)


class _File:
    """One file of one stream."""

    def __init__(self, path: Path, kind: _Kind, size: tuple[int, int], rate: Fraction) -> None:
        """Begins it; nothing is on the disk before the first frame."""
        self._path, self._pixels, self._closed = path, kind.pixels, False
        with self._told():
            self._container = av.open(str(path), 'w', format=kind.ending, options=kind.file_options)
            stream = self._container.add_stream(kind.codec, rate=rate, options=kind.codec_options)
            self._stream = cast(VideoStream, stream)
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = kind.pixels
        context = self._stream.codec_context
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries = context.color_trc = 1  # ITU-R BT.709, which players take a large film for

    def add(self, frame: np.ndarray) -> None:
        with self._told():
            picture = av.VideoFrame.from_ndarray(frame, format='bgr24')
            picture = picture.reformat(format=self._pixels, dst_colorspace=Colorspace.ITU709)
            self._container.mux(self._stream.encode(picture))

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with self._told():
            try:
                self._container.mux(self._stream.encode())
            finally:
                self._container.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Has a failure of the encoder name the file."""
        try:
            yield
        except (av.FFmpegError, OSError) as error:
            raise OSError(f'{self._path} cannot be written ({error.strerror or error})') from None
