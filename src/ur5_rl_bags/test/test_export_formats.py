"""What each format holds is read back with the libraries of those who read it, number for number."""

import dataclasses
import json
from collections import Counter

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
import cv2
import h5py
import numpy as np
import pyarrow.parquet as pq
from exported_steps import SHAPE, steps
from full_disk import no_room

from ur5_rl_bags.export import lerobot
from ur5_rl_bags.export.episodes import Summary, episodes
from ur5_rl_bags.export.hdf5 import Hdf5File, _Disk
from ur5_rl_bags.export.lerobot import LeRobotDataset
from ur5_rl_bags.export.npz import ARRAYS, NpzFiles
from ur5_rl_bags.export.source import About
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.data import JOINT_NAMES

ABOUT = About(TaskConfig(), 'reach the disc', JOINT_NAMES[:5], {'seed': 3}, {'revision': 'abc'})


@pytest.fixture(scope='module')
def exported():
    """Two episodes: one that its length ends, with a known target, and one that the task ends."""
    sent = [*steps(4, 5, ending='time limit'), *steps(6, 3, first_frame=9000, ending='terminated')]
    return list(episodes(sent, {4: Summary(False, '', (0.25, -0.5))}, Counter()))


def written(make, folder, exported, about=ABOUT):
    folder.mkdir(exist_ok=True)
    writer = make(folder, about)
    for episode in exported:
        writer.add(episode)
    writer.close()
    return folder


def test_npz(tmp_path, exported):
    folder = written(NpzFiles, tmp_path, exported)
    about = json.loads((folder / 'metadata.json').read_text())
    assert about['steps_per_s'] == 25 and about['joints'] == list(JOINT_NAMES[:5])
    assert about['environment']['max_joint_velocity'] == 0.7
    assert about['run'] == {'seed': 3} and about['recorded_with'] == {'revision': 'abc'}
    assert about['arrays'].keys() == ARRAYS.keys()
    assert [(row['number'], row['steps'], row['end'], row['target']) for row in about['episodes']] == [
        (4, 5, 'time limit', [0.25, -0.5]),
        (6, 3, 'terminated', [None, None]),
    ]
    for episode, row in zip(exported, about['episodes'], strict=True):
        with np.load(folder / row['file'], allow_pickle=False) as read:
            assert set(read.files) == set(ARRAYS)
            for name in ARRAYS:
                np.testing.assert_array_equal(read[name], getattr(episode, name))
                assert read[name].dtype == getattr(episode, name).dtype


def test_the_arrays_have_the_types_that_the_metadata_say(exported):
    for name, text in ARRAYS.items():
        values = getattr(exported[0], name)
        shape, kind = text.split(') ')[0] + ')', text.split(') ')[1].split(',')[0].split(':')[0]
        assert kind.split()[0] == values.dtype.name, name
        sizes = {'T': 5, 'T+1': 6, 'F': len(exported[0].frames), 'H': SHAPE[0], 'W': SHAPE[1]}
        said = [
            sizes.get(part.strip(), part.strip()) for part in shape.strip('()').split(',') if part.strip()
        ]
        assert [int(size) for size in said] == list(values.shape), name


def test_hdf5_is_laid_out_as_minari_reads_it(tmp_path, exported):
    folder = written(Hdf5File, tmp_path, exported)
    about = json.loads((folder / 'metadata.json').read_text())
    assert (about['total_episodes'], about['total_steps'], about['data_format']) == (2, 8, 'hdf5')
    assert about['jpeg_encoding'] is False and about['dataset_id'] == 'ur5_rl/reaching-v0'
    spaces = json.loads(about['observation_space'])['subspaces']
    assert spaces['frames']['shape'] == [3, *SHAPE] and spaces['frames']['dtype'] == 'uint8'
    assert np.shape(spaces['frames']['low']) == (3, *SHAPE) and np.max(spaces['frames']['high']) == 255
    assert json.loads(about['action_space'])['low'] == [-1.0] * 5
    with h5py.File(folder / 'main_data.hdf5') as file:
        assert list(file) == ['episode_0', 'episode_1']
        for index, episode in enumerate(exported):
            group = file[f'episode_{index}']
            assert (group.attrs['id'], group.attrs['total_steps']) == (index, len(episode))
            assert (group.attrs['number'], group.attrs['end']) == (episode.number, episode.end)
            same = np.testing.assert_array_equal
            same(group['observations/frames'][()], episode.frames[episode.shown])
            same(group['observations/proprio'][()], episode.proprio)
            same(group['actions'][()], episode.actions)
            same(group['rewards'][()], episode.rewards)
            same(group['terminations'][()], episode.terminated)
            same(group['truncations'][()], episode.truncated)
            same(group['infos/executed_action'][1:], episode.executed_actions)
            same(group['infos/executed_action'][0], np.zeros(5))
            same(group['infos/action_changed'][1:], episode.action_changed)
            same(group['infos/stamp_ns'][1:], episode.stamps_ns)
            same(group['infos/frame_times_ns'][()], episode.frame_times_ns[episode.shown])
            assert {len(group['infos'][name]) for name in group['infos']} == {len(episode) + 1}


def test_hdf5_says_what_the_disk_would_not_take(tmp_path, exported):
    """HDF5 itself crashes where a file that it closes cannot be written."""
    writer = Hdf5File(tmp_path, ABOUT)
    with no_room(1000), pytest.raises(OSError, match='main_data.hdf5'):
        writer.add(exported[0])


def test_what_the_disk_refuses_is_said_when_the_file_is_closed(tmp_path):
    (tmp_path / 'file').touch()
    for refused in ('write', 'truncate'):
        with no_room(10), pytest.raises(OSError, match='file'), _Disk(tmp_path / 'file') as disk:
            assert disk.write(b'x' * 20) == 20 if refused == 'write' else disk.truncate(20) == 20


def rows(folder):
    return [row for path in sorted(folder.glob('*/*.parquet')) for row in pq.read_table(path).to_pylist()]


def test_lerobot_holds_a_row_for_each_step(tmp_path, exported):
    folder = written(LeRobotDataset, tmp_path, exported)
    assert [path.name for path in folder.glob('data/*/*')] == ['file-000.parquet']
    found = rows(folder / 'data')
    flat = [(index, episode, k) for index, episode in enumerate(exported) for k in range(len(episode))]
    assert len(found) == len(flat) == 8
    for number, (row, (index, episode, k)) in enumerate(zip(found, flat, strict=True)):
        pixels = cv2.imdecode(np.frombuffer(row['observation.images.wrist']['bytes'], np.uint8), 1)
        np.testing.assert_array_equal(pixels[..., ::-1], episode.frames[episode.shown[k, -1]])
        assert row['observation.state'] == episode.proprio[k].tolist()
        assert row['action'] == episode.actions[k].tolist()
        assert row['executed_action'] == episode.executed_actions[k].tolist()
        assert row['executed_action.changed'] == episode.action_changed[k]
        assert row['next.reward'] == episode.rewards[k]
        assert row['next.terminated'] == episode.terminated[k]
        assert row['next.truncated'] == episode.truncated[k]
        assert row['next.done'] == (k == len(episode) - 1)
        assert row['next.stamp_ns'] == episode.stamps_ns[k]
        assert row['capture_times_ns'] == episode.frame_times_ns[episode.shown[k]].tolist()
        assert row['timestamp'] == np.float32(k / 25)
        assert (row['frame_index'], row['episode_index'], row['index'], row['task_index']) == (
            k,
            index,
            number,
            0,
        )


def test_lerobot_describes_itself(tmp_path, exported):
    folder = written(LeRobotDataset, tmp_path, exported)
    info = json.loads((folder / 'meta/info.json').read_text())
    assert (info['codebase_version'], info['robot_type'], info['fps']) == ('v3.0', 'ur5', 25)
    assert isinstance(info['fps'], int)  # LeRobot's own
    assert (info['total_episodes'], info['total_frames'], info['splits']) == (2, 8, {'train': '0:2'})
    table = pq.read_table(folder / 'data/chunk-000/file-000.parquet')
    assert table.column_names == list(info['features'])
    hints = json.loads(table.schema.metadata[b'huggingface'])['info']['features']
    assert list(hints) == list(info['features']) and hints['observation.images.wrist'] == {'_type': 'Image'}
    state = info['features']['observation.state']
    assert (state['shape'], state['names'][0]) == ([15], 'shoulder_pan_joint.position')
    assert state['names'][14] == 'wrist_2_joint.previous_action' and len(state['names']) == 15
    shown = [name for name in info['features'] if name.startswith(('observation', 'action'))]
    assert shown == [
        'observation.images.wrist',
        'observation.state',
        'action',
    ]  # what a policy gets and gives
    tasks = pq.read_table(folder / 'meta/tasks.parquet')
    assert tasks.to_pylist() == [{'task_index': 0, '__index_level_0__': 'reach the disc'}]
    assert json.loads(tasks.schema.metadata[b'pandas'])['index_columns'] == ['__index_level_0__']
    assert json.loads((folder / 'meta/ur5_rl.json').read_text())['run'] == {'seed': 3}


def test_lerobot_names_the_arm_that_moved(tmp_path, exported):
    about = dataclasses.replace(ABOUT, task=TaskConfig(robot_model='ur5e'))
    folder = written(LeRobotDataset, tmp_path, exported, about)
    assert json.loads((folder / 'meta/info.json').read_text())['robot_type'] == 'ur5e'


def test_lerobot_tells_of_episodes_and_statistics(tmp_path, exported):
    folder = written(LeRobotDataset, tmp_path, exported)
    one, two = rows(folder / 'meta/episodes')
    assert (one['dataset_from_index'], one['dataset_to_index'], one['length']) == (0, 5, 5)
    assert (two['dataset_from_index'], two['dataset_to_index'], two['length']) == (5, 8, 3)
    assert (two['tasks'], two['ur5_rl/number'], two['ur5_rl/end']) == (['reach the disc'], 6, 'terminated')
    assert one['ur5_rl/target'] == [0.25, -0.5] and np.isnan(two['ur5_rl/target']).all()
    statistics = json.loads((folder / 'meta/stats.json').read_text())
    assert statistics.keys() == json.loads((folder / 'meta/info.json').read_text())['features'].keys()
    rewards = np.concatenate([episode.rewards for episode in exported])
    np.testing.assert_allclose(statistics['next.reward']['mean'], [rewards.mean()])
    np.testing.assert_allclose(statistics['next.reward']['std'], [rewards.std()])
    assert statistics['next.reward']['count'] == [8] and two['stats/next.reward/count'] == [3]
    images = np.concatenate([episode.frames[episode.shown[:-1, -1]] for episode in exported])
    mean = statistics['observation.images.wrist']['mean']
    assert np.shape(mean) == (3, 1, 1)
    np.testing.assert_allclose(np.ravel(mean), (images / 255.0).mean((0, 1, 2)))


def test_lerobot_begins_another_file_where_one_is_large(tmp_path, exported, monkeypatch):
    monkeypatch.setattr(lerobot, 'FILE_MB', 1e-6)
    monkeypatch.setattr(lerobot, 'FILES_OF_CHUNK', 2)
    monkeypatch.setattr(lerobot, 'ROWS', 2)
    folder = written(LeRobotDataset, tmp_path, exported[:1] * 5)
    files = [str(path.relative_to(folder)) for path in sorted(folder.glob('data/*/*'))]
    assert files == [
        f'data/chunk-{chunk:03d}/file-{file:03d}.parquet'
        for chunk, file in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)]
    ]
    found = rows(folder / 'meta/episodes')
    assert [(row['data/chunk_index'], row['data/file_index']) for row in found] == [
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 1),
        (2, 0),
    ]
    for path in sorted(folder.glob('meta/episodes/*/*')):
        for row in pq.read_table(path).to_pylist():
            place = row['meta/episodes/chunk_index'], row['meta/episodes/file_index']
            assert path.parts[-2:] == (f'chunk-{place[0]:03d}', f'file-{place[1]:03d}.parquet')
    assert [row['index'] for row in rows(folder / 'data')] == list(range(25))


def test_a_rate_that_is_no_whole_number_is_kept():
    about = About(TaskConfig(action_cycle_s=0.08), '', (), {}, {})
    assert about.steps_per_s == 12.5
