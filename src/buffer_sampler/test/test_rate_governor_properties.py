"""The governor after any history of rates, steps and learners: no update unpaid, none that was paid lost."""

import math

from hypothesis import given
from hypothesis import strategies as st

from buffer_sampler.rate_governor import RateGovernor

RATES = st.integers(1, 40).map(lambda eighths: eighths / 8)  # exact as floats, so that sums are
SPELLS = st.lists(st.tuples(RATES, st.integers(0, 25), st.integers(0, 8)), min_size=1, max_size=8)
"""(updates per step, steps, updates that the learner manages in a step)."""


@given(spells=SPELLS, start=st.integers(0, 10), band=st.sampled_from([5.0, 20.0, math.inf]))
def test_what_was_paid_is_done_or_given_up_and_nothing_else(spells, start, band):
    governor = RateGovernor(spells[0][0], start, error_band=band)
    steps = updates = 0
    paid = 0.0
    for rate, count, pace in spells:
        governor.set_rate(rate, steps, updates)
        for _ in range(count):
            steps += 1
            paid += rate if steps > start else 0.0
            for _ in range(pace):
                if governor.allows(steps, updates, 0):
                    updates += 1
            governor.give_up(steps, updates)
            assert updates + governor.given_up <= paid
            assert paid - governor.given_up - updates <= max(band, rate)
    while governor.allows(steps, updates, 0):
        updates += 1
    assert updates == (math.floor(paid - governor.given_up) if steps >= start else 0)


@given(
    rate=RATES,
    script=st.lists(
        st.one_of(st.just('step'), st.just('update'), st.integers(0, 99).map(lambda n: ('learner', n))),
        max_size=60,
    ),
    start=st.integers(0, 5),
)
def test_exactly_an_action_waits_for_what_its_learner_owes_since_it_came(rate, script, start):
    governor = RateGovernor(rate, start, exactly=True)
    steps, updates = 0, 0
    since, had = start, 0  # the present learner's beginning
    for what in script:
        match what:
            case 'step':
                steps += 1
            case 'update' if governor.allows(steps, updates, 0):
                updates += 1
            case ('learner', done):
                governor.begin(steps, done)
                since, had, updates = max(steps, start), done, done
        owed = had + rate * max(steps - since, 0) - updates if steps >= start else 0
        assert governor.settled(steps, updates) == (owed < 1)


@given(updates=st.integers(0, 50), in_flight=st.integers(0, 9), steps=st.integers(0, 99), rate=RATES)
def test_work_on_its_way_is_paid_for_too(updates, in_flight, steps, rate):
    governor = RateGovernor(rate, 10)
    assert governor.allows(steps, updates, in_flight) == governor.allows(steps, updates + in_flight, 0)
    assert not governor.allows(min(steps, 10), updates, in_flight)
