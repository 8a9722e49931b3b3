"""hdf5: a data set of Minari, the format of offline data beside Gymnasium (minari.MinariDataset reads it).

main_data.hdf5    a group episode_<i> for each: observations, actions, rewards, terminations, truncations,
                  infos
metadata.json     spaces, counts, the run
"""

import io
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ur5_rl_bags.export.episodes import Episode
from ur5_rl_bags.export.source import About
from ur5_rl_graph.data import JOINTS, PROPRIO, STACK
from ur5_rl_graph.whole_file import write_json

FORMAT_VERSION = '0.5.4'
"""The Minari whose format this is."""
COMPRESSION = {'compression': 'gzip', 'compression_opts': 1}


class Hdf5File:
    """Writes episodes into one HDF5 file."""

    def __init__(self, folder: Path, about: About) -> None:
        """Begins in an empty folder."""
        self._folder, self._about = folder, about
        self._path = folder / 'main_data.hdf5'
        self._path.touch()
        self._episodes = self._steps = 0
        self._frame_shape: tuple[int, ...] = ()

    def add(self, episode: Episode) -> None:
        """Writes an episode."""
        self._frame_shape = (STACK, *episode.frames.shape[1:])
        arrays = {
            'observations/proprio': episode.proprio,
            'actions': episode.actions,
            'rewards': episode.rewards,
            'terminations': episode.terminated,
            'truncations': episode.truncated,
            'infos/executed_action': _from_reset(episode.executed_actions),
            'infos/action_changed': _from_reset(episode.action_changed),
            'infos/stamp_ns': _from_reset(episode.stamps_ns),
            'infos/frame_times_ns': episode.frame_times_ns[episode.shown],
        }
        with _Disk(self._path) as disk, h5py.File(disk, 'r+' if self._episodes else 'w') as file:
            group = file.create_group(f'episode_{self._episodes}')
            group.attrs.update(id=self._episodes, total_steps=len(episode))
            group.attrs.update(episode.outcome())
            shape, chunk = (len(episode.shown), *self._frame_shape), (1, *self._frame_shape)
            stacks = group.create_dataset('observations/frames', shape, np.uint8, chunks=chunk, **COMPRESSION)
            for k, shown in enumerate(episode.shown):  # all at once they would be thrice the episode
                stacks[k] = episode.frames[shown]
            for name, values in arrays.items():
                group.create_dataset(name, data=values)
        self._episodes += 1
        self._steps += len(episode)

    def close(self) -> None:
        """Describes the file."""
        spaces = {
            'frames': _box(np.uint8, self._frame_shape, 0, 255),
            'proprio': _box(np.float32, (PROPRIO,), -np.inf, np.inf),
        }
        described = {
            'dataset_id': f'ur5_rl/{self._about.task.task}-v0',
            'minari_version': FORMAT_VERSION,
            'data_format': 'hdf5',
            'jpeg_encoding': False,  # the pixels as they were
            'observation_space': json.dumps({'type': 'Dict', 'subspaces': spaces}),
            'action_space': json.dumps(_box(np.float32, (JOINTS,), -1.0, 1.0)),
            'total_episodes': self._episodes,
            'total_steps': self._steps,
            'dataset_size': round(1e-6 * self._path.stat().st_size, 1),
            'description': self._about.instruction,
            'ur5_rl': self._about.described(),
        }
        write_json(self._folder / 'metadata.json', described)


class _Disk(io.FileIO):
    """A file that keeps what the disk says against a write until it is closed: HDF5 would crash of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, 'r+')
        self._error: OSError | None = None

    def write(self, data: Any) -> int:
        """Writes as long as the disk takes it."""
        rest = memoryview(data).cast('B')
        while len(rest) and self._error is None:
            try:
                rest = rest[super().write(rest) :]
            except OSError as error:
                self._error = error
        return len(data)

    def truncate(self, size: int | None = None) -> int:
        """Sets the size, if the disk takes it."""
        try:
            return super().truncate(size)
        except OSError as error:
            self._error = self._error or error
            return 0 if size is None else size

    def __exit__(self, *exception: Any) -> None:
        """Closes it, and says what could not be written."""
        super().__exit__(*exception)
        if self._error is not None:
            raise OSError(self._error.errno, self._error.strerror, str(self.name))


def _from_reset(values: np.ndarray) -> np.ndarray:
    """Returns what belongs to observations 1 to T with a 0 for the first, of which no transition tells."""
    return np.concatenate([np.zeros_like(values[:1]), values])


def _box(kind: type, shape: tuple[int, ...], low: float, high: float) -> dict:
    """Returns a Box of Gymnasium as Minari writes it."""
    low, high = (np.full(shape, bound, kind).tolist() for bound in (low, high))
    return {'type': 'Box', 'dtype': np.dtype(kind).name, 'shape': list(shape), 'low': low, 'high': high}
