import array
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from buffer_sampler.slots import (
    MiniBatchReader,
    SharedMemoryError,
    SlotPool,
    SlotReader,
    batch_bytes,
    batch_views,
)

SHAPE = (4, 5, 7)  # transitions, height, width


@pytest.fixture
def pool():
    pool = SlotPool(3, *SHAPE)
    yield pool
    pool.close()


def fill(views, value):
    for part in views:
        part[...] = value


def message(pool, slot, **changes):
    fields = {
        'memory': pool.path,
        'memory_token': pool.token,
        'offset': slot.offset,
        'batch_size': SHAPE[0],
        'height': SHAPE[1],
        'width': SHAPE[2],
        'data': array.array('B'),
    }
    return SimpleNamespace(**({'frame_folders': []} | fields | changes))


def test_layout_is_that_of_the_message_without_gaps():
    batch = 2
    floats = np.arange(batch * 37, dtype=np.float32)
    pixels = np.arange(2 * batch * 3 * 5 * 7 * 3, dtype=np.uint32).astype(np.uint8)
    buffer = floats.tobytes() + pixels.tobytes()
    assert len(buffer) == batch_bytes(batch, 5, 7)
    views = batch_views(buffer, 0, batch, 5, 7)
    np.testing.assert_array_equal(views.proprio, floats[:60].reshape(2, 2, 15))
    np.testing.assert_array_equal(views.action, floats[60:70].reshape(2, 5))
    np.testing.assert_array_equal(views.reward, floats[70:72])
    np.testing.assert_array_equal(views.discount, floats[72:])
    np.testing.assert_array_equal(views.images, pixels.reshape(2, 2, 3, 5, 7, 3))


@pytest.mark.parametrize('batch', [1, 3, 128])
def test_float_arrays_are_aligned_even_where_pixels_are_odd(batch):
    pool = SlotPool(2, batch, 5, 7)
    for _ in range(2):
        views = pool.take().views
        assert all(part.flags.aligned and part.flags.c_contiguous for part in views)
    pool.close()


def test_a_buffer_that_is_too_small_is_refused():
    for size in (10, 3111):
        with pytest.raises(ValueError, match=rf'has {size} bytes; 4 transitions of 7x5 pixels need 3112'):
            batch_views(bytes(size), 0, *SHAPE)


def test_reader_sees_what_the_writer_wrote_without_a_copy(pool):
    slot = pool.take()
    views = SlotReader(pool.path, pool.token).views(slot.offset, *SHAPE)
    fill(slot.views, 7)
    assert all((part == 7).all() for part in views)
    slot.views.images[1, 3, 2, 4, 6, 2] = 200
    assert views.images[1, 3, 2, 4, 6, 2] == 200


def test_reader_cannot_write(pool):
    views = SlotReader(pool.path, pool.token).views(pool.take().offset, *SHAPE)
    assert not any(part.flags.writeable for part in views)


def test_slots_do_not_overlap(pool):
    slots = [pool.take() for _ in range(3)]
    for slot in slots:
        fill(slot.views, slot.index + 1)
    reader = SlotReader(pool.path, pool.token)
    for slot in slots:
        assert all((part == slot.index + 1).all() for part in reader.views(slot.offset, *SHAPE))


def test_a_slot_outside_the_memory_is_refused(pool):
    with pytest.raises(ValueError, match='bytes'):
        SlotReader(pool.path, pool.token).views(10**6, *SHAPE)


def test_a_slot_comes_back_only_when_the_learner_is_done(pool):
    for batch_id in (1, 2, 3):
        pool.hand_out(pool.take(), batch_id)
    assert not pool.has_free
    pool.done(1)
    assert pool.handed_out == 2
    assert pool.take().index == 0
    assert not pool.has_free


def test_done_frees_the_mini_batches_before_it_as_well(pool):
    for batch_id in (5, 6, 7):
        pool.hand_out(pool.take(), batch_id)
    pool.done(6)
    assert pool.handed_out == 1
    assert sorted([pool.take().index, pool.take().index]) == [0, 1]


def test_done_twice_or_unknown_frees_nothing_twice(pool):
    pool.hand_out(pool.take(), 4)
    for batch_id in (4, 4, 3, 0):
        pool.done(batch_id)
    assert sorted(pool.take().index for _ in range(3)) == [0, 1, 2]
    assert not pool.has_free


def test_a_slot_being_filled_is_not_reclaimed(pool):
    filling = pool.take()
    pool.hand_out(pool.take(), 1)
    pool.reclaim()
    assert pool.handed_out == 0
    assert filling.index not in [pool.take().index, pool.take().index]
    assert not pool.has_free


def test_random_life_cycle_never_gives_away_a_slot_in_use(pool):
    rng = np.random.default_rng(3)
    in_use, batch_id = {}, 0
    for _ in range(2000):
        if pool.has_free and rng.random() < 0.6:
            slot = pool.take()
            assert slot.index not in in_use.values()
            batch_id += 1
            pool.hand_out(slot, batch_id)
            in_use[batch_id] = slot.index
        elif in_use:
            word = int(rng.choice(list(in_use)))
            pool.done(word)
            in_use = {number: index for number, index in in_use.items() if number > word}
        assert pool.handed_out == len(in_use) <= 3


READER = """
import os, sys
from buffer_sampler.slots import SlotReader
views = SlotReader(sys.argv[1], int(sys.argv[2])).views(int(sys.argv[3]), 4, 5, 7)
print(int(views.images.sum()), flush=True)
os.kill(os.getpid(), 9)
"""


def test_slots_of_a_reader_that_was_killed_serve_the_next_one(pool):
    for batch_id in (1, 2, 3):
        slot = pool.take()
        fill(slot.views, batch_id)
        pool.hand_out(slot, batch_id)
    path = [os.path.dirname(os.path.dirname(sys.modules[name].__file__)) for name in PACKAGES]
    reader = subprocess.run(
        [sys.executable, '-c', READER, pool.path, str(pool.token), str(slot.offset)],
        env=os.environ | {'PYTHONPATH': os.pathsep.join(path)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert reader.stdout.strip() == str(3 * slot.views.images.size), reader.stderr
    assert reader.returncode == -9
    assert not pool.has_free
    pool.reclaim()
    fill(pool.take().views, 9)
    assert pool.has_free


PACKAGES = ('buffer_sampler', 'ur5_rl_graph')


def test_a_reader_keeps_its_mini_batch_when_the_sampler_is_gone():
    pool = SlotPool(1, *SHAPE)
    slot = pool.take()
    fill(slot.views, 5)
    views = SlotReader(pool.path, pool.token).views(slot.offset, *SHAPE)
    pool.close()
    assert (views.images == 5).all()


def test_another_token_is_refused(pool):
    with pytest.raises(ValueError, match='token .* expected is 0x1'):
        SlotReader(pool.path, 1)


@pytest.mark.parametrize('path', ['/proc/999999999/fd/3', '/no/such/file'])
def test_a_path_that_cannot_be_opened_is_refused(path):
    with pytest.raises(ValueError, match=f'{path} cannot be opened'):
        SlotReader(path, 1)


def test_a_path_that_is_something_else_here_is_refused_unread(tmp_path):
    os.mkfifo(tmp_path / 'pipe')
    (tmp_path / 'short').write_bytes(b'12345678')
    for name, why in (
        ('pipe', r'pipe cannot be opened \(it is no regular file\)'),
        ('short', 'short is no shared memory of a sampler'),
    ):
        with pytest.raises(SharedMemoryError, match=why):
            SlotReader(str(tmp_path / name), 1)


def test_message_reader_takes_both_kinds_alike(pool):
    slot = pool.take()
    rng = np.random.default_rng(0)
    for part in slot.views:
        part[...] = rng.integers(0, 200, part.shape)
    reader = MiniBatchReader()
    named = reader.read(message(pool, slot))
    full = reader.read(message(pool, slot, memory='', data=array.array('B', pool.data(slot).tobytes())))
    for name in named._fields:
        np.testing.assert_array_equal(getattr(named, name), getattr(slot.views, name))
        np.testing.assert_array_equal(getattr(full, name), getattr(slot.views, name))


def test_message_reader_reads_where_images_lie():
    pool = SlotPool(2, *SHAPE)
    pool.take()
    slot = pool.take()
    rng = np.random.default_rng(0)
    for part in (*slot.places[1:], *slot.places.images):
        part[...] = rng.integers(0, 200, part.shape)
    found = MiniBatchReader().read(message(pool, slot, frame_folders=['/run/replay']))
    for part, expected in zip(found[1:] + found.images, slot.places[1:] + slot.places.images, strict=True):
        np.testing.assert_array_equal(part, expected)
        assert part.dtype == expected.dtype
    np.testing.assert_array_equal(found.reward, slot.views.reward)  # the same memory
    with pytest.raises(ValueError, match='need'):
        MiniBatchReader().read(message(pool, slot, frame_folders=['/run/replay'], offset=10**6))
    pool.close()


def test_message_reader_opens_a_memory_once():
    opened = []
    pool, reader = SlotPool(2, *SHAPE), MiniBatchReader(opened.append)
    first, second = pool.take(), pool.take()
    fill(second.views, 3)
    reader.read(message(pool, first))
    pool.close()  # it could not be opened any more
    assert (reader.read(message(pool, second)).reward == 3).all()
    (memory,) = opened
    assert memory[:8] == pool.token.to_bytes(8, 'little')


def test_message_reader_follows_a_restarted_sampler(pool):
    reader = MiniBatchReader()
    first = pool.take()
    fill(first.views, 1)
    assert (reader.read(message(pool, first)).reward == 1).all()
    restarted = SlotPool(1, *SHAPE)
    second = restarted.take()
    fill(second.views, 2)
    assert (reader.read(message(restarted, second)).reward == 2).all()
    restarted.close()


def test_message_reader_that_cannot_open_raises_an_os_error_each_time(pool):
    reader = MiniBatchReader()
    for _ in range(2):
        with pytest.raises(OSError, match='token'):
            reader.read(message(pool, pool.take(), memory_token=1))


def test_no_name_is_left_behind():
    before = set(os.listdir('/dev/shm'))
    pool = SlotPool(1, *SHAPE)
    assert not [name for name in set(os.listdir('/dev/shm')) - before if 'mini_batch' in name]
    pool.close()
