"""The replay buffer: transitions on disk that name their frames (thesis 4.4)."""

import fcntl
import json
import math
import os
import shutil
from pathlib import Path

import numpy as np

from buffer_sampler.frame_store import INDEX, FrameStore
from buffer_sampler.mapped_file import MappedFile, checksums, intact
from ur5_rl_graph.data import JOINTS, PROPRIO, STACK, Transition
from ur5_rl_graph.whole_file import write_text

SHAPE_FILE = 'replay.json'
VERSION = 2
"""Of the layout of the files: 2 since both the requested and the executed action are kept."""
RECORD = np.dtype(
    [
        ('seq', '<i8'),  # counts stored transitions from 1
        ('total_steps', '<u4'),  # transitions received so far, lost ones included
        ('environment_steps', '<u4'),  # the environment's count up to k+1; 0 = written before it was kept
        ('frames', '<i8', (2, STACK)),  # numbers in the frame store: observation k, k+1; oldest first
        ('episode', '<i8'),
        ('stamp_ns', '<i8'),  # of observation k+1
        ('proprio', '<f4', (2, PROPRIO)),
        ('action', '<f4', (JOINTS,)),  # asked for
        ('executed_action', '<f4', (JOINTS,)),
        ('action_changed', '<u4'),
        ('reward', '<f4'),
        ('step', '<u4'),
        ('terminated', '<u4'),
        ('truncated', '<u4'),
        ('checksum', '<u4'),
    ]
)

STORED = tuple(name for name in Transition._fields if name in (RECORD.names or ()) and name != 'total_steps')


class Replay:
    """The newest `capacity` transitions. What is in it is there again after any death of the process.

    Attributes:
        records: (capacity,) RECORD, the ring; transition number n (from 1) stands at n modulo capacity.
        frames: the frame store.
        total_steps: transitions received since the beginning of the run, restarts included.
        environment_steps: of the run, by the environment's count in the newest transition; 0 = unknown.
        lost: transitions of this life that could not be stored, or that never came (`reached`).
        evicted: transitions given up in this life before their time because their frames were overwritten.
    """

    def __init__(
        self,
        folder: Path,
        *,
        capacity: int,
        height: int,
        width: int,
        frames_per_transition: float = 1.03,
        frame_capacity: int = 0,
    ) -> None:
        """Opens the buffer in `folder` or makes it.

        Args:
            folder: of this buffer alone.
            capacity: transitions.
            height: of a frame [pixel].
            width: of a frame [pixel].
            frames_per_transition: size of the ring of frames. An episode of 100 steps at an action cycle of
                one camera period has 103 frames.
            frame_capacity: that size itself; 0 = by frames_per_transition.

        Raises:
            ValueError: the folder holds a buffer of another shape or version, or another process writes it.
            OSError: the disk has no room for its tables; one line.
        """
        # The margin: the oldest and the newest episode may both be there in part.
        frame_capacity = frame_capacity or math.ceil(capacity * frames_per_transition) + 4 * STACK
        shape = {'version': VERSION, 'capacity': capacity, 'frames': frame_capacity}
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(folder)
        self.folder, self.capacity = folder, capacity
        self.lost = self.evicted = self._reserved = 0
        try:
            shape |= {'height': height, 'width': width}
            known = _check_shape(folder, shape)
            self.frames = FrameStore(folder, frame_capacity, height, width)
            self._file = MappedFile(folder / 'transitions.bin', capacity * RECORD.itemsize)
            self.records = self._file.bytes.view(RECORD)
            self._file.reserve(capacity * RECORD.itemsize)
            self._missing = max(0, self._file.missing) if known else 0
            self._restore()
            if not known:  # last: only of a buffer that was made is a table missing
                write_text(folder / SHAPE_FILE, json.dumps(shape) + '\n')
        except BaseException:
            os.close(self._lock)
            raise

    def _restore(self) -> None:
        """Rebuilds the order of the transitions; erases those that are torn or lack a frame."""
        written = np.flatnonzero(self.records['seq'])
        good = intact(self.records)
        good = good[np.argsort(self.records['seq'][good])]
        self._newest = int(self.records['seq'][good[-1]]) if len(good) else 0
        self.total_steps = int(self.records['total_steps'][good[-1]]) if len(good) else 0
        self.environment_steps = int(self.records['environment_steps'][good[-1]]) if len(good) else 0
        numbers = self.records['frames'][good]
        has = self.frames.has(numbers).all((1, 2))
        overwritten = (numbers < self.frames.oldest).any((1, 2))
        self.cut = len(written) - len(good) + int((~has & ~overwritten).sum())
        for place in np.setdiff1d(written, good[has]):
            self._file.write(int(place) * RECORD.itemsize, np.zeros(1, RECORD))
        good = good[has]
        self._order = np.zeros(self.capacity, np.int64)  # ring of places in `records`, oldest first
        self._order[: len(good)] = good
        self._first, self._count = 0, len(good)
        # The frame whose loss ends a transition: its oldest, or that of a later transition.
        self._needs = np.zeros(self.capacity, np.int64)
        oldest = self.records['frames'][good].min((1, 2), initial=np.iinfo(np.int64).max)
        self._needs[good] = np.minimum.accumulate(oldest[::-1])[::-1]

    @property
    def recovered(self) -> str:
        """One line on what was found when the buffer was opened."""
        line = f'{len(self)} transitions and {len(self.frames)} frames restored, {self.total_steps} steps'
        if self.damaged:
            line += (
                f'; damaged and cut: {self.cut} transitions, {self.frames.cut} frames'
                f' ({self._missing} bytes of transitions.bin were missing)'
            )
        return line

    @property
    def damaged(self) -> bool:
        """Whether something was cut when the buffer was opened."""
        return bool(self.cut or self.frames.cut or self._missing)

    def __len__(self) -> int:
        """Number of transitions that can be drawn."""
        return self._count

    @property
    def bytes_in_use(self) -> int:
        """Disk space behind what is stored: frames, their index, transitions [byte]."""
        return len(self.frames) * (self.frames.frame_bytes + INDEX.itemsize) + len(self) * RECORD.itemsize

    def append(self, transition: Transition) -> bool:
        """Stores a transition and the frames that came with it. Counts a step in any case.

        Returns:
            False if a frame that the transition names never came or was overwritten: it is not stored and
            counted in `lost`.

        Raises:
            ValueError: an array of a wrong shape or a number that is not finite; counted in `lost`.
            OSError: it cannot be written; counted in `lost`.
        """
        self.count_lost()  # taken back below
        self.check(transition)
        try:
            for frame_id, pixels in zip(
                transition.new_frame_ids.tolist(), transition.new_frames, strict=True
            ):
                self.frames.add(frame_id, pixels)
        finally:
            self._evict_overwritten()
        wanted = transition.frame_ids.ravel().tolist()
        known = [self.frames.number_of(frame_id) for frame_id in wanted]
        numbers = [number for number in known if number is not None]
        if len(numbers) < len(known):
            return False
        self._write(transition, numbers)
        self.lost -= 1
        return True

    def count_lost(self) -> None:
        """Counts an environment step whose transition could not be read."""
        self.total_steps += 1
        self.lost += 1

    def reached(self, environment_steps: int) -> int:
        """Takes the environment's count that a transition came with, in whichever life.

        Returns:
            How many transitions before it never came; they are lost, but no steps received. None is where the
            environment went back: one that comes back counts the steps of its episode again.
        """
        if environment_steps > np.iinfo(np.uint32).max:
            return 0  # of no run
        known = self.environment_steps > 0 or self.total_steps == 0
        missed = max(0, environment_steps - self.environment_steps - 1) if known else 0
        self.environment_steps = environment_steps
        self.lost += missed
        return missed

    def check(self, transition: Transition) -> None:
        """Raises ValueError where an array has a wrong shape, or a number is not finite or of no episode."""
        expected = {
            'frame_ids': (2, STACK),
            'proprio': (2, PROPRIO),
            'action': (JOINTS,),
            'executed_action': (JOINTS,),
            'new_frames': (len(transition.new_frame_ids), *self.frames.shape),
        }
        for name, shape in expected.items():
            found = getattr(transition, name).shape
            if found != shape:
                raise ValueError(
                    f'transition.{name} has shape {found}, expected is {shape}; '
                    'do observation_height and observation_width agree in all nodes?'
                )
        for name in ('proprio', 'action', 'executed_action', 'reward'):
            if not np.isfinite(getattr(transition, name)).all():
                raise ValueError(f'transition.{name} holds a number that is not finite; it was not stored')
        if transition.episode > (most := np.iinfo(np.int64).max):
            raise ValueError(
                f'transition.episode is {transition.episode}, more than the {most} that can be stored; '
                'let the environment count from a smaller number'
            )

    def _write(self, transition: Transition, numbers: list[int]) -> None:
        """Writes a record, its checksum included, in place of the oldest."""
        number = self._newest + 1
        place = number % self.capacity
        record = np.zeros(1, RECORD)
        record['seq'], record['total_steps'] = number, self.total_steps
        record['environment_steps'] = self.environment_steps
        record['frames'] = np.reshape(numbers, (2, STACK))
        for name in STORED:
            record[name] = getattr(transition, name)
        record['checksum'] = checksums(record)
        if self._count and self._order[self._first] == place:
            self._drop_oldest()
        self._file.write(place * RECORD.itemsize, record)
        self._order[(self._first + self._count) % self.capacity] = place
        self._count += 1
        self._newest = number
        self._note_need(place, min(numbers))

    def _note_need(self, place: int, oldest: int) -> None:
        """Keeps `_needs` growing along the order: eviction stops at the first transition that is whole."""
        self._needs[place] = oldest
        for back in range(self._count - 2, -1, -1):
            before = self._order[(self._first + back) % self.capacity]
            if self._needs[before] <= oldest:
                return
            self._needs[before] = oldest

    def _evict_overwritten(self) -> None:
        while self._count and self._needs[self._order[self._first]] < self.frames.oldest:
            self._drop_oldest()
            self.evicted += 1

    def _drop_oldest(self) -> None:
        self._first = (self._first + 1) % self.capacity
        self._count -= 1

    def draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Draws `count` transitions, uniform and with replacement. Returns their places in `records`.

        Raises:
            ValueError: the buffer is empty.
        """
        if not self._count:
            raise ValueError('the replay buffer is empty; store a transition before drawing')
        return self._order[(self._first + rng.integers(0, self._count, count)) % self.capacity]

    def sync(self) -> None:
        """Waits until the disk has everything, frames before transitions. May run in another thread."""
        self.frames.sync()
        self._file.sync()

    def reserve(self, transitions: int) -> None:
        """Has the disk provide room for so many transitions.

        Raises:
            OSError: it has none.
        """
        self._file.reserve((transitions + 1) * RECORD.itemsize)  # the first stands at place 1
        self.frames.reserve(math.ceil(transitions * self.frames.capacity / self.capacity))
        self._reserved = transitions

    @property
    def room(self) -> int:
        """Transitions that the disk has room for, those that are stored included; `capacity` at most."""
        each = self.frames.capacity / self.capacity * self.frames.frame_bytes  # the tables have their room
        there = max(self._reserved, len(self))
        return min(self.capacity, there + int(shutil.disk_usage(self.folder).free / each))

    def close(self) -> None:
        """Writes everything to the disk and closes the files.

        Raises:
            OSError: the disk could not take it; they are closed.
        """
        try:
            self.sync()
        finally:
            self.frames.close()
            self._file.close()
            os.close(self._lock)


def _lock(folder: Path) -> int:
    """Returns a lock on the folder that ends with the process, whatever ends it."""
    handle = os.open(folder / 'lock', os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise ValueError(
            f'another process writes the replay buffer {folder}; stop it or choose another run_folder'
        ) from None
    return handle


def _check_shape(folder: Path, shape: dict[str, int]) -> bool:
    """Compares the buffer in the folder with the wanted shape; returns whether there is one."""
    path = folder / SHAPE_FILE
    if not path.exists():
        return False
    try:
        found = json.loads(path.read_text(encoding='utf-8'))
    except ValueError:
        found = 'unreadable'
    version = found.get('version') if isinstance(found, dict) else None
    if version not in (None, VERSION):
        raise ValueError(
            f'the replay buffer in {folder} has layout version {version}, this program reads {VERSION} only; '
            'go on with the program that wrote it, or start in another run_folder'
        )
    if found != shape:
        raise ValueError(
            f'the replay buffer in {folder} is {found}, wanted is {shape}; '
            'start with the parameters of that run or in another run_folder'
        )
    return True
