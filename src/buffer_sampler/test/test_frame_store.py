import numpy as np
import pytest

from buffer_sampler.frame_store import INDEX, TAIL, FrameStore

CAPACITY = 8


@pytest.fixture
def make(tmp_path, experience):
    stores = []

    def make(capacity=CAPACITY):
        store = FrameStore(tmp_path, capacity, experience.height, experience.width)
        stores.append(store)
        return store

    yield make
    for store in stores:
        store.close()


def add(store, experience, count):
    ids = experience.frames(count)
    for frame_id in ids:
        store.add(frame_id, experience.pixels(frame_id))
    return ids


def put(store, slot, pixels, entry):
    store._files[0].write(slot * store.frame_bytes, pixels)
    store._files[1].write(slot * INDEX.itemsize, entry)


def damage(store, slot):
    put(store, slot, store.pixels[slot] ^ 1, store._index[slot])


def assert_holds(store, experience, ids):
    for frame_id in ids:
        number = store.number_of(frame_id)
        assert number is not None
        slot = store.slots(np.array(number))
        np.testing.assert_array_equal(store.pixels[slot], experience.pixels(frame_id))


def test_frames_are_numbered_from_one(make, experience):
    store = make()
    ids = add(store, experience, 5)
    assert [store.number_of(frame_id) for frame_id in ids] == [1, 2, 3, 4, 5]
    assert (len(store), store.newest, store.oldest) == (5, 5, 1)
    assert_holds(store, experience, ids)


def test_another_picture_of_the_same_capture_time_is_another_frame(make, experience):
    """A clock was set back, and the time came again: neither picture is shown for the other."""
    store = make()
    ids = add(store, experience, 3)
    other = 255 - experience.pixels(ids[1])
    store.add(ids[1], other)
    assert (store.renamed, store.duplicates, store.number_of(ids[1])) == (1, 0, 4)
    both = store.pixels[store.slots(np.array([2, 4]))]
    np.testing.assert_array_equal(both, [experience.pixels(ids[1]), other])
    assert store.has(np.arange(1, 5)).all()
    store.add(ids[1], other)
    assert (store.renamed, store.duplicates) == (1, 1)
    for frame_id in experience.frames(6):  # to number 10: the first picture is overwritten, the other is not
        store.add(frame_id, experience.pixels(frame_id))
    assert store.number_of(ids[1]) == 4 and store.oldest == 3
    assert make().number_of(ids[1]) == 4


def test_a_frame_that_never_came_is_unknown(make):
    assert make().number_of(5) is None


@pytest.mark.parametrize('count', [CAPACITY, CAPACITY + 1, 2 * CAPACITY, 3 * CAPACITY + 5])
def test_the_ring_keeps_the_newest(make, experience, count):
    store = make()
    ids = add(store, experience, count)
    assert len(store) == CAPACITY
    assert_holds(store, experience, ids[-CAPACITY:])
    assert all(store.number_of(frame_id) is None for frame_id in ids[:-CAPACITY])
    numbers = np.arange(1, count + 1)
    np.testing.assert_array_equal(store.has(numbers), numbers >= store.oldest)


def test_a_frame_that_comes_twice_is_stored_once(make, experience):
    store = make()
    ids = add(store, experience, 3)
    store.add(ids[1], experience.pixels(ids[1]))
    assert (len(store), store.newest, store.duplicates) == (3, 3, 1)
    assert_holds(store, experience, ids)


def test_a_frame_that_comes_again_after_it_was_overwritten_is_new(make, experience):
    store = make()
    ids = add(store, experience, CAPACITY + 1)
    store.add(ids[0], experience.pixels(ids[0]))
    assert store.number_of(ids[0]) == CAPACITY + 2
    assert_holds(store, experience, [ids[0], *ids[3:]])


@pytest.mark.parametrize('count', [0, 1, 5, CAPACITY, 3 * CAPACITY + 2])
def test_opening_again_restores_everything(make, experience, count):
    first = make()
    ids = add(first, experience, count)
    store = make()
    assert (len(store), store.newest, store.cut) == (len(first), count, 0)
    assert_holds(store, experience, ids[-CAPACITY:])
    more = add(store, experience, 2)
    assert_holds(store, experience, (ids + more)[-CAPACITY:])


def test_torn_pixels_of_the_newest_frame_are_cut(make, experience):
    ids = add(make(), experience, 5)
    damage(make(), 5)
    store = make()
    assert (store.cut, store.newest, store.number_of(ids[4])) == (1, 4, None)
    assert_holds(store, experience, ids[:4])
    assert make().cut == 0, 'the damage is reported once'


def test_a_torn_index_entry_is_cut(make, experience, tmp_path):
    ids = add(make(), experience, 5)
    with open(tmp_path / 'frame_index.bin', 'r+b') as file:
        file.seek(3 * INDEX.itemsize)
        file.write(b'\xff\xff')
    store = make()
    assert (store.cut, store.number_of(ids[2])) == (1, None)
    assert_holds(store, experience, ids[:2] + ids[3:])


class Killed(Exception):
    """Stands for the death of the process in the middle of a frame."""


def half_written(write, *more):
    """Writes half of the pixels, and dies or fails."""

    def half(start, pixels):
        write(start, pixels[:4])
        raise more[0]

    return half


@pytest.mark.parametrize('count', [3, TAIL + 23])  # into an empty slot, over a frame older than the tail
def test_a_writer_killed_in_the_middle_of_a_frame_leaves_no_wrong_pixels(make, experience, count):
    capacity = TAIL + 20
    store = make(capacity)
    ids = add(store, experience, count)
    store._files[0].write = half_written(store._files[0].write, Killed)
    with pytest.raises(Killed):
        add(store, experience, 1)
    again = make(capacity)
    assert (again.cut, again.newest) == (0, count)
    assert_holds(again, experience, ids[max(0, count + 1 - capacity) :])
    assert all(again.number_of(frame_id) is None for frame_id in ids[: max(0, count + 1 - capacity)])


def test_frames_in_the_lost_part_of_a_truncated_file_are_cut(make, experience, tmp_path):
    ids = add(make(), experience, 5)
    frame_bytes = experience.height * experience.width * 3
    with open(tmp_path / 'frames.bin', 'r+b') as file:
        file.truncate(4 * frame_bytes + 10)  # frames 1 to 3 stand in slots 1 to 3
    store = make()
    assert (store.cut, store.newest) == (2, 3)
    assert_holds(store, experience, ids[:3])


def test_half_a_frame_in_a_truncated_file_is_cut_although_its_pixels_are_not_read(make, experience, tmp_path):
    capacity = 2 * TAIL + 20
    ids = add(make(capacity), experience, capacity - 1)
    middle = TAIL + 5
    with open(tmp_path / 'frames.bin', 'r+b') as file:
        file.truncate(middle * experience.height * experience.width * 3 + 10)
    store = make(capacity)
    assert store.newest == middle - 1
    assert_holds(store, experience, ids[: middle - 1])


def test_an_entry_that_outlived_its_frame_on_the_disk_is_not_believed(make, experience):
    """The disk writes pages in any order: a machine that stops may keep an old entry beside new pixels."""
    store = make()
    ids = add(store, experience, 3)
    old = store.pixels[3].copy(), store._index[3].copy()
    ids += add(store, experience, CAPACITY + 1)
    put(store, 3, *old)  # frame 11 is lost, 12 is there
    again = make()
    assert again.number_of(ids[2]) is None
    assert_holds(again, experience, ids[4:10] + ids[11:])


def test_no_frame_has_a_number_below_one(make, experience):
    store = make()
    add(store, experience, 3)
    assert store.has(np.array([-CAPACITY, -1, 0, 1, 3, 4])).tolist() == [False] * 3 + [True] * 2 + [False]


def test_an_index_cut_in_the_middle_of_an_entry_keeps_the_rest(make, experience, tmp_path):
    ids = add(make(), experience, 5)
    with open(tmp_path / 'frame_index.bin', 'r+b') as file:
        file.truncate(3 * INDEX.itemsize + 7)
    store = make()
    assert store.newest == 2
    assert_holds(store, experience, ids[:2])
    assert (tmp_path / 'frame_index.bin').stat().st_size == CAPACITY * INDEX.itemsize


def test_only_both_ends_of_the_pixels_are_read_when_opening_a_store_whose_ends_are_whole(make, experience):
    capacity = 2 * TAIL + 20
    add(make(capacity), experience, 2 * TAIL + 10)
    store = make(capacity)
    damage(store, TAIL + 1)  # frames TAIL + 1 to TAIL + 10 are in the middle
    damage(store, TAIL + 10)
    assert make(capacity).cut == 0
    damage(store, TAIL)
    damage(store, TAIL + 11)
    assert make(capacity).cut == 4, 'beside what is damaged more may be'


@pytest.mark.parametrize('end', ['newest', 'oldest'])
@pytest.mark.parametrize('lost', [TAIL // 2, TAIL + 1, 2 * TAIL + 10])
def test_pixels_that_never_reached_the_disk_are_cut_however_many_they_are(make, experience, lost, end):
    count, capacity = 4 * TAIL, 4 * TAIL + 20
    store = make(capacity)
    ids = add(store, experience, count)
    first = count + 1 - lost if end == 'newest' else 1
    store._files[0].write(first * store.frame_bytes, np.zeros(lost * store.frame_bytes, np.uint8))
    again = make(capacity)
    assert again.cut == lost
    assert_holds(again, experience, ids[: first - 1] + ids[first - 1 + lost :])


def test_pages_that_reached_the_disk_among_those_that_did_not_end_no_search(make, experience):
    count, capacity = 4 * TAIL, 4 * TAIL + 20
    store = make(capacity)
    add(store, experience, count)
    for slot in (count, count - TAIL + 1, count - 2 * TAIL + 2):  # fewer than TAIL whole ones between them
        damage(store, slot)
    damage(store, count - 3 * TAIL + 1)  # behind TAIL whole ones
    assert make(capacity).cut == 3


def test_new_pixels_beside_the_old_entry_that_the_disk_still_has_are_cut(make, experience):
    """Pages reach the disk in any order: the cleared entry of a frame may come last, or never."""
    capacity = 2 * TAIL + 20
    store = make(capacity)
    ids = add(store, experience, capacity + 15)
    entry = store._index[16].copy()  # of the oldest frame, 16
    add(store, experience, 1)  # takes its slot
    put(store, 16, store.pixels[16], entry)
    again = make(capacity)
    assert (again.cut, again.number_of(ids[15])) == (1, None)
    assert_holds(again, experience, ids[16:])


def test_untouched_frames_take_no_room_on_the_disk(tmp_path, experience):
    store = FrameStore(tmp_path, 100_000, 90, 160)
    assert (tmp_path / 'frames.bin').stat().st_size == 100_000 * 43_200
    assert (tmp_path / 'frames.bin').stat().st_blocks == 0
    store.close()


def test_room_is_asked_for_the_frames_and_the_slot_before_them(make, monkeypatch):
    """A disk that has room for them must not be refused for want of more."""
    store, asked = make(), []
    for file in store._files:
        monkeypatch.setattr(file, 'reserve', asked.append)
    store.reserve(3)
    assert asked == [4 * store.frame_bytes, 4 * INDEX.itemsize]
