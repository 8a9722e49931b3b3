"""Mini-batches: drawn from the replay buffer, cropped, written where they are wanted."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from buffer_sampler.crop import check_crop, random_offsets
from buffer_sampler.replay import Replay
from ur5_rl_graph.data import ACTION_FEEDBACK, STACK, FramesAt, MiniBatch, Places


def past_transitions(share: float, batch_size: int) -> int:
    """Returns how many transitions of a mini-batch a share is: all or none only where it is 1 or 0.

    Raises:
        ValueError: a mini-batch of one transition is to be shared.
    """
    if not 0 < share < 1:
        return round(share) * batch_size
    if batch_size == 1:
        raise ValueError(
            f'replay_share is {share} and batch_size 1: one transition cannot be shared; '
            'set replay_share to 0 or 1, or a larger batch_size'
        )
    return min(max(1, round(share * batch_size)), batch_size - 1)


class MiniBatchSampler:
    """Draws mini-batches of one size and crop."""

    def __init__(
        self,
        replay: Replay,
        batch_size: int,
        crop_height: int,
        crop_width: int,
        rng: np.random.Generator,
        action_feedback: str = ACTION_FEEDBACK[0],
        past: Replay | None = None,
        past_share: float = 0.0,
        threads: int = 1,
    ) -> None:
        """Remembers what to draw.

        Args:
            replay: the buffer.
            batch_size: transitions in a mini-batch.
            crop_height: of the images [pixel].
            crop_width: of the images [pixel].
            rng: draws.
            action_feedback: which action of a step is handed out: 'executed' or 'requested'.
            past: what was experienced before the run, in frames of the same size; None = nothing.
            past_share: of a mini-batch that is drawn from `past` (`past_transitions`).
            threads: that copy images; numpy copies outside the interpreter's lock.

        Raises:
            ValueError: the crop is larger than the frames, those of `past` have another size, or a mini-batch
                of one transition is to be shared.
        """
        self._height, self._width, _ = replay.frames.shape
        check_crop(self._height, self._width, crop_height, crop_width)
        self._rng, self.batch_size = rng, batch_size
        own = batch_size - (past_transitions(past_share, batch_size) if past is not None else 0)
        parts = ((replay, slice(0, own)), (past, slice(own, batch_size)))
        self._parts = [
            (buffer, rows) for buffer, rows in parts if buffer is not None and rows.start < rows.stop
        ]
        self._folders = [str(buffer.folder.absolute()) for buffer, _ in self._parts]
        if past is not None and past.frames.shape != replay.frames.shape:
            raise ValueError(
                f'{past.folder} has frames of {past.frames.shape}, the run of {replay.frames.shape}'
            )
        self._crop = crop_height, crop_width
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._action = 'executed_action' if action_feedback == 'executed' else 'action'

    def sample_into(self, out: MiniBatch) -> None:
        """Fills a mini-batch in place, with images or the `Places` where they lie; the draws are the same.

        Transitions are uniform over each buffer; each of the 2B observations has a crop of its own, which its
        three frames share (thesis 2.2).
        """
        first = 0  # place of the buffer's first frame
        for buffer, rows in self._parts:
            self._fill(buffer, rows, out, first)
            first += buffer.frames.capacity

    @property
    def stores(self) -> tuple[FramesAt, ...]:
        """The frame stores in the order of their places, as they are now."""
        newest = (buffer.frames.newest for buffer, _ in self._parts)
        return tuple(map(FramesAt, self._folders, newest))

    def _fill(self, buffer: Replay, rows: slice, out: MiniBatch, first: int) -> None:
        """Fills some transitions of a mini-batch from one buffer."""
        count = rows.stop - rows.start
        records = buffer.records[buffer.draw(self._rng, count)]
        out.proprio[:, rows] = records['proprio'].swapaxes(0, 1)
        out.action[rows] = records[self._action]
        out.reward[rows] = records['reward']
        out.discount[rows] = records['terminated'] == 0
        slots = buffer.frames.slots(records['frames'].swapaxes(0, 1))
        offsets = random_offsets(self._rng, 2 * count, self._height, self._width, *self._crop)
        if isinstance(out.images, Places):
            out.images.frames[:, rows] = first + slots
            out.images.corners[:, rows] = offsets.reshape(2, count, 2)
            return
        for half, corners in enumerate(offsets.reshape(2, count, 2)):
            self._share_out(buffer, slots[half], corners, out.images[half, rows])

    def _share_out(self, buffer: Replay, slots: np.ndarray, offsets: np.ndarray, out: np.ndarray) -> None:
        """Calls `_copy`, in all threads."""
        if self._pool is None:
            self._copy(buffer, slots, offsets, out)
            return
        parts = (np.array_split(array, self._threads) for array in (slots, offsets, out))
        list(self._pool.map(partial(self._copy, buffer), *parts))

    def _copy(self, buffer: Replay, slots: np.ndarray, offsets: np.ndarray, out: np.ndarray) -> None:
        """Copies crops straight from the frame store to their place.

        An image is seen as rows of bytes, so that each row of a crop is one block to copy. The frames of an
        observation mostly stand side by side in the ring: then one assignment takes all three. On one core
        this runs at the speed of memory; one big fancy index over all rows took 1.5 to 3 times as long.

        Args:
            buffer: holds the frames.
            slots: (n, 3) places of the frames.
            offsets: (n, 2) upper left corners [pixel].
            out: (n, 3, h, w, 3) uint8, in one piece: it is written through another view.
        """
        height, width = self._crop[0], 3 * self._crop[1]
        rows = buffer.frames.pixels.reshape(-1, self._height, 3 * self._width)
        images = out.reshape(-1, STACK, height, width)
        in_a_row = (np.diff(slots, axis=1) == 1).all(1).tolist()
        corners = (offsets * (1, 3)).tolist()
        for image, places, together, (top, left) in zip(
            images, slots.tolist(), in_a_row, corners, strict=True
        ):
            down, across = slice(top, top + height), slice(left, left + width)
            if together:
                image[...] = rows[places[0] : places[0] + STACK, down, across]
            else:
                for frame, place in zip(image, places, strict=True):
                    frame[...] = rows[place, down, across]
