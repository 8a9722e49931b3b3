import numpy as np
import pytest

from buffer_sampler.replay import Replay
from buffer_sampler.sampler import MiniBatchSampler
from buffer_sampler.slots import batch_bytes, batch_views

BATCH, CROP = 32, (7, 12)
MARGIN = (2, 4)  # frames are 9 x 16


@pytest.fixture
def replay(tmp_path):
    replay = Replay(tmp_path, capacity=40, height=9, width=16, frames_per_transition=1.5)
    yield replay
    replay.close()


@pytest.fixture
def stored(replay, experience):
    """Three episodes, more than the ring holds; returns the transitions by their reward."""
    transitions = [t for steps in (30, 5, 20) for t in experience.run(steps)]
    transitions += list(experience.run(6, terminated=True))
    assert all([replay.append(t) for t in transitions])
    return {t.reward: t for t in transitions[-40:]}


def empty(batch=BATCH, crop=CROP):
    return batch_views(bytearray(batch_bytes(batch, *crop)), 0, batch, *crop)


def sample(replay, seed=0, batch=BATCH, crop=CROP):
    out = empty(batch, crop)
    MiniBatchSampler(replay, batch, *crop, np.random.default_rng(seed)).sample_into(out)
    return out


@pytest.mark.parametrize('threads', [2, 5, 40])
def test_threads_share_the_copying_and_change_nothing(replay, stored, threads, monkeypatch):
    copies = []
    copy = MiniBatchSampler._copy
    monkeypatch.setattr(
        MiniBatchSampler, '_copy', lambda *given: copies.append(len(given[2])) or copy(*given)
    )
    out, rng = empty(), np.random.default_rng(0)
    MiniBatchSampler(replay, BATCH, *CROP, rng, threads=threads).sample_into(out)
    assert len(copies) == 2 * threads and sum(copies) == 2 * BATCH
    assert max(copies) - min(copies) <= 1
    for part, expected in zip(out, sample(replay), strict=True):
        np.testing.assert_array_equal(part, expected)


def offsets_of(patch, image):
    """All places where `patch` is found in `image`; noise has one at most."""
    height, width, _ = patch.shape
    rows, columns = (image.shape[0] - height + 1, image.shape[1] - width + 1)
    places = [(y, x) for y in range(rows) for x in range(columns)]
    return [(y, x) for y, x in places if (image[y : y + height, x : x + width] == patch).all()]


def test_a_mini_batch_is_what_was_stored_pixel_for_pixel(replay, stored, experience):
    out = sample(replay)
    for b in range(BATCH):
        transition = stored[float(out.reward[b])]
        np.testing.assert_array_equal(out.proprio[:, b], transition.proprio)
        np.testing.assert_array_equal(out.action[b], transition.executed_action)
        assert out.discount[b] == (0 if transition.terminated else 1)
        for o in range(2):
            found = [
                offsets_of(out.images[o, b, f], experience.pixels(transition.frame_ids[o, f]))
                for f in range(3)
            ]
            assert len(found[0]) == 1
            assert found[0] == found[1] == found[2], 'the frames of an observation share one crop'


def test_the_requested_action_is_learned_from_where_that_is_asked_for(replay, stored):
    out = empty()
    rng = np.random.default_rng(0)
    MiniBatchSampler(replay, BATCH, *CROP, rng, 'requested').sample_into(out)
    for b in range(BATCH):
        np.testing.assert_array_equal(out.action[b], stored[float(out.reward[b])].action)


def test_the_observations_of_a_transition_have_crops_of_their_own(replay, stored, experience):
    corners = []
    for seed in range(6):
        out = sample(replay, seed)
        for b in range(BATCH):
            transition = stored[float(out.reward[b])]
            corners.append(
                [
                    offsets_of(out.images[o, b, 0], experience.pixels(transition.frame_ids[o, 0]))[0]
                    for o in range(2)
                ]
            )
    corners = np.array(corners)  # (n, 2, 2)
    for o in range(2):
        assert len(np.unique(corners[:, o], axis=0)) == (MARGIN[0] + 1) * (MARGIN[1] + 1), 'the whole margin'
    same = (corners[:, 0] == corners[:, 1]).all(1).mean()
    assert same < 0.2  # 1/15 expected


def test_frames_that_do_not_stand_side_by_side_are_found(replay, experience):
    """Two actors take turns, and the ring of frames wraps within an observation."""
    one, two = (list(experience.run(60)) for _ in range(2))
    transitions = {}
    for pair in zip(one, two, strict=True):
        for transition in pair:
            assert replay.append(transition)
            transitions[transition.reward] = transition
    out = sample(replay, batch=64, crop=(9, 16))
    for b in range(64):
        transition = transitions[float(out.reward[b])]
        for o in range(2):
            for f in range(3):
                np.testing.assert_array_equal(
                    out.images[o, b, f], experience.pixels(transition.frame_ids[o, f])
                )


def test_discount_is_zero_only_at_a_termination(replay, experience):
    for transition in [*experience.run(3, terminated=True), *experience.run(3, terminated=False)]:
        replay.append(transition)
    out = sample(replay, batch=200)
    by_reward = dict(zip(out.reward.tolist(), out.discount.tolist(), strict=True))
    assert by_reward == {1000: 1, 1001: 1, 1002: 0, 2000: 1, 2001: 1, 2002: 1}


def test_the_same_seed_draws_the_same_mini_batch(replay, stored):
    for one, two in zip(sample(replay, 5), sample(replay, 5), strict=True):
        np.testing.assert_array_equal(one, two)
    assert (sample(replay, 5).reward != sample(replay, 6).reward).any()


def test_one_transition_fills_a_whole_mini_batch(replay, experience):
    transition = next(experience.run(1))
    replay.append(transition)
    out = sample(replay)
    assert (out.reward == transition.reward).all()


def test_every_byte_of_the_slot_is_written(replay, stored):
    fills = []
    for value in (0, 255):
        memory = bytearray([value]) * batch_bytes(BATCH, *CROP)
        out = batch_views(memory, 0, BATCH, *CROP)
        MiniBatchSampler(replay, BATCH, *CROP, np.random.default_rng(1)).sample_into(out)
        fills.append(bytes(memory))
    assert fills[0] == fills[1]


def test_a_crop_larger_than_the_frames_is_refused(replay):
    with pytest.raises(ValueError, match='crop 17x9 does not fit into images of 16x9'):
        MiniBatchSampler(replay, BATCH, 9, 17, np.random.default_rng(0))
