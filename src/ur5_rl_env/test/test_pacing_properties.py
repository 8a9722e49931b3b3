"""The schedule after any sequence of delays: no drift, no action cut short, and back in step at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ur5_rl_env.pacing import STEER_S, Pacer

CYCLE = 0.040
NS = 1e-9
SHORT = st.floats(0.0, CYCLE / 4 - 1e-6)  # of what is due; what the schedule absorbs
LONG = st.floats(0.0, 5 * CYCLE)
BEATS = st.none() | st.floats(0.0, CYCLE)
CYCLES = st.lists(st.tuples(LONG, LONG, st.none() | LONG, BEATS), min_size=1, max_size=30)
"""(lateness of the observation, time to the action, a postponement, beat of the camera)."""


def started():
    pacer = Pacer(CYCLE)
    pacer.start(100.0)
    return pacer


@given(cycles=st.lists(st.tuples(SHORT, SHORT), max_size=60))
def test_delays_that_are_small_never_add_up(cycles):
    pacer = started()
    for k, (late, thinking) in enumerate(cycles):
        assert pacer.due == pytest.approx(100.0 + CYCLE * k, abs=NS)
        now = pacer.due + late
        assert pacer.observed(now) == pytest.approx(late, abs=NS)
        assert not pacer.acted(now + thinking)


@given(cycles=CYCLES)
def test_no_observation_is_due_before_its_action_had_its_time(cycles):
    pacer = started()
    for late, thinking, postponed, beat in cycles:
        planned = pacer.due
        if postponed is not None:
            pacer.postpone(planned + postponed)
        due = pacer.due
        now = due + late
        assert pacer.observed(now) == pytest.approx(now - planned, abs=NS)
        acted_at = now + thinking
        was_late = pacer.acted(acted_at)
        assert pacer.due >= due + CYCLE - NS  # never faster than the cycle, nor before the action is here
        assert pacer.due >= now + CYCLE - pacer.tolerance_s - NS
        assert pacer.due >= acted_at
        assert was_late == (pacer.due == acted_at and acted_at > due + CYCLE)
        assert pacer.due <= max(acted_at, now + CYCLE) + NS  # and never later than it need be
        if beat is not None:
            before = pacer.due
            pacer.steer(beat, CYCLE)
            assert abs(pacer.due - before) <= STEER_S + NS


@given(cycles=CYCLES)
def test_after_whatever_happened_the_first_punctual_cycle_is_in_step_again(cycles):
    pacer = started()
    for late, thinking, *_ in cycles:
        now = pacer.due + late
        pacer.observed(now)
        pacer.acted(now + thinking)
    due = pacer.due
    for k in range(1, 4):
        pacer.observed(pacer.due)
        assert not pacer.acted(pacer.due or due + CYCLE * (k - 1))
        assert pacer.due == pytest.approx(due + CYCLE * k, abs=NS)
