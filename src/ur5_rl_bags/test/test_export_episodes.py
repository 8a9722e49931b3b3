"""Episodes of a stream of transitions, and the statistics of what comes in parts."""

from collections import Counter

import numpy as np
import pytest
from exported_steps import frame, proprio, steps

from ur5_rl_bags.export.episodes import (
    ABORTED,
    BEFORE,
    CUT_OFF,
    FRAMES,
    GAP,
    TERMINATED,
    TIME_LIMIT,
    Summary,
    episodes,
)
from ur5_rl_bags.export.feature_statistics import Statistics


def found(transitions, summaries=None):
    left_out = Counter()
    return list(episodes(transitions, summaries or {}, left_out)), left_out


def test_an_episode_is_what_was_sent():
    sent = steps(7, 4, ending='time limit')
    (episode,), left_out = found(sent, {7: Summary(False, '', (0.1, -0.2))})
    assert not left_out
    assert (episode.number, len(episode), episode.end) == (7, 4, TIME_LIMIT)
    assert episode.summary.target == (0.1, -0.2)
    np.testing.assert_array_equal(episode.frame_times_ns, range(1000, 1007))
    np.testing.assert_array_equal(episode.shown, [[k, k + 1, k + 2] for k in range(5)])
    for name, pixels in zip(episode.frame_times_ns, episode.frames, strict=True):
        np.testing.assert_array_equal(pixels, frame(name)[..., ::-1])  # RGB
    np.testing.assert_array_equal(episode.proprio, [proprio(7, k) for k in range(5)])
    np.testing.assert_array_equal(episode.actions, [step.action for step in sent])
    np.testing.assert_array_equal(episode.executed_actions, [step.executed_action for step in sent])
    assert episode.rewards.tolist() == [0.0, 0.5, 1.0, 1.5]
    assert episode.action_changed.tolist() == [False, True, False, True]
    assert episode.stamps_ns.tolist() == [step.stamp_ns for step in sent]
    assert episode.outcome()['return'] == 3.0


@pytest.mark.parametrize(
    'ending, aborted, end', [('terminated', False, TERMINATED), ('', True, ABORTED), ('', False, CUT_OFF)]
)
def test_its_end_is_terminated_or_truncated_and_named(ending, aborted, end):
    summary = Summary(aborted, 'late', (0.0, 0.0))
    (episode,), _ = found(steps(1, 3, ending=ending), {1: summary})
    assert episode.end == end
    assert episode.terminated.tolist() == [False, False, end == TERMINATED]
    assert episode.truncated.tolist() == [False, False, end != TERMINATED]


def test_episodes_come_apart_by_number_and_by_a_first_step():
    sent = [*steps(1, 2, ending='time limit'), *steps(2, 3), *steps(2, 4, ending='terminated')]
    one, two, again = found(sent)[0]
    assert [(e.number, len(e), e.end) for e in (one, two, again)] == [
        (1, 2, TIME_LIMIT),
        (2, 3, CUT_OFF),
        (2, 4, TERMINATED),
    ]


def test_of_an_episode_with_a_gap_the_beginning_is_taken():
    sent = steps(3, 6, ending='time limit')
    (episode,), left_out = found([*sent[:2], *sent[3:]], {3: Summary(True, 'late', (0.0, 0.0))})
    assert (len(episode), episode.end) == (2, CUT_OFF)
    assert left_out == {GAP: 3}
    assert len(episode.frames) == len(episode.frame_times_ns) == 5, 'none that it does not show'


def test_a_step_that_does_not_continue_from_the_last_observation_is_behind_a_gap():
    sent = steps(3, 4)
    other = steps(3, 4, first_frame=5000)
    (episode,), left_out = found([*sent[:2], *other[2:]])
    assert len(episode) == 2 and left_out == {GAP: 2}


def test_what_follows_the_end_of_an_episode_is_behind_a_gap():
    ended = steps(3, 2, ending='terminated')
    (episode,), left_out = found([*ended, *steps(3, 4)[2:]])
    assert len(episode) == 2 and left_out == {GAP: 2}


def test_an_episode_without_its_beginning_is_left_out():
    (episode,), left_out = found([*steps(1, 5)[2:], *steps(2, 2)])
    assert episode.number == 2 and left_out == {BEFORE: 3}


def test_steps_whose_frames_never_came_are_left_out():
    sent = steps(1, 4)
    without = sent[2]._replace(new_frame_ids=sent[2].new_frame_ids[:0], new_frames=sent[2].new_frames[:0])
    (episode,), left_out = found([*sent[:2], without, sent[3]])
    assert len(episode) == 2 and left_out == {FRAMES: 2}


def test_frames_that_are_sent_again_are_there_once():
    sent = steps(1, 3)
    names = [1001, 1002, 1003, 1004]
    again = sent[1]._replace(
        new_frame_ids=np.array(names), new_frames=np.stack([frame(name) for name in names])
    )
    (episode,), _ = found([sent[0], again, sent[2]])
    assert episode.frame_times_ns.tolist() == list(range(1000, 1006))


def test_only_one_episode_is_held():
    """Each is yielded before the transition after the next one's first is asked for."""
    asked = []

    def sent():
        for number in range(1, 4):
            for step in steps(number, 2):
                asked.append((number, step.step))
                yield step

    stream = episodes(sent(), {}, Counter())
    next(stream)
    assert asked[-1] == (2, 0)


def test_frames_of_two_sizes_in_an_episode_are_refused():
    small = steps(1, 3, shape=(2, 2, 3))
    with pytest.raises(ValueError, match=r'episode 1 has frames of \(4, 6, 3\) and of \(2, 2, 3\)'):
        found([*steps(1, 2), small[2]])


def test_statistics_of_parts_are_those_of_the_whole():
    values = np.random.default_rng(0).normal(3.0, 2.0, (100, 3)) * [1.0, 10.0, 0.0]
    merged = Statistics.of_vectors(values[:30]).merged(Statistics.of_vectors(values[30:]))
    described = merged.described()
    np.testing.assert_allclose(described['mean'], values.mean(0))
    np.testing.assert_allclose(described['std'], values.std(0), atol=1e-12)
    np.testing.assert_array_equal(described['min'], values.min(0))
    np.testing.assert_array_equal(described['max'], values.max(0))
    assert described['count'] == [100]


def test_statistics_of_images_are_those_of_their_pixels_in_0_to_1():
    images = np.random.default_rng(0).integers(20, 200, (5, 7, 9, 3), np.uint8)
    images[..., 1] = 51
    found = Statistics.of_images(images)
    scaled = images / 255.0
    assert found.mean.shape == (3, 1, 1) and found.count == 5
    np.testing.assert_allclose(found.mean.ravel(), scaled.mean((0, 1, 2)))
    np.testing.assert_allclose(found.variance.ravel(), scaled.var((0, 1, 2)), atol=1e-12)
    np.testing.assert_allclose(found.low.ravel(), scaled.min((0, 1, 2)))
    np.testing.assert_allclose(found.high.ravel(), scaled.max((0, 1, 2)))
