"""Which of two runs that hear each other is to go."""

import itertools

import pytest

from ur5_rl_env.commander import MAX_RUNS_TOLD
from ur5_rl_env.neighbours import MARGIN_S, Finding, Neighbours


def neighbours(run, age_s):
    return Neighbours(run, lambda: age_s)


def test_the_own_run_is_no_neighbour():
    assert neighbours('run_a', 5.0).hear('run_a', 100.0) is Finding.NOTHING


def test_the_younger_yields_and_the_older_warns_once():
    assert neighbours('run_b', 3.0).hear('run_a', 100.0) is Finding.YIELD
    older = neighbours('run_a', 100.0)
    assert [older.hear('run_b', 3.0 + n) for n in range(3)] == [Finding.WARN] + [Finding.NOTHING] * 2
    assert older.hear('run_c', 3.0) is Finding.WARN


def test_however_many_others_there_are_some_are_warned_of():
    older = neighbours('run_a', 100.0)
    found = [older.hear(f'run_{number}', 3.0) for number in range(3 * MAX_RUNS_TOLD)]
    assert found == [Finding.WARN] * MAX_RUNS_TOLD + [Finding.NOTHING] * 2 * MAX_RUNS_TOLD


def test_a_driver_by_hand_yields_to_a_run_and_a_run_warns_of_it():
    assert neighbours('', 0.0).hear('run_a', 0.0) is Finding.YIELD
    assert neighbours('', 0.0).hear('', 0.0) is Finding.NOTHING
    assert neighbours('run_a', 60.0).hear('', 0.0) is Finding.WARN


@pytest.mark.parametrize('latency_s', [0.0, 0.003, 0.2])
def test_one_of_two_goes_whatever_their_ages_and_never_both_stay(latency_s):
    """Each hears the age that the other had `latency_s` ago; both start in any order, driver by driver."""
    for a, b in itertools.product([0.5, 1.0, 1.4, 1.5, 2.0, 3.0, 1000.0], repeat=2):
        findings = [
            neighbours('run_a', a).hear('run_b', b - latency_s),
            neighbours('run_b', b).hear('run_a', a - latency_s),
        ]
        assert Finding.YIELD in findings
        if abs(a - b) > MARGIN_S:
            assert findings == ([Finding.WARN, Finding.YIELD] if a > b else [Finding.YIELD, Finding.WARN])
