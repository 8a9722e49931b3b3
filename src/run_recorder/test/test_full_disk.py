"""What a recorder does where the disk is full for a while, read-only or gone."""

import itertools
import json
import sys
from pathlib import Path

import pytest
from full_disk import no_room
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

from run_reading import table
from run_reading.columns import TABLES
from run_recorder.steady_clock import SteadyClock
from run_recorder.table_file import Table
from run_recorder.tensorboard_events import Events
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.writing import Writing

sys.path.insert(0, str(Path(__file__).parent))
from recorded import CYCLE, record


def cycles(recording, count):
    for _ in range(count):
        recording.cycle(stamp=1100.0, overrun=False, episode=9, step=1, cycle_ms=40.0, **CYCLE)


def test_rows_without_room_are_counted_and_the_tables_stay_whole(tmp_path):
    recording, told = record(tmp_path, 4), []
    recording.writing._say = told.append
    recording.writing._clock = itertools.count(step=20).__next__  # s
    size = (tmp_path / 'cycle_timing.csv').stat().st_size
    with no_room(size + 7):  # in the middle of a row
        cycles(recording, 30)
    cycles(recording, 2)
    assert recording.writing.unwritten == {'cycle_timing.csv not written': 30}
    assert (
        len(told) == 2
        and 'File too large' in told[0]
        and told[1].endswith('is written again; until then 30 were not')
    )
    assert len(table.read(tmp_path / 'cycle_timing.csv')['stamp']) == 4 + 2
    assert recording.progress(1100.0).cycle.cycles == 4 + 32, 'the figures of the run know all of them'


def test_a_run_that_ends_without_room_says_what_its_folder_lacks_and_keeps_the_rest(tmp_path):
    recording = record(tmp_path, 4)
    with no_room():
        (said,) = recording.close(1050.0)
    lacks = f'run folder {tmp_path} lacks summary.json, timing.json'
    assert recording.state == f'{lacks}; the run ended before its time'
    assert said.startswith(f'warning: {tmp_path}/learning_curve.png was not drawn (OSError: ')
    assert not list(tmp_path.glob('*.part'))
    with no_room(2000):  # enough for all but the picture
        again = record(tmp_path, 0)
        assert again.close(1050.0) == [said] and again.lacking == []
    assert json.loads((tmp_path / 'summary.json').read_text())['steps'] == 20
    whole = record(tmp_path, 0)
    assert whole.close(1050.0) == [] and whole.state.startswith(f'run folder {tmp_path} is complete')


def test_the_clock_is_kept_as_soon_as_there_is_room(tmp_path):
    with no_room():
        recording = record(tmp_path, 4)  # it starts at 1014.0
    assert not (tmp_path / 'clock.json').exists()
    recording.clock.save()
    again = record(tmp_path, 0)
    assert again.clock.elapsed_s(1054.0) == recording.clock.elapsed_s(1054.0) > 0.0


def test_the_steady_clock_is_kept_as_soon_as_there_is_room(tmp_path):
    path = tmp_path / 'steady_clock.json'
    with no_room():
        clock = SteadyClock(path, Clock(lambda: 5.0, lambda: 1000 * 10**9), 'boot')
        clock.keep()
    clock.keep()
    assert SteadyClock(path, Clock(lambda: 6.0, lambda: 2000 * 10**9), 'boot').now() == clock.now() + 1.0


@pytest.mark.parametrize('name', TABLES)
def test_a_recorder_that_comes_back_without_room_goes_on_and_cuts_the_torn_line_later(tmp_path, name):
    columns = TABLES[name]
    record(tmp_path, 3)
    with (tmp_path / name).open('a') as file:
        file.write('7,')
    lacking = Writing()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('os.open', _read_only)
        patch.setattr(Path, 'open', _read_only)
        part = Table(tmp_path / name, columns, lacking)
        part.extend([columns])
    part.extend([columns])
    assert lacking.unwritten == {f'{name} not written': 1}
    assert (tmp_path / name).read_text().splitlines()[-1] == ','.join(columns)
    assert '7,' not in (tmp_path / name).read_text().splitlines()[-2][:2]


def test_a_table_is_read_at_its_beginning_only(tmp_path, monkeypatch):
    part = Table(tmp_path / 'a.csv', ('a',))
    monkeypatch.setattr(Path, 'read_bytes', lambda _: pytest.fail('a long table costs more with each row'))
    part.append(a=1)
    part.append(a=2)


def _read_only(*_, **__):
    raise OSError(30, 'Read-only file system')


def test_events_go_on_after_a_full_disk(tmp_path):
    writing = Writing()
    events = Events(tmp_path / 'tensorboard', writing)
    events.add('a', 1.0, 1, 1000.0)
    (path,) = (tmp_path / 'tensorboard').iterdir()
    with no_room(path.stat().st_size + 9):
        events.add('a', 2.0, 2, 1001.0)
        events.add('a', 3.0, 3, 1002.0)
    events.add('a', 4.0, 4, 1003.0)
    events.close()
    found = [event for event in LegacyEventFileLoader(str(path)).Load() if event.step]
    assert [(event.step, event.wall_time, event.summary.value[0].simple_value) for event in found] == [
        (1, 1000.0, 1.0),
        (4, 1003.0, 4.0),
    ]
    assert writing.unwritten == {'tensorboard not written': 2}
