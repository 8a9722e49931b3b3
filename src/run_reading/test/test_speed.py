"""How fast a run went: the line, the file, several runs together."""

import json
import math

import pytest

from run_reading import speed
from run_reading.speed import Speed
from ur5_rl_graph import run_files

RUN = Speed(600.0, {'rendering': 30.0, 'updates': 150.0, 'rest': 20.0})


def test_the_line_says_how_fast_and_where_the_time_went_the_largest_first_the_rest_last():
    assert RUN.line == (
        '10:00 of virtual time in 3:20: 3.00 times real time; updates 75.0 %, rendering 15.0 %, rest 10.0 %'
    )
    much = RUN._replace(parts_s={'rendering': 1.0, 'rest': 99.0})
    assert much.line.endswith('6.00 times real time; rendering 1.0 %, rest 99.0 %')


def test_a_run_that_needed_no_time_has_no_speed():
    assert math.isnan(Speed(1.0, {'rest': 0.0}).times_real_time)
    assert Speed(1.0, {'rest': 0.0}).line.endswith('nan times real time; rest 0.0 %')


def test_times_of_several_runs_add_up():
    other = Speed(100.0, {'rendering': 70.0, 'updates': 0.0, 'rest': 130.0})
    assert speed.total([RUN, other]) == Speed(700.0, {'rendering': 100.0, 'updates': 150.0, 'rest': 150.0})
    assert speed.total([RUN, other]).times_real_time == 1.75


def test_what_is_written_is_read(tmp_path):
    speed.write(tmp_path / run_files.SPEED, RUN)
    assert speed.read(tmp_path) == RUN
    assert list(speed.read(tmp_path).parts_s) == list(RUN.parts_s)


@pytest.mark.parametrize(
    'parts', [None, [], {}, {'rest': 'long'}, {'rest': -1.0}, {'rest': math.inf}, {'rest': True}]
)
def test_a_damaged_file_is_named(parts, tmp_path):
    (tmp_path / run_files.SPEED).write_text(json.dumps({'virtual_s': 1.0, 'parts_s': parts}))
    with pytest.raises(ValueError, match='speed.json is damaged .its parts_s are no times'):
        speed.read(tmp_path)


def test_a_missing_one_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        speed.read(tmp_path)
