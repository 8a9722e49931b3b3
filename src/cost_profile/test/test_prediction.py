"""Thesis table 5.2 gives the action cycles that the thesis chose, and the update rates that it saw."""

import pytest

from cost_profile.prediction import affordable_cycle_ms, predict, total_ms
from cost_profile.profile_text import cost_table, predictions, table
from run_reading.costs import Costs, load_costs


@pytest.mark.parametrize(
    ('setting', 'total', 'cycle'),
    [('baseline', 52.0, 80), ('high_resolution', 118.0, 120), ('large_minibatch', 161.0, 200)],
)
def test_seq_sac_needs_the_cycles_of_the_thesis(setting, total, cycle):
    costs = load_costs('thesis', setting)
    assert total_ms(costs) == total
    sequential = predict(costs, updates_per_step=0.0)[0]
    assert sequential.cycle_ms == cycle
    assert sequential.updates_per_s == pytest.approx(1000 / cycle)
    assert not sequential.fits


@pytest.mark.parametrize(('work', 'cycle'), [(0.1, 40), (40.0, 40), (40.1, 80), (80.0, 80), (161.0, 200)])
def test_cycles_are_multiples_of_both_hardware_cycles(work, cycle):
    assert affordable_cycle_ms(work) == cycle
    assert cycle % 8 == 0 and cycle % 40 == 0


def test_update_periods_are_the_sum_and_the_larger():
    _, one, two = predict(load_costs('thesis', 'large_minibatch'), updates_per_step=0.0)
    assert one.updates_per_s == pytest.approx(1000 / (86 + 68))
    assert two.updates_per_s == pytest.approx(1000 / 86)
    assert one.fits and two.fits
    assert one.cycle_ms == two.cycle_ms == 40


def test_the_governor_limits_the_rate():
    _, one, two = predict(load_costs('thesis', 'baseline'), updates_per_step=1.0)
    assert one.updates_per_s == pytest.approx(1000 / 45)  # below the limit
    assert two.updates_per_s == pytest.approx(25.0)  # 1000 / 24 would be 41.7


def test_several_updates_in_a_step_are_paid_in_one_cycle():
    costs = Costs(action_ms=2.0, sampling_ms=1.0, gradient_ms=20.0, environment_ms=1.0)
    sequential = predict(costs, updates_per_step=2.0)[0]
    assert sequential.cycle_ms == 80  # 3 + 2 * 21 = 45
    assert sequential.updates_per_s == pytest.approx(25.0)
    half = predict(costs, updates_per_step=0.5)[0]
    assert half.cycle_ms == 40 and half.fits  # each cycle has room for one; half of them make it
    assert half.updates_per_s == pytest.approx(12.5)


@pytest.mark.parametrize(
    ('planned', 'action_ms', 'cycle', 'fits'),
    [
        (80.0, 10.0, 80.0, True),  # not 40: the environment waits for the planned time
        (48.0, 44.0, 48.0, True),
        (20.0, 8.0, 20.0, True),
        (20.0, 20.0, 40.0, False),
        (48.0, 48.0, 80.0, False),
    ],
)
def test_the_cycle_of_the_setting_is_held_where_the_work_fits_in_it(planned, action_ms, cycle, fits):
    costs = Costs(action_ms=action_ms, sampling_ms=0.0, gradient_ms=0.0, environment_ms=1.0)
    for found in predict(costs, 0.5, planned):
        assert (found.cycle_ms, found.fits) == (cycle, fits)
        assert found.updates_per_s == pytest.approx(500.0 / cycle)


def test_an_architecture_that_holds_the_planned_cycle_makes_the_same_updates_as_the_others():
    costs = Costs(action_ms=2.0, sampling_ms=3.0, gradient_ms=4.0, environment_ms=1.0)
    for updates_per_step in (0.5, 1.0, 2.0):
        rates = [found.updates_per_s for found in predict(costs, updates_per_step, 80.0)]
        assert rates == pytest.approx(3 * [12.5 * updates_per_step])


def test_interaction_that_is_too_slow_fits_nowhere():
    costs = Costs(action_ms=45.0, sampling_ms=1.0, gradient_ms=2.0, environment_ms=5.0)
    assert [found.fits for found in predict(costs, updates_per_step=0.0)] == [False] * 3
    assert [found.cycle_ms for found in predict(costs, updates_per_step=0.0)] == [80, 80, 80]


def test_the_report_shows_the_numbers(tmp_path):
    costs = {name: load_costs('thesis', name) for name in ('baseline', 'large_minibatch')}
    lines = [line.split() for line in table(costs).splitlines()]
    assert lines[0] == ['baseline', 'large_minibatch']
    assert lines[2] == ['Replay', 'buffer', 'sampling', '21.00', 'ms', '86.00', 'ms']
    assert lines[-1] == ['Total', '52.00', 'ms', '161.00', 'ms']
    text = predictions('baseline', predict(costs['baseline'], 1.0, 40.0), 1.0, 40.0)
    assert 'baseline: action cycle 40 ms, at most 1 update per step' in text
    assert 'Seq-SAC      cycle   80 ms,   12.5 updates/s,   1.00 per step: does not fit in 40 ms' in text
    assert (
        'Async-SAC-1  cycle   40 ms,   22.2 updates/s,   0.89 per step: fits, fewer updates than allowed'
        in text
    )
    path = tmp_path / 'costs.yaml'
    path.write_text(cost_table(costs, 'measured here'))
    assert load_costs(str(path), 'large_minibatch') == costs['large_minibatch']
    assert path.read_text().startswith('# measured here\nbaseline: {action_ms: 2.000, ')
