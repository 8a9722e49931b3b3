"""Statistics of a run of days: those of all its cycles, in a memory that does not grow."""

import pickle

import numpy as np
import pytest

from run_reading import table
from run_reading.histogram import Histogram
from run_reading.timing import CycleStatistics, UpdateStatistics, WeightsAges
from run_recorder.table_file import Table


def test_quantiles_are_those_of_numpy_to_a_hundredth():
    times = np.random.default_rng(1).gamma(4.0, 5.0, 3001)
    histogram = Histogram()
    for time in times:
        histogram.add(time)
    fractions = (0.0, 0.005, 0.5, 0.99, 1.0)
    np.testing.assert_allclose(histogram.quantiles(*fractions), np.quantile(times, fractions), atol=0.0051)


@pytest.mark.parametrize(
    ('time', 'counted'),
    [
        (0.0, 0.0),
        (40.0, 40.0),
        (39.996, 40.0),
        (99.996, 100.0),
        (100.04, 100.0),
        (123.46, 123.5),
        (1234.6, 1235.0),
        (12_346.0, 12_350.0),
        (99_999.0, 100_000.0),
        (1e9, 100_000.0),
        (-1.0, 0.0),
    ],
)
def test_a_time_counts_as_the_nearest_that_is_told_apart(time, counted):
    histogram = Histogram()
    histogram.add(time)
    assert histogram.quantiles(0.5) == [counted]


def test_quantiles_lie_between_two_neighbours():
    histogram = Histogram()
    for time in (10.0, 20.0, 40.0):
        histogram.add(time)
    assert histogram.quantiles(0.25, 0.5, 0.75, 1.0) == [15.0, 20.0, 30.0, 40.0]
    with pytest.raises(ValueError, match='nothing'):
        Histogram().quantiles(0.5)


def test_statistics_are_those_of_all_cycles():
    rng = np.random.default_rng(2)
    rows = np.stack([rng.normal(40.0, 1.5, 500), rng.gamma(2.0, 2.0, 500), rng.gamma(9.0, 2.0, 500)], axis=1)
    statistics = CycleStatistics(40.0)
    for row in rows:
        statistics.add(*row, overrun=row[0] > 42.0)
    found, cycle = statistics.summary(), rows[:, 0]
    assert found.cycles == 500 and found.overruns == (cycle > 42.0).sum()
    assert found.max_ms == cycle.max()
    assert found.within_2ms_fraction == np.mean(np.abs(cycle - 40.0) <= 2.0)
    np.testing.assert_allclose([found.mean_ms, found.sd_ms], [cycle.mean(), cycle.std()], rtol=1e-12)
    quantiles = np.quantile(rows, (0.5, 0.99), axis=0).T.ravel()
    np.testing.assert_allclose([found.p50_ms, found.p99_ms, *found[-4:]], quantiles, atol=0.0051)


def test_a_cycle_just_within_the_tolerance_counts():
    statistics = CycleStatistics(40.0)
    for cycle_ms in (38.0, 42.0, 42.5, 37.5):
        statistics.add(cycle_ms, 5.0, 14.0, overrun=False)
    assert statistics.summary().within_2ms_fraction == 0.5


def test_statistics_of_a_day_take_no_more_memory_than_those_of_a_minute():
    cycles, updates, ages = CycleStatistics(40.0), UpdateStatistics(), WeightsAges(0.04)

    def feed(rows):
        for index in range(rows):
            cycles.add(40.0 + index % 7, 3.0, 14.0, overrun=False)
            updates.add(30.0, 20.0)
            updates.add_sampling(2.0)
            ages.add(0.01 * (index % 30), index)
        return len(pickle.dumps((cycles, updates, ages)))

    assert feed(1500) == pytest.approx(feed(40_000), abs=16)  # what larger numbers take


@pytest.mark.parametrize('size', [1, 20, 1000, 10**6])
def test_a_large_table_is_read_in_parts(tmp_path, size):
    path = tmp_path / 'table.csv'
    part = Table(path, ('a', 'b'))
    part.extend((row, row / 2) for row in range(100))
    part.close()
    with path.open('a') as file:
        file.write('7,')  # is being written
    found = list(table.read_parts(path, size=size))
    assert max(len(rows.get('a', [])) for rows in found) <= size / len('0,0\r\n') + 1
    for name in ('a', 'b'):
        assert [value for rows in found for value in rows.get(name, [])] == table.read(path)[name]
    assert list(table.read_parts(tmp_path / 'nothing.csv')) == []


def test_damages_of_a_large_table_are_told_in_one_line(tmp_path):
    path = tmp_path / 'table.csv'
    path.write_text('a,b\n' + '1,2\n' * 50 + '1\n' + '1,2\n' * 50 + '3\n')
    for size in (20, 10**6):
        said = []
        found = list(table.read_parts(path, said.append, size))
        assert sum(len(rows['a']) for rows in found) == 100
        assert said == [f'{path} is damaged; lost: 2 damaged lines']


def test_a_lost_header_costs_no_row_of_a_large_table(tmp_path):
    path = tmp_path / 'spans.csv'
    path.write_text('actor,act,1.0,2.0\n' * 50)
    said = []
    found = list(table.read_parts(path, said.append, 100))
    assert sum(len(rows['start_s']) for rows in found) == 50 and len(found) > 5
    assert said == [f'{path} is damaged; lost: its header']
