"""Simulated times in the monotonic clock: of the fastest messages, also when the simulation begins anew."""

import pytest

from ur5_cell.sim_time import WINDOW_NS, SimTime

MS = 1_000_000


def test_nothing_heard_is_no_time():
    assert SimTime().monotonic_ns(5) is None


def test_the_fastest_message_counts():
    time = SimTime()
    for sim_ms, late_ms in ((0, 9), (8, 2), (16, 30), (24, 5)):
        time.heard(sim_ms * MS, (1000 + sim_ms + late_ms) * MS)
    assert time.monotonic_ns(100 * MS) == (1000 + 100 + 2) * MS


def test_what_came_longer_ago_than_the_window_no_longer_counts():
    time = SimTime()
    time.heard(0, 1000 * MS)
    time.heard(WINDOW_NS - 5 * MS, 1000 * MS + WINDOW_NS)  # at the edge the first one still counts
    assert time.monotonic_ns(0) == 1000 * MS
    time.heard(WINDOW_NS - 4 * MS, 1000 * MS + WINDOW_NS + 1)
    assert time.monotonic_ns(0) == 1004 * MS + 1


@pytest.mark.parametrize('factor', [1.0, 0.9, 0.5])
def test_a_slow_simulation_lags_by_its_slowness_times_the_window(factor):
    time = SimTime()
    for step in range(1000):
        time.heard(round(step * 8 * MS * factor), step * 8 * MS)
    lag = 999 * 8 * MS - time.monotonic_ns(round(999 * 8 * MS * factor))
    assert lag == pytest.approx((1 - factor) * WINDOW_NS, abs=10 * MS)


def test_a_simulation_that_begins_anew_has_new_times():
    time = SimTime()
    time.heard(5000 * MS, 6000 * MS)
    time.heard(0, 6010 * MS)
    assert time.monotonic_ns(0) == 6010 * MS
