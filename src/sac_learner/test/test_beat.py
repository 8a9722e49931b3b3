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
    beat = Beat()
    for now_s in (5.0, 10.0, 10.04):
        beat.observed(now_s)
    assert beat.due(10.04 + after_s, 0.01) is expected
