"""Mini-batches cropped out of frames that the learner keeps: the same pixels as in slots, or none."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from buffer_sampler.frame_store import PIXELS_FILE
from buffer_sampler.replay import Replay
from buffer_sampler.sampler import MiniBatchSampler
from buffer_sampler.slots import SlotPool
from sac_learner import cuda_kernels, frame_mirror
from sac_learner.agent_config import AgentConfig
from sac_learner.frame_mirror import FrameMirror, MirrorError
from sac_learner.learner import SacLearner
from ur5_rl_graph.data import FramesAt, Places, Transition

FRAME, CROP, BATCH = (27, 34), (24, 31), 16
CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA on this machine')
DEVICES = ['cpu', pytest.param('cuda', marks=CUDA)]


class Sampler:
    """A buffer that is filled step by step, and mini-batches of it in both forms."""

    def __init__(self, folder, capacity=30, identity=1, past=None, seed=0):
        self.identity = identity
        self.replay = Replay(folder, capacity=capacity, height=FRAME[0], width=FRAME[1])
        rngs = [np.random.default_rng(seed) for _ in range(2)]
        self.samplers = [
            MiniBatchSampler(self.replay, BATCH, *CROP, rng, past=past, past_share=0.5 if past else 0.0)
            for rng in rngs
        ]
        self.pool = SlotPool(2, BATCH, *CROP)
        self.slots = [self.pool.take(), self.pool.take()]
        self.pixels = np.random.default_rng(99 + identity)
        self.frame_id = 0

    def step(self, count=1):
        """Stores `count` episodes of one step, each with four new frames."""
        for _ in range(count):
            ids = np.arange(self.frame_id, self.frame_id + 4)
            self.frame_id += 4
            self.replay.append(
                Transition(
                    episode=self.frame_id,
                    step=0,
                    total_steps=self.frame_id,
                    frame_ids=np.stack([ids[:3], ids[1:]]),
                    proprio=np.full((2, 15), self.frame_id, np.float32),
                    action=np.full(5, 0.5, np.float32),
                    executed_action=np.full(5, 0.25, np.float32),
                    action_changed=True,
                    reward=0.1 * self.frame_id,
                    terminated=False,
                    truncated=True,
                    new_frame_ids=ids,
                    new_frames=self.pixels.integers(0, 256, (4, *FRAME, 3), np.uint8),
                    stamp_ns=self.frame_id,
                )
            )

    def draw(self):
        """The same mini-batch twice: with images, and with the places where they lie."""
        forms = self.slots[0].views, self.slots[1].places
        for sampler, form in zip(self.samplers, forms, strict=True):
            sampler.sample_into(form)
        return forms

    def images(self, mirror, placed, **changes):
        given = {
            'sampler_id': self.identity,
            'stores': self.samplers[1].stores,
            'frame_shape': FRAME,
            'places': placed.images,
            'crop': CROP,
        }
        return mirror.images(**(given | changes))


@pytest.fixture
def sampler(tmp_path, monkeypatch):
    monkeypatch.setattr('os.fdatasync', lambda handle: None)
    sampler = Sampler(tmp_path / 'replay')
    yield sampler
    sampler.replay.close()


def same(images, placed):
    return placed.shape == images.shape and np.array_equal(placed.gather().cpu().numpy(), images)


@pytest.mark.parametrize('device', DEVICES)
@pytest.mark.parametrize('chunk', [1, 5, 1000])  # frames read at a time
def test_what_is_drawn_is_the_same_whichever_way_it_comes(sampler, device, chunk, monkeypatch):
    monkeypatch.setattr(frame_mirror, 'CHUNK_BYTES', chunk * 3 * FRAME[0] * FRAME[1])
    mirror = FrameMirror(torch.device(device))
    for steps in (1, 3, 0, 9, 1, 40, 8):  # the ring holds 43 frames: it goes round, once more than once
        sampler.step(steps)
        by_slot, by_place = sampler.draw()
        for slot, place in zip(by_slot[1:], by_place[1:], strict=True):
            np.testing.assert_array_equal(slot, place)
        assert same(by_slot.images, sampler.images(mirror, by_place))


@CUDA
@pytest.mark.parametrize('kernels', [True, False])
def test_both_ways_to_crop_on_cuda_give_the_same(sampler, kernels, monkeypatch):
    sampler.step(9)
    by_slot, by_place = sampler.draw()
    assert cuda_kernels.usable(), 'the kernels can be built here'
    monkeypatch.setattr(cuda_kernels, 'usable', lambda: kernels)
    assert same(by_slot.images, sampler.images(FrameMirror(torch.device('cuda')), by_place))


def test_a_share_from_before_the_run_lies_in_a_store_of_its_own(sampler, tmp_path):
    sampler.step(5)
    both = Sampler(tmp_path / 'own', identity=2, past=sampler.replay)
    both.step(4)
    mirror = FrameMirror(torch.device('cpu'))
    for _ in range(3):
        by_slot, by_place = both.draw()
        assert same(by_slot.images, both.images(mirror, by_place))
        both.step(3)


def test_a_copy_of_many_frames_says_after_each_chunk_that_it_goes_on(sampler, monkeypatch):
    monkeypatch.setattr(frame_mirror, 'CHUNK_BYTES', 5 * 3 * FRAME[0] * FRAME[1])
    said, read = [], frame_mirror._read

    def noting(file, start, out):
        read(file, start, out)
        if file.name.endswith(PIXELS_FILE):
            said.append(out.size // (3 * FRAME[0] * FRAME[1]))

    monkeypatch.setattr(frame_mirror, '_read', noting)
    mirror = FrameMirror(torch.device('cpu'), lambda: said.append('goes on'))
    sampler.step(4)
    sampler.images(mirror, sampler.draw()[1])
    assert said == [5, 'goes on', 5, 'goes on', 5, 'goes on', 1, 'goes on']


def test_a_frame_that_was_copied_is_not_read_again(sampler):
    mirror = FrameMirror(torch.device('cpu'))
    sampler.step(4)
    by_slot, by_place = sampler.draw()
    sampler.images(mirror, by_place)
    sampler.replay.frames._files[0].write(0, np.zeros(43 * 3 * FRAME[0] * FRAME[1], np.uint8))
    assert same(by_slot.images, sampler.images(mirror, by_place))


def test_the_frames_of_a_sampler_that_came_back_are_read_anew(sampler):
    mirror = FrameMirror(torch.device('cpu'))
    sampler.step(4)
    sampler.images(mirror, sampler.draw()[1])
    size = 3 * FRAME[0] * FRAME[1]
    sampler.replay.frames._files[0].write(0, np.full(43 * size, 7, np.uint8))
    assert (sampler.images(mirror, sampler.draw()[1], sampler_id=2).gather() == 7).all()


def test_of_frames_that_were_overwritten_meanwhile_no_mini_batch_is_made(sampler):
    sampler.step(10)
    _, by_place = sampler.draw()
    stores = sampler.samplers[1].stores
    sampler.step(2)  # before the mirror has read anything: 48 frames, 5 of the first 40 are gone
    by_place.images.frames[0, 0, 0] = 2
    mirror = FrameMirror(torch.device('cpu'))
    with pytest.raises(ValueError, match='overwritten before the learner could copy them'):
        sampler.images(mirror, by_place, stores=stores)
    by_slot, by_place = sampler.draw()
    assert same(by_slot.images, sampler.images(mirror, by_place)), 'the next one is whole'


def test_a_frame_that_is_being_written_is_not_taken(sampler):
    sampler.step(2)
    _, by_place = sampler.draw()
    sampler.replay.frames._erase([int(by_place.images.frames[1, 3, 2])])
    with pytest.raises(ValueError, match='overwritten'):
        sampler.images(FrameMirror(torch.device('cpu')), by_place)


@pytest.mark.parametrize(
    ('part', 'value', 'reason'),
    [
        ('frames', 43, 'beyond the 43 of the stores'),
        ('frames', -1, 'beyond the 43 of the stores'),
        ('corners', -1, 'leaves the frames'),
        ('corners', 4, 'leaves the frames of (27, 34)'),
    ],
)
def test_nothing_is_read_beyond_the_frames(sampler, part, value, reason):
    sampler.step(3)
    places = Places(*(array.copy() for array in sampler.draw()[1].images))
    getattr(places, part)[0, 1, 1] = value
    with pytest.raises(ValueError) as error:
        sampler.images(FrameMirror(torch.device('cpu')), sampler.draw()[1], places=places)
    assert reason in str(error.value) and not isinstance(error.value, OSError)


def test_a_frame_that_changes_while_it_is_read_is_not_taken(sampler, monkeypatch):
    sampler.step(10)
    _, by_place = sampler.draw()
    by_place.images.frames[1, 2] = 5
    stores, read = sampler.samplers[1].stores, frame_mirror._read

    def slowly(file, start, out):
        read(file, start, out)
        if file.name.endswith(PIXELS_FILE):
            sampler.step(3)  # 12 more frames in the ring of 43: those of 1 to 9 go

    monkeypatch.setattr(frame_mirror, '_read', slowly)
    with pytest.raises(ValueError, match='overwritten before the learner could copy them'):
        sampler.images(FrameMirror(torch.device('cpu')), by_place, stores=stores)


def test_what_names_frames_that_are_not_there_does_no_harm(sampler):
    sampler.step(3)
    mirror = FrameMirror(torch.device('cpu'))
    by_slot, by_place = sampler.draw()
    (store,) = sampler.samplers[1].stores
    for newest in (13, 10**12, 2**64 - 1):
        with pytest.raises(ValueError, match=f'names frame {newest} as the newest of .*frames.bin'):
            sampler.images(mirror, by_place, stores=[store._replace(newest=newest)])
    assert same(by_slot.images, sampler.images(mirror, by_place))
    for changes in ({'frame_shape': (300, 300)}, {'crop': (0, 31)}):
        with pytest.raises(ValueError, match=r'those of the stores are of \(27, 34\)'):
            sampler.images(mirror, by_place, **changes)
    assert sampler.images(mirror, by_place, crop=(1, 1)).gather().shape == (2, BATCH, 3, 1, 1, 3)


def test_a_pipe_by_the_name_of_a_store_is_not_waited_for(sampler, tmp_path):
    sampler.step(3)
    os.mkfifo(tmp_path / PIXELS_FILE)
    with pytest.raises(MirrorError, match=r'frames.bin cannot be opened \(it is no regular file\)'):
        sampler.images(
            FrameMirror(torch.device('cpu')), sampler.draw()[1], stores=[FramesAt(str(tmp_path), 12)]
        )


def test_a_folder_is_named_as_a_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sampler = Sampler(Path('replay'))
    sampler.step(3)
    stores = sampler.samplers[1].stores
    assert stores[0].folder == str(tmp_path / 'replay')
    sampler.replay.close()


def test_stores_that_cannot_be_kept_ask_for_images(sampler, tmp_path, monkeypatch):
    sampler.step(3)
    _, by_place = sampler.draw()
    mirror = FrameMirror(torch.device('cpu'))
    with pytest.raises(MirrorError, match=r'frames.bin cannot be opened \(No such file'):
        sampler.images(mirror, by_place, stores=[FramesAt(str(tmp_path), 12)])
    for shape in ((27, 33), (0, 34)):
        with pytest.raises(MirrorError, match=r'frames.bin has 118422 bytes, 43 frames of \('):
            sampler.images(mirror, by_place, frame_shape=shape)
    monkeypatch.setattr(frame_mirror, '_free_bytes', lambda device: 148_000)
    with pytest.raises(MirrorError, match='43 frames need 0.0 GB, cpu has 0.0 GB free'):
        sampler.images(mirror, by_place)
    monkeypatch.setattr(frame_mirror, '_free_bytes', lambda device: 149_000)
    by_slot, by_place = sampler.draw()
    assert same(by_slot.images, sampler.images(mirror, by_place))


def test_a_store_that_lost_its_end_asks_for_images(sampler):
    sampler.step(3)
    _, by_place = sampler.draw()
    mirror = FrameMirror(torch.device('cpu'))
    sampler.images(mirror, by_place)
    sampler.step(3)
    _, by_place = sampler.draw()
    folder = sampler.replay.folder
    with open(folder / PIXELS_FILE, 'r+b') as file:
        file.truncate(1000)
    with pytest.raises(MirrorError, match=r'frames.bin cannot be read \(it ends early\)'):
        sampler.images(mirror, by_place)
    with pytest.raises(MirrorError, match='frames.bin has 1000 bytes'):
        sampler.images(mirror, by_place)  # opened anew


def test_the_memory_that_is_free_is_that_of_the_device(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'mem_get_info', lambda device: (5, 9))
    monkeypatch.setattr(frame_mirror, 'available_memory', lambda: 7.0)
    assert [frame_mirror._free_bytes(torch.device(name)) for name in ('cuda', 'cpu')] == [5, 7.0]


@pytest.mark.parametrize('device', DEVICES)
@pytest.mark.parametrize('graph', ['off', 'on'])
def test_updates_are_the_same_whichever_way_the_images_come(sampler, device, graph):
    config = AgentConfig(crop_width=31, crop_height=24, channels=4, strides=(2, 2, 1), batch_size=BATCH)
    learners = [SacLearner(config, 5, device, graph) for _ in range(2)]
    mirror = FrameMirror(torch.device(device))
    for _ in range(5):
        sampler.step(2)
        by_slot, by_place = sampler.draw()
        learners[0].update(by_slot)
        learners[1].update(by_place._replace(images=sampler.images(mirror, by_place)))
    assert learners[0].statistics() == learners[1].statistics()
