"""When the next observation is due."""

import pytest

from sac_learner.beat import Beat


def test_before_two_observations_nobody_knows():
    beat = Beat()
    assert not beat.due(10.0, 0.01)
    beat.observed(10.0)
    assert not beat.due(10.039, 0.01)


@pytest.mark.parametrize(
    ('after_s', 'expected'),
    [(0.0, False), (0.029, False), (0.031, True), (0.04, True), (0.079, True), (0.081, False), (3.0, False)],
)
def test_it_is_due_from_a_little_before_its_time_until_it_has_been_missed(after_s, expected):
    beat = acting(10.0, 10.04)
    assert beat.due(10.04 + after_s, 0.01) is expected


def acting(*times_s):
    beat = Beat()
    for now_s in times_s:
        beat.observed(now_s)
    return beat


def test_a_cycle_that_was_stretched_or_made_up_for_is_not_taken_for_the_period():
    beat = acting(9.96, 10.0, 10.04, 10.08, 10.16)
    assert beat.due(10.195, 0.01)
    beat.observed(10.162)
    assert beat.due(10.197, 0.01)


def test_after_the_last_of_an_episode_none_is_due_and_in_the_next_one_the_period_is_known():
    beat = acting(10.0, 10.04, 10.08)
    beat.ended()
    assert not beat.due(10.115, 0.01)
    beat.observed(13.2)
    assert beat.due(13.235, 0.01) and not beat.due(13.22, 0.01)
