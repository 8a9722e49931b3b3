import math

import pytest

from buffer_sampler.rate_governor import RateGovernor


def updates_until_held(governor, steps, updates=0):
    """Does updates one by one until the governor holds them back; returns the count."""
    while governor.allows(steps, updates, 0):
        updates += 1
    return updates


@pytest.mark.parametrize(
    ('rate', 'steps', 'updates'),
    [
        (1, 999, 0),
        (1, 1000, 0),
        (1, 1001, 1),
        (1, 1500, 500),
        (2, 1500, 1000),
        (0.25, 1007, 1),
        (0.25, 1008, 2),
    ],
)
def test_updates_are_rate_times_steps_after_the_start(rate, steps, updates):
    assert updates_until_held(RateGovernor(rate, 1000), steps) == updates


def test_a_rate_that_is_no_binary_fraction_loses_no_update():
    governor = RateGovernor(0.1, 0)
    updates = 0
    for steps in range(1, 10_001):
        updates = updates_until_held(governor, steps, updates)
    assert updates == 1000


def test_a_product_that_is_rounded_down_loses_no_update():
    assert 0.29 * 100 < 29
    assert updates_until_held(RateGovernor(0.29, 0), 100) == 29


def test_one_update_per_step_goes_in_step():
    governor = RateGovernor(1, 10)
    updates = 0
    for steps in range(10, 200):
        updates = updates_until_held(governor, steps, updates)
        assert updates == steps - 10


def test_mini_batches_in_flight_are_paid_for():
    governor = RateGovernor(1, 0)
    assert governor.allows(3, 0, 2)
    assert not governor.allows(3, 0, 3)
    assert not governor.allows(3, 1, 2)


def test_zero_is_no_limit_but_the_start_is_awaited():
    governor = RateGovernor(0, 100)
    assert not governor.allows(99, 0, 0)
    assert governor.allows(100, 10**9, 16)
    assert governor.earned(100) == math.inf


def test_a_larger_rate_does_not_pay_for_steps_of_the_past():
    governor = RateGovernor(1, 0)
    governor.set_rate(4, 100, 100)
    assert updates_until_held(governor, 100, 100) == 100
    assert updates_until_held(governor, 101, 100) == 104


def test_a_smaller_rate_does_not_stop_learning():
    governor = RateGovernor(4, 0)
    governor.set_rate(1, 100, 400)
    assert updates_until_held(governor, 110, 400) == 410


def test_a_smaller_rate_forgives_what_was_done_beyond_the_earned():
    governor = RateGovernor(4, 0)
    governor.set_rate(1, 100, 450)
    assert updates_until_held(governor, 110, 450) == 460


def test_what_was_earned_stays_earned():
    governor = RateGovernor(1, 0)
    governor.set_rate(2, 100, 40)
    assert updates_until_held(governor, 100, 40) == 100


def test_from_no_limit_to_a_limit_starts_at_the_present():
    governor = RateGovernor(0, 0)
    governor.set_rate(1, 100, 5000)
    assert updates_until_held(governor, 107, 5000) == 5007


def test_from_no_limit_with_few_updates_no_burst_follows():
    governor = RateGovernor(0, 0)
    governor.set_rate(1, 100_000, 50)
    assert updates_until_held(governor, 100_001, 50) == 51


def test_a_rate_set_before_the_start_counts_from_the_start():
    governor = RateGovernor(1, 1000)
    governor.set_rate(2, 500, 0)
    assert updates_until_held(governor, 1000) == 0
    assert updates_until_held(governor, 1010) == 20


def test_a_restarted_sampler_goes_on_where_it_was():
    governor = RateGovernor(1, 1000)
    governor.begin(5000, 4000)
    assert updates_until_held(governor, 5003, 4000) == 4003


def test_a_learner_ahead_of_a_restarted_sampler_owes_nothing():
    governor = RateGovernor(1, 1000)
    governor.begin(5000, 20_000)
    assert updates_until_held(governor, 5010, 20_000) == 20_010


def test_a_learner_back_from_an_older_checkpoint_redoes_what_died():
    governor = RateGovernor(1, 0)
    governor.begin(500, 500)
    governor.begin(600, 450)
    assert updates_until_held(governor, 600, 450) == 600


def test_a_learner_that_announces_itself_before_the_start_gains_nothing():
    governor = RateGovernor(1, 1000)
    governor.begin(0, 0)
    assert updates_until_held(governor, 1005) == 5


@pytest.mark.parametrize('rate', [-1.0, -1e-9, math.nan, math.inf])
def test_a_rate_that_would_stop_or_never_stop_is_refused(rate):
    with pytest.raises(ValueError, match='updates_per_step is .* it must be 0'):
        RateGovernor(rate, 0)
    governor = RateGovernor(2, 0)
    with pytest.raises(ValueError, match='updates_per_step'):
        governor.set_rate(rate, 10, 20)
    assert governor.updates_per_step == 2
    assert updates_until_held(governor, 11, 20) == 22


def exact(rate, start=0):
    return RateGovernor(rate, start, exactly=True)


@pytest.mark.parametrize(
    ('rate', 'steps', 'updates', 'settled'),
    [
        (1, 9, 0, True),
        (1, 10, 0, True),
        (1, 11, 0, False),
        (1, 11, 1, True),
        (2, 11, 1, False),
        (2, 11, 2, True),
        (0.25, 13, 0, True),
        (0.25, 14, 0, False),
        (0, 500, 0, True),
    ],
)
def test_exactly_an_action_follows_when_every_whole_update_is_done(rate, steps, updates, settled):
    assert exact(rate, 10).settled(steps, updates) is settled


def test_at_most_every_action_may_go():
    assert RateGovernor(1, 0).settled(100, 0)


@pytest.mark.parametrize('rate', [0.1, 0.5, 1, 3])
def test_exactly_updates_and_steps_go_hand_in_hand(rate):
    governor, updates = exact(rate, 7), 0
    for steps in range(1, 500):
        while not governor.settled(steps, updates):
            assert governor.allows(steps, updates, 0), 'what is waited for may be done'
            updates += 1
        assert not governor.allows(steps, updates, 0)
        assert updates == math.floor(max(0, steps - 7) * rate + 1e-6)


def test_exactly_a_learner_from_an_older_checkpoint_does_not_hold_the_arm_up():
    governor = exact(1)
    governor.begin(0, 0)
    governor.begin(600, 450)
    assert governor.settled(600, 450)
    assert not governor.settled(601, 450)
    assert updates_until_held(governor, 601, 450) == 451


def test_exactly_a_learner_that_announces_itself_before_the_start_owes_nothing_for_the_random_steps():
    governor = exact(1, 1000)
    governor.begin(0, 0)
    assert governor.settled(1000, 0)
    assert updates_until_held(governor, 1005) == 5


def test_the_switch_to_exactly_forgives_the_debt():
    governor = RateGovernor(1, 0)
    governor.set_exactly(True, 1000, 300)
    assert governor.settled(1000, 300)
    assert updates_until_held(governor, 1002, 300) == 302


def test_the_switch_to_what_is_set_already_changes_nothing():
    governor = exact(1)
    governor.set_exactly(True, 10, 9)
    assert not governor.settled(10, 9)


def test_the_switch_back_lets_actions_go_and_keeps_the_debt():
    governor = exact(1)
    governor.set_exactly(False, 10, 8)
    assert governor.settled(10, 8)
    assert updates_until_held(governor, 10, 8) == 10


def test_exactly_with_another_rate_counts_from_the_present():
    governor = exact(1)
    governor.set_rate(3, 100, 99)
    assert not governor.settled(100, 99)
    assert governor.settled(100, 100)
    assert updates_until_held(governor, 101, 100) == 103


def test_exactly_from_no_limit_starts_at_the_present():
    governor = exact(0)
    assert not governor.waits
    governor.set_rate(1, 100, 5000)
    assert governor.waits
    assert governor.settled(100, 5000)
    assert not governor.settled(101, 5000)


def lived(governor, steps, updates_per_step):
    """A learner that does so many updates a step; returns how many it has done."""
    updates = 0
    for step in range(1, steps + 1):
        while updates + 1 <= updates_per_step * step and governor.allows(step, updates, 0):
            updates += 1
            governor.give_up(step, updates)
    return updates


@pytest.mark.parametrize('band', [1, 300, 3000])
def test_a_learner_that_is_too_slow_works_off_no_more_than_the_band_when_no_step_comes(band):
    steps = 20_000
    governor = RateGovernor(1, 0, error_band=band)
    updates = lived(governor, steps, 0.4)
    assert updates == 0.4 * steps, 'it is never kept from working'
    assert updates_until_held(governor, steps, updates) == pytest.approx(updates + band, abs=3)
    assert governor.given_up == pytest.approx(0.6 * steps - band, abs=3)


def test_a_learner_that_catches_up_within_the_band_loses_nothing():
    governor = RateGovernor(2, 0, error_band=300)
    for steps, updates in ((100, 0), (150, 0), (150, 300), (300, 300)):
        assert not governor.give_up(steps, updates)
    assert updates_until_held(governor, 300, 300) == 600
    assert governor.given_up == 0


def test_the_band_is_never_less_than_one_step_earns():
    governor = RateGovernor(10, 0, exactly=True, error_band=1)
    assert not governor.give_up(1, 0)
    assert updates_until_held(governor, 1) == 10


def test_without_a_limit_nothing_is_owed_and_nothing_given_up():
    governor = RateGovernor(0, 0, error_band=5)
    assert not governor.give_up(10**6, 0)
    governor.set_rate(1, 10**6, 0)
    assert updates_until_held(governor, 10**6 + 3, 0) == 3


def test_what_was_given_up_stays_so_when_the_rate_is_set():
    governor = RateGovernor(1, 0, error_band=50)
    assert governor.give_up(200, 0)
    governor.set_rate(2, 200, 0)
    assert updates_until_held(governor, 201, 0) == 52
