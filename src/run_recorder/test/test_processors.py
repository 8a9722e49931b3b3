"""Shares of processor time, from counters by hand."""

import pytest

from run_recorder.processors import Processors


def shares(tmp_path, now):
    stat = tmp_path / 'stat'
    stat.write_text('cpu  100 10 20 1000 5 1 2 50 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n')
    processors = Processors(stat)
    stat.write_text(f'cpu  {now} 0 0\n')
    return processors.shares()


def test_shares_are_those_since_the_start(tmp_path):
    found = shares(tmp_path, '130 20 25 1030 10 2 3 60')  # 30 10 5 30 5 1 1 10
    assert found.processors_busy_fraction == pytest.approx(47 / 92)
    assert found.processors_stolen_fraction == pytest.approx(10 / 92)
    assert str(found).endswith(
        '51 % busy, 10.9 % taken by the host of this virtual machine: the timing above suffers from it'
    )


def test_nothing_is_said_where_nothing_was_taken(tmp_path):
    found = shares(tmp_path, '150 10 20 1050 5 1 2 50')
    assert str(found) == 'processors: 50 % busy, 0.0 % taken by the host of this virtual machine'


def test_no_time_has_gone_by(tmp_path):
    assert shares(tmp_path, '100 10 20 1000 5 1 2 50') == (0.0, 0.0)
