"""lerobot: a data set of LeRobot, version 3.0 of its format, with images as PNG inside of the Parquet files.

meta/info.json, stats.json, tasks.parquet, episodes/chunk-000/file-000.parquet
meta/ur5_rl.json                     the run
data/chunk-000/file-000.parquet      a row for each step: observation k and what came of it
"""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ur5_rl_bags.export.episodes import Episode
from ur5_rl_bags.export.feature_statistics import Statistics
from ur5_rl_bags.export.source import About
from ur5_rl_graph.data import STACK
from ur5_rl_graph.whole_file import write_json

VERSION = 'v3.0'
CAMERA = 'observation.images.wrist'
FILE_MB = 100  # a data file of more is followed by the next
FILES_OF_CHUNK = 1000  # files in a folder
ROWS = 100  # episodes that are written into meta/episodes together
PATH = 'chunk-{chunk_index:03d}/file-{file_index:03d}.parquet'


def features(about: About, height: int, width: int) -> dict[str, dict[str, Any]]:
    """Returns what is in a row, as info.json has it.

    Names that begin with `observation` are what a policy is shown, `action` what it gives: nothing else may.
    """
    state = [
        f'{joint}.{what}' for what in ('position', 'velocity', 'previous_action') for joint in about.joints
    ]
    velocities = [f'{joint}.velocity' for joint in about.joints]
    numbers = {
        'observation.state': ('float32', state),
        'action': ('float32', velocities),
        'executed_action': ('float32', velocities),
        'executed_action.changed': ('bool', None),
        'next.reward': ('float32', None),
        'next.done': ('bool', None),
        'next.terminated': ('bool', None),
        'next.truncated': ('bool', None),
        'next.stamp_ns': ('int64', None),
        'capture_times_ns': ('int64', [f'frame_{age}_before' for age in reversed(range(STACK))]),
        'timestamp': ('float32', None),
        'frame_index': ('int64', None),
        'episode_index': ('int64', None),
        'index': ('int64', None),
        'task_index': ('int64', None),
    }
    image = {'dtype': 'image', 'shape': [height, width, 3], 'names': ['height', 'width', 'channel']}
    return {CAMERA: image} | {
        name: {'dtype': kind, 'shape': [len(names or [0])], 'names': names}
        for name, (kind, names) in numbers.items()
    }


class LeRobotDataset:
    """Writes episodes into a data set of LeRobot."""

    def __init__(self, folder: Path, about: About) -> None:
        """Begins in an empty folder."""
        self._folder, self._about = folder, about
        self._features: dict[str, dict[str, Any]] = {}
        self._data = _Parts(folder / 'data', FILE_MB)
        self._rows = _Parts(folder / 'meta/episodes', FILE_MB)
        self._waiting: list[dict[str, Any]] = []
        self._statistics: dict[str, Statistics] = {}
        self._episodes = self._steps = 0

    def add(self, episode: Episode) -> None:
        """Writes an episode."""
        self._features = self._features or features(self._about, *episode.frames.shape[1:3])
        images = episode.frames[episode.shown[:-1, -1]]
        columns = self._columns(episode)
        own = {name: Statistics.of_vectors(_matrix(values)) for name, values in columns.items()}
        own[CAMERA] = Statistics.of_images(images)
        place = self._data.write(
            _table(self._features, columns | {CAMERA: [_png(image) for image in images]})
        )
        self._waiting.append(self._row(episode, place, own))
        known = self._statistics
        self._statistics = {name: known[name].merged(own[name]) if known else own[name] for name in own}
        self._episodes += 1
        self._steps += len(episode)
        if len(self._waiting) >= ROWS:
            self._write_rows()

    def close(self) -> None:
        """Completes the data set."""
        self._write_rows()
        self._data.close()
        self._rows.close()
        meta = self._folder / 'meta'
        pq.write_table(_tasks(self._about.instruction), meta / 'tasks.parquet')
        write_json(meta / 'stats.json', {name: of.described() for name, of in self._statistics.items()})
        write_json(meta / 'ur5_rl.json', self._about.described())
        info = {
            'codebase_version': VERSION,
            'robot_type': self._about.task.robot_model,
            'total_episodes': self._episodes,
            'total_frames': self._steps,
            'total_tasks': 1,
            'chunks_size': FILES_OF_CHUNK,
            'data_files_size_in_mb': FILE_MB,
            'video_files_size_in_mb': FILE_MB,
            'fps': self._about.steps_per_s,
            'splits': {'train': f'0:{self._episodes}'},
            'data_path': f'data/{PATH}',
            'video_path': None,
            'features': self._features,
        }
        write_json(meta / 'info.json', info)

    def _columns(self, episode: Episode) -> dict[str, np.ndarray]:
        """Returns all but the images, a row for each step."""
        steps = np.arange(len(episode))
        return {
            'observation.state': episode.proprio[:-1],
            'action': episode.actions,
            'executed_action': episode.executed_actions,
            'executed_action.changed': episode.action_changed,
            'next.reward': episode.rewards,
            'next.done': episode.terminated | episode.truncated,
            'next.terminated': episode.terminated,
            'next.truncated': episode.truncated,
            'next.stamp_ns': episode.stamps_ns,
            'capture_times_ns': episode.frame_times_ns[episode.shown[:-1]],
            'timestamp': (steps / self._about.steps_per_s).astype(np.float32),
            'frame_index': steps,
            'episode_index': np.full(len(episode), self._episodes),
            'index': self._steps + steps,
            'task_index': np.zeros(len(episode), np.int64),
        }

    def _row(self, episode: Episode, place: tuple[int, int], own: dict[str, Statistics]) -> dict[str, Any]:
        """Returns the row of an episode in meta/episodes."""
        row = {
            'episode_index': self._episodes,
            'tasks': [self._about.instruction],
            'length': len(episode),
            'data/chunk_index': place[0],
            'data/file_index': place[1],
            'dataset_from_index': self._steps,
            'dataset_to_index': self._steps + len(episode),
        }
        row |= {f'ur5_rl/{name}': value for name, value in episode.outcome().items()}
        for name, of in own.items():
            row |= {f'stats/{name}/{what}': values for what, values in of.described().items()}
        return row

    def _write_rows(self) -> None:
        if not self._waiting:
            return
        chunk, file = self._rows.next_place()
        for row in self._waiting:
            row |= {'meta/episodes/chunk_index': chunk, 'meta/episodes/file_index': file}
        self._rows.write(pa.Table.from_pylist(self._waiting))
        self._waiting = []


class _Parts:
    """Parquet files in numbered folders, a new one when the last is large."""

    def __init__(self, folder: Path, file_mb: float) -> None:
        self._folder, self._file_mb = folder, file_mb
        self._number, self._path = -1, Path()
        self._writer: pq.ParquetWriter | None = None

    def next_place(self) -> tuple[int, int]:
        """Returns chunk and file that the next table goes into."""
        full = self._writer is None or self._path.stat().st_size >= 1e6 * self._file_mb
        return divmod(self._number + full, FILES_OF_CHUNK)

    def write(self, table: pa.Table) -> tuple[int, int]:
        """Writes a table as a row group; returns chunk and file that it is in."""
        place = self.next_place()
        number = place[0] * FILES_OF_CHUNK + place[1]
        if number != self._number:
            self.close()
            self._number = number
            self._path = self._folder / PATH.format(chunk_index=place[0], file_index=place[1])
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self._path, table.schema)
        assert self._writer is not None  # the next place is never the one before the first
        self._writer.write_table(table)
        return place

    def close(self) -> None:
        """Completes the file in progress."""
        if self._writer is not None:
            self._writer.close()


def _matrix(values: np.ndarray) -> np.ndarray:
    return values.reshape(len(values), -1)


def _png(image: np.ndarray) -> dict[str, Any]:
    """Returns an RGB image as `datasets` keeps them in Parquet."""
    _, data = cv2.imencode('.png', image[..., ::-1])
    return {'bytes': data.tobytes(), 'path': None}


def _table(described: dict[str, dict[str, Any]], columns: dict[str, Any]) -> pa.Table:
    """Returns rows in the types that `datasets` makes of such features, which it finds beside them."""
    arrays: dict[str, pa.Array] = {}
    hints: dict[str, dict[str, Any]] = {}
    for name, feature in described.items():
        if feature['dtype'] == 'image':
            kind = pa.struct({'bytes': pa.binary(), 'path': pa.string()})
            arrays[name], hints[name] = pa.array(columns[name], kind), {'_type': 'Image'}
            continue
        kind, width = pa.from_numpy_dtype(feature['dtype']), feature['shape'][0]
        flat = pa.array(np.ascontiguousarray(columns[name]).reshape(-1), kind)
        value = {'dtype': feature['dtype'], '_type': 'Value'}
        if width == 1:
            arrays[name], hints[name] = flat, value
        else:
            arrays[name] = pa.FixedSizeListArray.from_arrays(flat, width)
            hints[name] = {'feature': value, 'length': width, '_type': 'Sequence'}
    metadata = {'huggingface': json.dumps({'info': {'features': hints}})}
    return pa.table(arrays).replace_schema_metadata(metadata)


def _tasks(instruction: str) -> pa.Table:
    """Returns the table of tasks; pandas is to take their texts for the index."""
    index = '__index_level_0__'
    columns: list[dict[str, Any]] = [
        {'name': 'task_index', 'field_name': 'task_index', 'pandas_type': 'int64', 'numpy_type': 'int64'},
        {'name': None, 'field_name': index, 'pandas_type': 'unicode', 'numpy_type': 'object'},
    ]
    pandas = {
        'index_columns': [index],
        'column_indexes': [],
        'columns': [column | {'metadata': None} for column in columns],
        'pandas_version': '2.0.0',
    }
    table = pa.table({'task_index': pa.array([0], pa.int64()), index: [instruction]})
    return table.replace_schema_metadata({'pandas': json.dumps(pandas)})
