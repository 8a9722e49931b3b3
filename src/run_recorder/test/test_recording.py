"""The run folder: complete after a normal end, continued after a kill, honest about time."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from run_reading import learning_curve, table
from run_reading.timing import CycleStatistics
from run_recorder.progress_line import line, summary
from run_recorder.recorder_config import RecorderConfig
from ur5_rl_graph.spans import Span

sys.path.insert(0, str(Path(__file__).parent))
from recorded import record


def test_folder_is_complete_after_close(tmp_path):
    recording = record(tmp_path, 4)
    recording.learner(
        stamp=1030.0,
        metrics={'critic_loss': 0.5},
        updates=7,
        weights_version=2,
        updates_per_s=3.0,
        update_ms=20.0,
        handover_ms=0.4,
        waiting_fraction=0.1,
    )
    recording.close(1050.0)
    assert table.read(tmp_path / 'episodes.csv')['return'] == ['1', '2', '3', '4']
    assert table.read(tmp_path / 'learner.csv')['metrics'] == ['critic_loss=0.5']
    assert json.loads((tmp_path / 'timing.json').read_text())['mean_ms'] == 40.0
    assert (tmp_path / 'learning_curve.png').read_bytes().startswith(b'\x89PNG')
    assert list((tmp_path / 'tensorboard').iterdir())


def test_killed_recorder_goes_on_with_the_same_run(tmp_path):
    record(tmp_path, 3)  # never closed
    with (tmp_path / 'episodes.csv').open('a') as file:
        file.write('4,1028.0,')  # what a kill leaves of a row
    again = record(tmp_path, 1, first=4)
    assert again.damages == [f'{tmp_path}/episodes.csv was damaged; lost: 9 bytes of a torn line']
    assert again.figures.curve.returns == [1.0, 2.0, 3.0, 4.0]
    assert again.progress(1034.0).cycle.cycles == 4
    assert again.clock.elapsed_s(1034.0) == 1034.0 - 1014.0  # since step 10, episode 2
    assert again.figures.updates == 0


def test_steps_of_episodes_that_nobody_recorded_are_counted_also_by_who_goes_on(tmp_path):
    record(tmp_path, 2, first=3)  # of 5 steps each
    figures = record(tmp_path, 1, first=8).figures
    assert figures.untold_steps == (2 + 3) * 5
    figures.episode_ended(11, True, 1.0, 1.0, 45, 5, 1.0)  # two ended before their first step
    figures.episode_ended(12, False, 1.0, 1.0, 20, 5, 1.0)  # the environment went back
    assert figures.untold_steps == (2 + 3) * 5


def test_summary_leaves_out_the_random_episodes_and_says_whether_the_time_is_over(tmp_path):
    record(tmp_path, 4).close(1030.0)  # the clock starts at the end of the second episode, 1014.0
    values = json.loads((tmp_path / 'summary.json').read_text())
    assert not values['complete']
    assert values['elapsed_s'] == 16.0
    assert values['episodes'] == 2
    assert values['return_mean'] == 3.5
    assert values['cycle_mean_ms'] == 40.0
    record(tmp_path, 12, first=5).close(1114.0)  # 100 s, the duration
    assert json.loads((tmp_path / 'summary.json').read_text())['complete']


def test_spans_are_rows_to_the_microsecond(tmp_path):
    recording = record(tmp_path, 1)
    recording.spans('learner', [Span('update', 1_700_000_000_123_456_789, 23_456_789), Span('weights', 5, 0)])
    assert table.read(tmp_path / 'spans.csv') == {  # before it is closed: a killed recorder keeps them
        'component': ['learner', 'learner'],
        'span': ['update', 'weights'],
        'start_s': ['1700000000.123457', '0.000000'],
        'duration_ms': ['23.457', '0.000'],
    }


def test_table_of_other_columns_is_refused(tmp_path):
    (tmp_path / 'episodes.csv').write_text('a,b\n1,2\n')
    with pytest.raises(ValueError, match="has the columns 'a,b'"):
        record(tmp_path, 1)


def test_cycle_statistics():
    statistics = CycleStatistics(40.0)
    for cycle in [40.0] * 98 + [41.9, 90.0]:
        statistics.add(cycle, 5.0, 14.0, overrun=cycle > 42)
    summary = statistics.summary()
    assert summary.within_2ms_fraction == 0.99
    assert summary.overruns == 1
    assert summary.max_ms == 90.0
    assert summary.p50_ms == 40.0


def test_moving_mean_has_a_shorter_window_at_the_beginning():
    means = learning_curve.moving_mean(np.arange(12.0))
    np.testing.assert_allclose(means[[0, 1, 9, 10, 11]], [0.0, 0.5, 4.5, 5.5, 6.5])


def test_progress_line_and_summary_name_what_a_person_looks_for(tmp_path):
    recording = record(tmp_path, 3)
    text = line(recording.progress(1050.0))
    for part in (
        '0:15 run, 1:25 left',
        'episode 3',
        'steps 15',
        'updates 0',
        '40.00 ms, 0 overruns',
        '0.30 s',
    ):
        assert part in text
    end = summary(recording.progress(1050.0), {'transitions': 2, 'velocity commands refused': 0})
    assert 'lost or dropped: transitions 2' in end
    assert 'velocity commands' not in end


def test_run_folder_is_required():
    with pytest.raises(ValueError, match='run_folder'):
        RecorderConfig()
