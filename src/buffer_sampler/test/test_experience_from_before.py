"""Mini-batches of a run that began with the experience of others."""

from pathlib import Path

import numpy as np
import pytest

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.frame_store import INDEX
from buffer_sampler.past import FOLDER, cut_to_frames, new_buffer, open_past
from buffer_sampler.replay import Replay
from buffer_sampler.sampler import MiniBatchSampler
from buffer_sampler.slots import batch_bytes, batch_views

BATCH, CROP = 8, (8, 12)  # frames are 9 x 16


@pytest.fixture
def own(tmp_path, experience):
    """Twenty transitions of the run."""
    buffer = Replay(tmp_path / 'own', capacity=40, height=9, width=16, frames_per_transition=1.5)
    transitions = {t.reward: t for t in experience.run(20, terminated=True)}
    assert all([buffer.append(t) for t in transitions.values()])
    yield buffer, transitions
    buffer.close()


@pytest.fixture
def past(tmp_path, experience):
    """Two episodes of another run, whose rewards begin at 50000."""
    buffer = new_buffer(tmp_path / 'before', 12, 9, 16)
    earlier = type(experience)()
    earlier.episode, earlier.next_id = 49, 7_000_000_000_000
    transitions = {t.reward: t for steps in (7, 5) for t in earlier.run(steps, terminated=steps == 5)}
    assert all([buffer.append(t) for t in transitions.values()])
    yield buffer, transitions
    buffer.close()


def drawn(buffer, seed=0, **words):
    out = batch_views(bytearray(batch_bytes(BATCH, *CROP)), 0, BATCH, *CROP)
    MiniBatchSampler(buffer, BATCH, *CROP, np.random.default_rng(seed), **words).sample_into(out)
    return out


def holds(image, patch):
    """Whether a patch is found somewhere in an image."""
    height, width, _ = patch.shape
    windows = np.lib.stride_tricks.sliding_window_view(image, (height, width, 3))
    return (windows == patch).all((-3, -2, -1)).any()


@pytest.mark.parametrize(
    ('share', 'expected'), [(0.0, 0), (0.01, 1), (0.3, 2), (0.5, 4), (0.99, BATCH - 1), (1.0, BATCH)]
)
def test_a_share_of_a_mini_batch_is_what_was_experienced_before(own, past, experience, share, expected):
    (buffer, now), (before, earlier) = own, past
    out = drawn(buffer, past=before, past_share=share)
    from_before = [float(reward) in earlier for reward in out.reward]
    assert sum(from_before) == expected and all(from_before[BATCH - expected :])
    known = now | earlier
    for b, reward in enumerate(out.reward):
        transition = known[float(reward)]
        np.testing.assert_array_equal(out.proprio[:, b], transition.proprio)
        np.testing.assert_array_equal(out.action[b], transition.executed_action)
        assert out.discount[b] == (not transition.terminated)
        for o, f in np.ndindex(2, 3):
            assert holds(experience.pixels(transition.frame_ids[o, f]), out.images[o, b, f])


@pytest.mark.parametrize(('share', 'expected'), [(0.0, ['own']), (0.5, ['own', 'before']), (1.0, ['before'])])
def test_a_store_that_nothing_is_drawn_from_is_not_named(own, past, share, expected):
    rng = np.random.default_rng(0)
    sampler = MiniBatchSampler(own[0], BATCH, *CROP, rng, past=past[0], past_share=share)
    assert [Path(store.folder).name for store in sampler.stores] == expected


def test_a_run_that_began_with_nothing_draws_as_if_there_were_no_share(own):
    for one, other in zip(drawn(own[0], 3), drawn(own[0], 3, past_share=1.0), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(('share', 'expected'), [(0.0, 'own'), (1.0, 'before'), (0.5, None)])
def test_a_mini_batch_of_one_transition_cannot_be_shared(own, past, share, expected):
    def make():
        return MiniBatchSampler(own[0], 1, *CROP, np.random.default_rng(0), past=past[0], past_share=share)

    if expected is None:
        with pytest.raises(ValueError, match='replay_share is 0.5 and batch_size 1: .*; set replay_share'):
            make()
    else:
        assert [Path(store.folder).name for store in make().stores] == [expected]


def test_frames_of_another_size_are_refused_before_the_first_draw(own, tmp_path):
    buffer = new_buffer(tmp_path / 'larger', 5, 10, 16)
    with pytest.raises(ValueError, match=r'larger has frames of \(10, 16, 3\), the run of \(9, 16, 3\)'):
        drawn(own[0], past=buffer, past_share=0.5)
    buffer.close()


# --- the buffer of it in a run folder ---


def config_of(folder, **changes):
    sizes = {'observation_height': 9, 'observation_width': 16, 'crop_height': 8, 'crop_width': 12}
    settings = {'run_folder': str(folder), 'batch_size': BATCH, 'random_steps': 0} | sizes | changes
    return BufferSamplerConfig(**settings)


def test_a_run_that_began_with_nothing_has_no_such_buffer(tmp_path):
    assert open_past(config_of(tmp_path)) == (None, [])


def test_a_buffer_of_experience_is_opened_as_it_was_filled(tmp_path, experience):
    buffer = new_buffer(tmp_path / FOLDER, 7, 9, 16)
    for transition in experience.run(7):
        assert buffer.append(transition)
    buffer.close()
    past, (said,) = open_past(config_of(tmp_path))
    assert len(past) == 7 and said.text.startswith('4 of 8 transitions of a mini-batch come from before')
    past.close()
    past, (said,) = open_past(config_of(tmp_path, replay_share=0.99))
    assert said.text.startswith('7 of 8 transitions'), 'as many as are drawn'
    past.close()
    with pytest.raises(ValueError, match='replay_share is 0.5 and batch_size 1'):
        open_past(config_of(tmp_path, batch_size=1))


def test_a_buffer_of_experience_that_is_filled_is_as_large_as_its_frames(tmp_path, experience):
    """Since a learner on a GPU keeps room for the whole ring."""
    buffer = new_buffer(tmp_path / FOLDER, 12, 9, 16)
    for transition in [*experience.run(7), *experience.run(3)]:
        assert buffer.append(transition)
    frames = len(buffer.frames)
    wide, before = drawn(buffer, 5), buffer.frames.capacity
    buffer.close()
    cut_to_frames(buffer)
    past, _ = open_past(config_of(tmp_path))
    assert len(past) == 10 and past.capacity == 12 and not past.damaged
    assert len(past.frames) == frames == 16 and past.frames.capacity == frames + 1 < before
    for one, other in zip(drawn(past, 5), wide, strict=True):
        np.testing.assert_array_equal(one, other)
    past.close()
    sizes = {path.name: path.stat().st_size for path in (tmp_path / FOLDER).iterdir()}
    assert sizes['frames.bin'] == 17 * 9 * 16 * 3 and sizes['frame_index.bin'] == 17 * INDEX.itemsize


def test_a_buffer_of_experience_that_has_lost_some_is_a_warning(tmp_path, experience):
    buffer = new_buffer(tmp_path / FOLDER, 7, 9, 16)
    for transition in experience.run(7):
        assert buffer.append(transition)
    buffer.close()
    file = tmp_path / FOLDER / 'transitions.bin'
    file.write_bytes(file.read_bytes()[:-1] + b'?')  # in the checksum of the last record
    past, (said,) = open_past(config_of(tmp_path))
    assert len(past) == 6 and said.text.startswith('warning: 4 of 8 ') and '1 transitions' in said.text
    past.close()


@pytest.mark.parametrize('text', ['', '[]', '{"capacity": "many"}', '{}', '{"capacity": 3}'])
def test_a_damaged_buffer_of_experience_is_refused_with_its_remedy(tmp_path, text):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / 'replay.json').write_text(text)
    with pytest.raises(ValueError, match='replay.json is damaged: .*remove') as raised:
        open_past(config_of(tmp_path))
    assert '\n' not in str(raised.value)


def test_an_emptied_buffer_of_experience_is_refused(tmp_path):
    new_buffer(tmp_path / FOLDER, 3, 9, 16).close()
    with pytest.raises(ValueError, match='holds no transition any more'):
        open_past(config_of(tmp_path))
