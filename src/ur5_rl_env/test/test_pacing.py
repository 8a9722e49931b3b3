"""The schedule: observation k+1 at max(t_k + cycle, arrival of action k)."""

import pytest

from ur5_rl_env.pacing import Pacer


def test_delays_of_the_machine_do_not_add_up():
    pacer = Pacer(0.040)
    pacer.start(10.0)
    for k in range(1000):
        assert pacer.due == pytest.approx(10.0 + 0.040 * k, abs=1e-9)
        assert pacer.observed(pacer.due + 0.003) == pytest.approx(0.003)
        assert pacer.due is None
        assert not pacer.acted(10.0 + 0.040 * k + 0.020)


def test_a_late_action_stretches_its_cycle_and_is_an_overrun():
    pacer = Pacer(0.040)
    pacer.start(1.0)
    pacer.observed(1.0)
    assert pacer.acted(1.055)
    assert pacer.due == 1.055
    pacer.observed(1.055)
    assert not pacer.acted(1.060)
    assert pacer.due == pytest.approx(1.095)


def test_an_action_at_the_very_end_of_its_cycle_is_in_time():
    pacer = Pacer(0.5)
    pacer.start(1.0)
    pacer.observed(1.0)
    assert not pacer.acted(1.5)
    assert pacer.due == 1.5


def test_after_a_long_delay_the_schedule_moves_instead_of_cutting_an_action_short():
    pacer = Pacer(0.040)
    pacer.start(1.0)
    assert pacer.observed(1.030) == pytest.approx(0.030)
    assert not pacer.acted(1.032)
    assert pacer.due == pytest.approx(1.070)


def test_a_postponed_observation_is_late_by_all_of_its_delay():
    pacer = Pacer(0.040)
    pacer.start(1.0)
    pacer.observed(1.0)
    pacer.acted(1.010)
    pacer.postpone(1.080)
    assert pacer.observed(1.081) == pytest.approx(0.041)
    pacer.acted(1.090)
    assert pacer.due == pytest.approx(1.120)


@pytest.mark.parametrize(('beat', 'cycle'), [(0.520 - 0.0185, 0.039), (0.520 + 0.0185, 0.041)])
def test_a_schedule_beside_the_beat_of_the_camera_is_steered_back_a_millisecond_at_a_time(beat, cycle):
    pacer = Pacer(0.040)
    pacer.start(1.0)
    cycles = []
    for _ in range(30):
        before = pacer.due
        assert pacer.observed(before) == pytest.approx(0.0)  # what is steered is not late
        pacer.acted(before + 0.010)
        pacer.steer(beat, 0.040)  # 18.5 ms beside the schedule
        cycles.append(pacer.due - before)
    assert cycles == pytest.approx([cycle] * 15 + [0.040] * 15)  # until it is near enough
