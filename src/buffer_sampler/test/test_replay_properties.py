"""Whatever comes, is lost, wraps or is opened again: what can be drawn is what was written, to the pixel."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from buffer_sampler.frame_store import FrameStore
from buffer_sampler.replay import Replay

CAPACITY = 6
HEIGHT, WIDTH = 2, 3

EPISODES = st.builds(
    lambda steps, new, terminated: ('episode', steps, new, terminated),
    st.integers(1, 10), st.integers(1, 3), st.booleans(),
)  # fmt: skip
SCRIPTS = st.lists(
    st.one_of(
        EPISODES, st.just(('restart',)), st.just(('repeat',)), st.tuples(st.just('lose'), st.integers(1, 9))
    ),
    max_size=12,
)


class Held:
    """What a replay should hold, told in the plainest way."""

    def __init__(self, frames):
        self.capacity, self.newest = frames, 0
        self.numbers, self.transitions = {}, []
        self.steps = self.steps_stored = 0

    def append(self, transition):
        self.steps += 1
        for frame_id in transition.new_frame_ids.tolist():
            if self._number(frame_id) is None:
                self.newest += 1
                self.numbers[frame_id] = self.newest
        gone = [i for i, (_, numbers) in enumerate(self.transitions) if min(numbers) <= self._overwritten]
        self.transitions = self.transitions[max(gone, default=-1) + 1 :]
        numbers = [self._number(frame_id) for frame_id in transition.frame_ids.ravel().tolist()]
        if None in numbers:
            return False
        self.transitions = [*self.transitions, (transition, numbers)][-CAPACITY:]
        self.steps_stored = self.steps
        return True

    @property
    def _overwritten(self):
        return self.newest - self.capacity

    def _number(self, frame_id):
        number = self.numbers.get(frame_id, 0)
        return number if number > max(self._overwritten, 0) else None


def assert_same(replay, held, experience):
    transitions = [transition for transition, _ in held.transitions]
    assert (len(replay), replay.total_steps) == (len(transitions), held.steps)
    by_stamp = {transition.stamp_ns: transition for transition in transitions}
    drawn = set(replay.draw(np.random.default_rng(0), 16 * CAPACITY).tolist()) if transitions else set()
    assert len(drawn) == len(transitions)  # each of them, and nothing else
    for place in drawn:
        record = replay.records[place]
        transition = by_stamp[int(record['stamp_ns'])]
        for name in ('episode', 'step', 'proprio', 'action', 'executed_action', 'reward'):
            np.testing.assert_array_equal(record[name], getattr(transition, name), name)
        assert (record['terminated'], record['truncated']) == (transition.terminated, transition.truncated)
        pixels = replay.frames.pixels[replay.frames.slots(record['frames'])].reshape(6, HEIGHT, WIDTH, 3)
        for found, frame_id in zip(pixels, transition.frame_ids.ravel(), strict=True):
            np.testing.assert_array_equal(found, experience.pixels(frame_id))


@given(script=SCRIPTS, frames_per_transition=st.sampled_from([1.0, 1.5, 3.0]))
def test_what_is_drawn_is_what_was_written(script, frames_per_transition, tmp_path_factory, make_experience):
    folder = tmp_path_factory.mktemp('replay')
    experience = make_experience(HEIGHT, WIDTH)

    def opened():
        return Replay(
            folder,
            capacity=CAPACITY, height=HEIGHT, width=WIDTH, frames_per_transition=frames_per_transition,
        )  # fmt: skip

    replay = opened()
    held = Held(replay.frames.capacity)
    last, to_lose = None, 0
    try:
        for what, *how in script:
            match what:
                case 'lose':
                    (to_lose,) = how
                case 'restart':
                    replay.close()
                    replay = opened()
                    assert not replay.damaged
                    held.steps = held.steps_stored  # what was lost after the last one stands nowhere
                case 'repeat' if last is not None:
                    assert replay.append(last) == held.append(last)
                case 'episode':
                    steps, new, terminated = how
                    for number, transition in enumerate(experience.run(steps, terminated, new), 1):
                        if number == to_lose:  # on its way, with its frames
                            to_lose = 0
                            continue
                        last = transition
                        assert replay.append(transition) == held.append(transition)
            assert_same(replay, held, experience)
    finally:
        replay.close()


@given(
    arrivals=st.lists(st.tuples(st.integers(1, 12), st.integers(0, 3)), max_size=40),
    capacity=st.integers(1, 7),
    restarts=st.sets(st.integers(0, 39)),
)
def test_a_frame_that_its_time_names_is_the_last_that_came_so(arrivals, capacity, restarts, tmp_path_factory):
    """A clock that was set back gives other pictures the same capture times."""
    folder = tmp_path_factory.mktemp('frames')
    store = FrameStore(folder, capacity, HEIGHT, WIDTH)
    ring = []  # (capture time, picture) of each slot in use, oldest first
    try:
        for number, (frame_id, picture) in enumerate(arrivals):
            known = [old for time, old in ring if time == frame_id][-1:]
            if known != [picture]:
                ring = [*ring, (frame_id, picture)][-capacity:]
            store.add(frame_id, np.full((HEIGHT, WIDTH, 3), picture, np.uint8))
            if number in restarts:
                store.close()
                store = FrameStore(folder, capacity, HEIGHT, WIDTH)
                assert store.cut == 0
            newest = dict(ring)
            assert len(store) == len(newest)
            for time in range(1, 13):
                found = store.number_of(time)
                assert (found is None) == (time not in newest)
                if found is not None:
                    assert (store.pixels[store.slots(np.array(found))] == newest[time]).all()
    finally:
        store.close()
