"""Old readings are told from fresh ones by the controller's clock, not by the gaps between them."""

import pytest

from ur5_rl_env.devices.reading_age import PATIENCE_S, ReadingAge
from ur5_rl_env.reserve import LATE_S

STEP = 0.008


def ages(delays, drift=0.0):
    """What a connection makes of readings, one for each step, that arrive `delays` [s] late."""
    age, late = ReadingAge(), []
    for step, delay in enumerate(delays):
        controller = 100.0 + step * STEP * (1.0 + drift)
        late.append(age.take(5000.0 + step * STEP + delay, controller))
    return age, late


def test_readings_of_one_constant_delay_are_fresh():
    age, late = ages([0.003] * 50)
    assert not any(late) and age.age_s == pytest.approx(0.0, abs=1e-9) and age.overdue_s == 0.0


def test_a_delay_that_grows_without_any_gap_is_seen():
    _, late = ages([0.001 * step for step in range(40)])
    assert not any(late[:16]) and all(late[18:])


def test_a_delay_that_jumps_once_and_stays_is_late_for_good():
    age, late = ages([0.0] * 10 + [0.020] * 90)
    assert not any(late[:10]) and all(late[10:])
    assert age.overdue_s > PATIENCE_S and age.age_s == pytest.approx(0.020, abs=1e-3)


def test_after_a_gap_one_reading_is_late_and_the_next_fresh_one_is_not():
    age = ReadingAge()
    assert not age.take(1.0, 0.0)
    assert age.take(4.0, 3.0) and age.overdue_s == 0.0, 'the servo was kept for three seconds'
    assert not age.take(4.008, 3.008) and age.overdue_s == 0.0
    assert age.take(4.008 + LATE_S + 0.001, 3.008 + LATE_S + 0.001)


@pytest.mark.parametrize('drift', [1e-4, -1e-4])
def test_clocks_that_go_apart_as_clocks_do_are_no_delay(drift):
    _, late = ages([0.0] * 75_000, drift)  # ten minutes
    assert not any(late)
