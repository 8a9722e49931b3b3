import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from buffer_sampler.replay import RECORD, Replay

CAPACITY = 20
SHAPE = {'height': 9, 'width': 16}


@pytest.fixture
def make(tmp_path):
    """Opens the buffer; opening it again closes it first, as the end of a process would."""
    opened = []

    def make(**changes):
        while opened:
            opened.pop().close()
        opened.append(Replay(tmp_path, **({'capacity': CAPACITY} | SHAPE | changes)))
        return opened[-1]

    yield make
    while opened:
        opened.pop().close()


def store(replay, transitions):
    transitions = list(transitions)
    assert all([replay.append(transition) for transition in transitions])
    return transitions


def damage_record(replay, place):
    record = replay.records[place : place + 1].copy()
    record['reward'] += 1
    replay._file.write(place * RECORD.itemsize, record)


def damage_frame(replay, slot):
    replay.frames._files[0].write(slot * replay.frames.frame_bytes, replay.frames.pixels[slot] ^ 1)


def places(replay):
    """Places in `records` of what can be drawn, oldest first."""
    return [int(replay._order[(replay._first + i) % replay.capacity]) for i in range(len(replay))]


def assert_holds(replay, experience, transitions):
    """The buffer holds exactly these transitions, in this order, pixel for pixel."""
    assert len(replay) == len(transitions)
    for place, transition in zip(places(replay), transitions, strict=True):
        record = replay.records[place]
        for name in ('episode', 'step', 'stamp_ns', 'action_changed', 'reward', 'terminated', 'truncated'):
            assert record[name] == getattr(transition, name), name
        np.testing.assert_array_equal(record['proprio'], transition.proprio)
        np.testing.assert_array_equal(record['action'], transition.action)
        np.testing.assert_array_equal(record['executed_action'], transition.executed_action)
        frames = replay.frames.pixels[replay.frames.slots(record['frames'])]
        for found, frame_id in zip(frames.reshape(6, 9, 16, 3), transition.frame_ids.ravel(), strict=True):
            np.testing.assert_array_equal(found, experience.pixels(frame_id))


# --- storing


def test_an_episode_is_stored_as_it_came(make, experience):
    replay = make()
    transitions = store(replay, experience.run(10))
    assert_holds(replay, experience, transitions)
    assert (replay.total_steps, replay.lost, len(replay.frames)) == (10, 0, 13)


def test_the_borders_of_episodes_mix_no_frames(make, experience):
    replay = make(frames_per_transition=2.0)
    transitions = [t for steps in (3, 1, 5, 2) for t in store(replay, experience.run(steps))]
    assert_holds(replay, experience, transitions)
    assert len(replay.frames) == 11 + 4 * 3


def test_end_of_an_episode_is_kept_as_it_was(make, experience):
    replay = make()
    store(replay, experience.run(3, terminated=True))
    store(replay, experience.run(3, terminated=False))
    assert replay.records['terminated'][places(replay)].tolist() == [0, 0, 1, 0, 0, 0]
    assert replay.records['truncated'][places(replay)].tolist() == [0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize('steps', [CAPACITY, CAPACITY + 1, 2 * CAPACITY, 5 * CAPACITY + 3])
def test_the_ring_keeps_the_newest(make, experience, steps):
    replay = make()
    transitions = store(replay, experience.run(steps))
    assert_holds(replay, experience, transitions[-CAPACITY:])
    assert (replay.total_steps, replay.evicted) == (steps, 0)


def test_many_episodes_of_the_usual_length_lose_nothing_to_the_ring_of_frames(tmp_path, experience):
    replay = Replay(tmp_path, capacity=1000, **SHAPE)
    for _ in range(15):
        store(replay, experience.run(100))
    assert (len(replay), replay.evicted) == (1000, 0)
    replay.close()


def test_transitions_whose_frames_are_overwritten_are_given_up(make, experience):
    replay = make(frames_per_transition=1.0)  # 32 frames; an episode of one step has four
    transitions = [t for _ in range(12) for t in store(replay, experience.run(1))]
    assert_holds(replay, experience, transitions[-8:])
    assert replay.evicted == 4


def test_two_new_frames_per_step_need_twice_the_frames(make, experience):
    replay = make(frames_per_transition=2.05)
    transitions = store(replay, experience.run(3 * CAPACITY, new_per_step=2))
    assert_holds(replay, experience, transitions[-CAPACITY:])
    assert replay.evicted == 0


@pytest.mark.parametrize('opened_again', [False, True])
def test_a_late_transition_with_old_frames_is_given_up_before_its_frames_are_gone(
    make, experience, opened_again
):
    replay = make(frames_per_transition=1.0)
    early, late = (store(replay, experience.run(1))[0] for _ in range(2))
    nothing = {'new_frame_ids': early.new_frame_ids[:0], 'new_frames': early.new_frames[:0]}
    again = store(replay, [early._replace(step=9, **nothing)])[0]
    more = [t for _ in range(6) for t in store(replay, experience.run(1))]
    if opened_again:
        replay = make(frames_per_transition=1.0)
    assert_holds(replay, experience, [early, late, again, *more])  # 32 frames: the ring is full
    more += store(replay, experience.run(1))
    assert_holds(replay, experience, more)
    assert replay.evicted == 3


@pytest.mark.parametrize('seed', range(2))
def test_what_can_be_drawn_is_whole_and_nothing_is_given_up_too_early(make, experience, seed):
    """Episodes of any length, a ring of frames that is too small for them: checked after every step."""
    rng, replay, kept = np.random.default_rng(seed), make(frames_per_transition=1.0), []
    for length in rng.integers(1, 6, 30):
        for transition in experience.run(int(length)):
            store(replay, [transition])
            kept = [*kept, transition][-CAPACITY:]
            while not all(replay.frames.number_of(int(n)) for n in kept[0].frame_ids.ravel()):
                kept.pop(0)
            assert len(replay) == len(kept)
            assert replay.frames.has(replay.records['frames'][places(replay)]).all()
    assert_holds(replay, experience, kept)
    assert replay.evicted > 0


# --- what is lost


def test_a_lost_message_costs_the_transitions_that_need_its_frame(make, experience):
    replay = make()
    transitions = list(experience.run(10))
    stored = [replay.append(t) for i, t in enumerate(transitions) if i != 4]
    # The frame of message 4 is part of the observations after steps 4, 5 and 6.
    assert stored == [True] * 4 + [False] * 3 + [True] * 2
    assert (replay.lost, replay.total_steps, len(replay)) == (3, 9, 6)
    assert_holds(replay, experience, transitions[:4] + transitions[8:])


def test_frames_of_a_transition_that_is_not_stored_serve_the_next(make, experience):
    replay = make()
    transitions = list(experience.run(6))
    replay.append(transitions[0])
    assert [replay.append(t) for t in transitions[2:]] == [False, False, False, True]


def test_frames_sent_twice_are_stored_once(make, experience):
    replay = make()
    transitions = list(experience.run(4))
    everything = np.unique(np.concatenate([t.new_frame_ids for t in transitions]))
    pixels = np.stack([experience.pixels(frame_id) for frame_id in everything])
    store(replay, [t._replace(new_frame_ids=everything, new_frames=pixels) for t in transitions])
    assert (len(replay.frames), replay.frames.duplicates) == (7, 21)
    assert_holds(replay, experience, transitions)


@pytest.mark.parametrize(
    ('changes', 'words'),
    [
        (
            {'new_frames': np.zeros((4, 8, 16, 3), np.uint8)},
            r'new_frames has shape \(4, 8, 16, 3\)',
        ),
        ({'new_frames': np.zeros((3, 9, 16, 3), np.uint8)}, r'expected is \(4, 9, 16, 3\)'),
        ({'proprio': np.zeros((2, 14), np.float32)}, r'proprio has shape \(2, 14\), expected is \(2, 15\)'),
        ({'action': np.zeros(6, np.float32)}, r'action has shape \(6,\), expected is \(5,\)'),
        ({'frame_ids': np.zeros((2, 4), np.int64)}, r'frame_ids has shape \(2, 4\), expected is \(2, 3\)'),
        ({'episode': 2**63}, 'episode is 9223372036854775808, more than the 9223372036854775807 that'),
        ({'reward': float('nan')}, 'reward holds a number that is not finite'),
        ({'action': np.full(5, np.inf, np.float32)}, 'action holds a number that is not finite'),
        ({'proprio': np.full((2, 15), np.nan, np.float32)}, 'proprio holds a number that is not finite'),
    ],
)
def test_a_malformed_transition_is_refused_and_counted(make, experience, changes, words):
    replay = make()
    transition = next(experience.run(1))
    with pytest.raises(ValueError, match=words):
        replay.append(transition._replace(**changes))
    assert (len(replay), len(replay.frames), replay.lost, replay.total_steps) == (0, 0, 1, 1)
    assert replay.append(transition)
    assert replay.lost == 1


def failing(monkeypatch, name, number):
    """Lets every second piece that is written to a file fail, after a part of it."""
    write, calls = os.pwrite, []

    def full(handle, piece, place):
        if not os.readlink(f'/proc/self/fd/{handle}').endswith(name):
            return write(handle, piece, place)
        calls.append(place)
        if len(calls) % 2:
            return write(handle, piece[: len(piece) // 2], place)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, 'pwrite', full)


@pytest.mark.parametrize('name', ['frames.bin', 'frame_index.bin', 'transitions.bin'])
@pytest.mark.parametrize('number', [errno.ENOSPC, errno.EROFS, errno.EIO])
@pytest.mark.parametrize('steps', [0, 7, 3 * CAPACITY])
def test_a_disk_that_fails_costs_what_comes_then_and_nothing_wrong_is_drawn(
    make, experience, monkeypatch, name, number, steps
):
    replay = make()
    before = store(replay, experience.run(steps)) if steps else []
    lost = list(experience.run(3))
    with monkeypatch.context() as patch:
        failing(patch, name, number)
        for transition in lost:
            with pytest.raises(OSError, match=f'{os.strerror(number)}.*{name}'):
                replay.append(transition)
            kept = before[len(before) - len(replay) :]
            assert_holds(replay, experience, kept)
    assert (replay.total_steps, replay.lost) == (steps + 3, 3)
    assert len(replay) >= min(steps, CAPACITY) - 4, 'what stood in the way at most'
    more = store(replay, experience.run(5))
    assert_holds(replay, experience, (kept + more)[-CAPACITY:])
    assert_holds(make(), experience, (kept + more)[-CAPACITY:])


@pytest.mark.parametrize('name', ['frames.bin', 'frame_index.bin'])
def test_a_frame_that_a_failing_disk_has_half_overwritten_is_not_drawn_any_more(
    make, experience, monkeypatch, name
):
    replay = make(frames_per_transition=1.0)  # 32 frames; an episode of one step has four: the ring is full
    kept = [t for _ in range(12) for t in store(replay, experience.run(1))][-8:]
    with monkeypatch.context() as patch:
        failing(patch, name, errno.EIO)
        with pytest.raises(OSError):
            replay.append(next(experience.run(1)))
    assert_holds(replay, experience, kept[-len(replay) :])
    more = [t for _ in range(3) for t in store(replay, experience.run(1))]
    assert_holds(replay, experience, [*kept, *more][-len(replay) :])
    assert len(replay) >= 7


def test_nothing_is_written_through_the_mapping(make, experience):
    """That would kill the process where the disk fails."""
    replay = make()
    store(replay, experience.run(3))
    for array in (replay.records, replay.frames.pixels):
        with pytest.raises(ValueError, match='read-only'):
            array[0] = 0


def test_room_is_reserved_before_anything_is_learned(make, experience, tmp_path, monkeypatch):
    replay, asked = make(), []
    monkeypatch.setattr(os, 'posix_fallocate', lambda handle, start, size: asked.append(size))
    replay.reserve(10)
    record, frames = asked[0], asked[1:]
    assert record == 11 * RECORD.itemsize
    store(replay, experience.run(10))
    slots = replay.frames.slots(np.arange(1, replay.frames.newest + 1))
    assert frames[0] >= (slots.max() + 1) * replay.frames.frame_bytes
    monkeypatch.setattr(os, 'posix_fallocate', _no_room)
    with pytest.raises(OSError, match='transitions.bin has no room for its first .* free some disk space'):
        replay.reserve(10)


@pytest.mark.parametrize('name', ['transitions.bin', 'frame_index.bin'])
def test_what_is_read_as_a_whole_has_its_room_before(make, tmp_path, name):
    make(capacity=5000)
    found = (tmp_path / name).stat()
    assert 512 * found.st_blocks >= found.st_size


@pytest.mark.parametrize('refused', [1, 2])
def test_a_disk_without_room_for_the_tables_is_one_line_and_keeps_no_lock(make, monkeypatch, refused):
    asked = []

    def full(*_):
        asked.append(1)
        if len(asked) == refused:
            _no_room()

    with monkeypatch.context() as patch:
        patch.setattr(os, 'posix_fallocate', full)
        with pytest.raises(OSError, match='bin has no room for its first .* free some disk space'):
            make()
    assert len(make()) == 0 and not make().damaged


def _no_room(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_the_room_of_a_small_disk_is_known(make, experience, monkeypatch):
    replay = make()
    store(replay, experience.run(5))
    assert replay.room == CAPACITY
    each = replay.frames.capacity / CAPACITY * replay.frames.frame_bytes  # the tables have theirs
    monkeypatch.setattr(shutil, 'disk_usage', lambda _: SimpleNamespace(free=int(14.9 * each)))
    assert replay.room == 5 + 14


def test_room_that_was_reserved_is_counted_until_something_is_stored_there(make, experience, monkeypatch):
    replay = make(capacity=5000)
    replay.reserve(500)
    each = replay.frames.capacity / 5000 * replay.frames.frame_bytes
    monkeypatch.setattr(shutil, 'disk_usage', lambda _: SimpleNamespace(free=int(500.5 * each)))
    assert replay.room == 1000
    store(replay, experience.run(5))
    assert replay.room == 1000


# --- drawing


def test_draws_are_uniform_over_what_is_stored(make, experience):
    replay = make()
    store(replay, experience.run(CAPACITY + 7))
    counts = np.bincount(replay.draw(np.random.default_rng(0), 2000 * CAPACITY), minlength=CAPACITY)
    assert np.abs(counts - 2000).max() < 5 * 45  # binomial, standard deviation below 45


def test_draws_never_leave_what_is_stored(make, experience):
    replay = make(frames_per_transition=1.0)
    for _ in range(12):
        store(replay, experience.run(1))
    assert set(replay.draw(np.random.default_rng(0), 1000).tolist()) == set(places(replay))


def test_drawing_from_an_empty_buffer_is_refused(make):
    with pytest.raises(ValueError, match='replay buffer is empty'):
        make().draw(np.random.default_rng(0), 1)


# --- opening again


@pytest.mark.parametrize('steps', [0, 1, 7, CAPACITY, 3 * CAPACITY + 4])
def test_opening_again_restores_everything(make, experience, steps):
    transitions = store(make(), experience.run(steps))
    replay = make()
    assert_holds(replay, experience, transitions[-CAPACITY:])
    assert (replay.total_steps, replay.damaged) == (steps, False)
    more = store(replay, experience.run(5))
    assert_holds(replay, experience, (transitions + more)[-CAPACITY:])
    assert replay.total_steps == steps + 5


def test_opening_again_after_frames_were_overwritten_is_no_damage(make, experience):
    replay = make(frames_per_transition=1.0)
    transitions = [t for _ in range(12) for t in store(replay, experience.run(1))]
    replay = make(frames_per_transition=1.0)
    assert not replay.damaged
    assert_holds(replay, experience, transitions[-8:])
    transitions += [t for _ in range(3) for t in store(replay, experience.run(1))]
    assert_holds(replay, experience, transitions[-8:])


def test_bytes_beyond_the_end_of_the_file_are_no_damage(make, experience, tmp_path):
    transitions = store(make(), experience.run(4))
    with open(tmp_path / 'transitions.bin', 'ab') as file:
        file.write(b'beyond')
    replay = make()
    assert not replay.damaged and replay.recovered == '4 transitions and 7 frames restored, 4 steps'
    assert_holds(replay, experience, transitions)


def test_lost_steps_count_after_a_restart(make, experience):
    replay = make()
    transitions = list(experience.run(10))
    for index in (0, 1, 3, 9):
        replay.append(transitions[index])
    store(replay, experience.run(2))
    assert make().total_steps == 6


def test_a_torn_record_is_cut_with_one_line(make, experience):
    replay = make()
    transitions = store(replay, experience.run(10))
    damage_record(replay, 10)
    replay = make()
    assert replay.damaged
    assert '9 transitions and 13 frames restored' in replay.recovered
    assert 'damaged and cut: 1 transitions, 0 frames' in replay.recovered
    assert '\n' not in replay.recovered
    assert_holds(replay, experience, transitions[:9])
    assert not make().damaged, 'the damage is reported once'


def test_a_damaged_record_in_the_middle_costs_itself_only(make, experience):
    replay = make()
    transitions = store(replay, experience.run(CAPACITY + 5))
    damage_record(replay, 12)
    replay = make()
    kept = transitions[5:11] + transitions[12:]
    assert_holds(replay, experience, kept)
    more = store(replay, experience.run(3))
    assert_holds(replay, experience, kept[3:] + more)
    more += store(replay, experience.run(CAPACITY - 5))
    assert_holds(replay, experience, (kept + more)[-CAPACITY:])


def test_a_torn_frame_cuts_the_transitions_that_name_it(make, experience):
    replay = make()
    transitions = store(replay, experience.run(10))
    damage_frame(replay, 13)  # the newest
    replay = make()
    assert 'damaged and cut: 1 transitions, 1 frames' in replay.recovered
    assert_holds(replay, experience, transitions[:9])


def test_a_cut_transition_does_not_come_back_with_a_new_frame_in_place_of_the_torn_one(make, experience):
    replay = make()
    transitions = store(replay, experience.run(10))
    damage_frame(replay, 13)
    replay = make()
    replay.frames.add(5, np.zeros((9, 16, 3), np.uint8))  # takes the number of the torn frame
    assert_holds(make(), experience, transitions[:9])


@pytest.mark.parametrize('kept', [0, 1, 3.5, 10])
def test_a_truncated_file_of_transitions_keeps_what_is_whole(make, experience, tmp_path, kept):
    transitions = store(make(), experience.run(15))
    with open(tmp_path / 'transitions.bin', 'r+b') as file:
        file.truncate(int(kept * RECORD.itemsize))
    replay = make()
    # Transition n stands at place n; place 0 is empty as yet.
    assert_holds(replay, experience, transitions[: max(0, int(kept) - 1)])
    more = store(replay, experience.run(2))
    assert_holds(replay, experience, transitions[: max(0, int(kept) - 1)] + more)


@pytest.mark.parametrize('empty', [False, True])
@pytest.mark.parametrize('name', ['frames.bin', 'frame_index.bin', 'transitions.bin'])
def test_a_missing_or_empty_file_is_damage_and_no_exception(make, experience, tmp_path, name, empty):
    """A copy onto a full disk leaves it so; more frames than both ends that are read on opening."""
    store(make(capacity=500), experience.run(400))
    (tmp_path / name).unlink()
    if empty:
        (tmp_path / name).touch()
    replay = make(capacity=500)
    assert len(replay) == 0 and replay.damaged and 'damaged and cut' in replay.recovered
    assert_holds(replay, experience, store(replay, experience.run(5)))
    assert not make(capacity=500).damaged, 'the damage is reported once'


def test_a_new_buffer_is_not_damaged(make):
    replay = make()
    assert not replay.damaged and replay.recovered == '0 transitions and 0 frames restored, 0 steps'


@pytest.mark.parametrize('name', ['frames.bin', 'frame_index.bin', 'transitions.bin'])
@pytest.mark.parametrize('seed', range(3))
def test_noise_in_a_file_is_never_an_exception_nor_sampled(make, experience, tmp_path, name, seed):
    replay = make()
    transitions = store(replay, experience.run(CAPACITY + 9))
    path = tmp_path / name
    data = np.fromfile(path, np.uint8)
    rng = np.random.default_rng(seed)
    where = rng.integers(0, len(data), 6)
    data[where] ^= rng.integers(1, 256, 6).astype(np.uint8)
    data.tofile(path)
    replay = make()
    by_step = {t.step: t for t in transitions}
    steps = replay.records['step'][places(replay)].tolist()
    assert_holds(replay, experience, [by_step[step] for step in steps])
    store(replay, experience.run(3))


WRITER = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from conftest import Experience
from buffer_sampler.replay import Replay
replay = Replay(Path(sys.argv[1]), capacity=200, height=9, width=16)
experience = Experience()
while True:
    for transition in experience.run(100):
        replay.append(transition)
        print(replay.total_steps, flush=True)
"""


@pytest.mark.parametrize('steps', [50, 333])
def test_a_killed_writer_loses_nothing_that_it_had_stored(tmp_path, experience, steps):
    import buffer_sampler
    import ur5_rl_graph

    paths = [str(Path(__file__).parent)]
    paths += [str(Path(package.__file__).parents[1]) for package in (buffer_sampler, ur5_rl_graph)]
    writer = subprocess.Popen([sys.executable, '-c', WRITER, str(tmp_path), *paths], stdout=subprocess.PIPE)
    try:
        seen = 0
        while seen < steps:
            seen = int(writer.stdout.readline())
    finally:
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
        writer.wait(timeout=30)
    seen = int(rest[-1]) if rest else seen
    replay = Replay(tmp_path, capacity=200, **SHAPE)
    assert seen <= replay.total_steps <= seen + 1
    written = [t for _ in range(-(-replay.total_steps // 100)) for t in experience.run(100)]
    assert_holds(replay, experience, written[: replay.total_steps][-200:])
    replay.close()


def test_the_disk_has_frames_before_what_names_them(make, experience, monkeypatch):
    replay, synced = make(), []
    store(replay, experience.run(3))
    monkeypatch.setattr(os, 'fdatasync', lambda handle: synced.append(os.readlink(f'/proc/self/fd/{handle}')))
    replay.sync()
    assert [Path(name).name for name in synced] == ['frames.bin', 'frame_index.bin', 'transitions.bin']


# --- folders that do not fit


@pytest.mark.parametrize(
    'changes', [{'capacity': 30}, {'height': 10}, {'width': 8}, {'frames_per_transition': 2.0}]
)
def test_a_buffer_of_another_shape_is_refused_with_both_shapes(make, experience, tmp_path, changes):
    transitions = store(make(), experience.run(3))
    with pytest.raises(
        ValueError, match="is .*'height': 9.*wanted is .*; start with the parameters of that run"
    ):
        make(**changes)
    assert_holds(make(), experience, transitions)


@pytest.mark.parametrize('text', ['{"version": 2}', 'noise', '', '[]', '7', '\0' * 40])
def test_a_buffer_that_cannot_be_read_is_refused(make, tmp_path, text):
    make()
    (tmp_path / 'replay.json').write_text(text)
    with pytest.raises(ValueError, match='wanted is .*version.* or in another run_folder'):
        make()


def test_a_buffer_of_the_layout_before_is_refused_not_misread(make, tmp_path):
    make()
    path = tmp_path / 'replay.json'
    path.write_text(path.read_text().replace('"version": 2', '"version": 1'))
    with pytest.raises(ValueError, match='has layout version 1, this program reads 2 only; .*run_folder'):
        make()


def test_a_folder_in_use_is_refused(make, tmp_path):
    make()
    with pytest.raises(ValueError, match='another process writes the replay buffer'):
        Replay(tmp_path, capacity=CAPACITY, **SHAPE)


# --- size


def test_what_is_stored_is_counted_in_bytes(make, experience):
    replay = make()
    assert replay.bytes_in_use == 0
    store(replay, experience.run(10))
    assert replay.bytes_in_use == 13 * (9 * 16 * 3 + 24) + 10 * RECORD.itemsize  # 24: of the index


def test_a_transition_of_the_thesis_takes_at_most_45_kilobytes(tmp_path, experience):
    experience = type(experience)(90, 160)
    replay = Replay(tmp_path, capacity=200, height=90, width=160)
    frame = np.zeros((4, 90, 160, 3), np.uint8)
    for _ in range(2):
        for transition in experience.run(100):
            replay.append(transition._replace(new_frames=frame[: len(transition.new_frame_ids)]))
    assert len(replay) == 200
    assert replay.bytes_in_use / 200 <= 45_000
    replay.close()


def test_the_files_of_the_thesis_capacity_take_less_than_5_gigabytes(tmp_path):
    replay = Replay(tmp_path, capacity=100_000, height=90, width=160)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 5e9
    assert json.loads((tmp_path / 'replay.json').read_text())['capacity'] == 100_000
    replay.close()
