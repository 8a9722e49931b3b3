"""What a recorder makes of a run folder that a crash of the machine, or a person, has damaged."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from own_domain import own_domain

from run_reading import configuration, table
from run_reading.columns import LEARNER_COLUMNS, SPAN_COLUMNS
from run_recorder import table_file
from run_recorder.run_clock import RunClock
from run_recorder.table_file import Table

sys.path.insert(0, str(Path(__file__).parent))
from recorded import record

DAMAGES = ['', '{"star', '{}', '[]', '3', '\0' * 40, '{"started": 1014.0, "duration_s": 100.0}']


@pytest.mark.parametrize('text', DAMAGES)
def test_a_damaged_clock_is_told_and_the_tables_say_how_long_the_run_has_lasted(tmp_path, text):
    assert record(tmp_path, 4).clock.damage == ''  # the clock starts at 1014.0
    (tmp_path / 'clock.json').write_text(text)
    again = record(tmp_path, 0)
    assert again.clock.damage.startswith(f'{tmp_path / "clock.json"} is damaged (')
    assert again.damages == [again.clock.damage] and again.clock.damage.isprintable()
    assert again.clock.elapsed_s(5000.0) == 14.0
    again.clock.save()
    assert record(tmp_path, 0).damages == [], 'it has been written anew'


@pytest.mark.parametrize('text', DAMAGES)
def test_a_damaged_clock_without_tables_begins_anew(tmp_path, text):
    (tmp_path / 'clock.json').write_text(text)
    clock = RunClock(tmp_path / 'clock.json', 60.0, 8.0)
    assert clock.damage and clock.elapsed_s(1e9) == 0.0
    clock.start(100.0)
    clock.step(107.0)
    clock.save()
    assert RunClock(tmp_path / 'clock.json', 60.0, 8.0).elapsed_s(107.0) == 7.0


def test_a_lost_clock_is_made_up_for_by_the_reports_of_the_learner_too(tmp_path):
    recording = record(tmp_path, 4)
    report = dict.fromkeys(set(LEARNER_COLUMNS) - {'stamp', 'elapsed_s', 'metrics'}, 3)
    recording.learner(stamp=1033.0, metrics={}, **report)
    (tmp_path / 'clock.json').unlink()
    again = record(tmp_path, 0)
    assert again.clock.elapsed_s(5000.0) == 19.0 and again.figures.updates == 3


def test_a_clock_of_random_steps_alone_does_not_run_after_a_restart(tmp_path):
    record(tmp_path, 1)
    assert record(tmp_path, 0).clock.elapsed_s(1e9) == 0.0


NAMES = ['episodes.csv', 'cycle_timing.csv', 'learner.csv', 'spans.csv']


@pytest.mark.parametrize('name', NAMES)
@pytest.mark.parametrize(
    ('content', 'lost'),
    [
        (b'', 'its header'),
        (b'\0' * 4096, 'its header, 4096 bytes of a torn line'),
        (b'epi', 'its header, 3 bytes of a torn line'),
        ('ÿ'.encode('latin-1'), 'its header, 1 bytes of a torn line'),
        (b'\0' * 4096 + b'\n', 'its header'),
    ],
)
def test_a_table_without_a_whole_line_begins_anew(tmp_path, name, content, lost):
    record(tmp_path, 3)
    (tmp_path / name).write_bytes(content)
    again = record(tmp_path, 1, first=4)
    assert again.damages == [f'{tmp_path / name} was damaged; lost: {lost}']
    assert again.figures.curve.returns == ([4.0] if name == 'episodes.csv' else [1.0, 2.0, 3.0, 4.0])
    assert record(tmp_path, 0).damages == []


@pytest.mark.parametrize('text', [b',', b',"an arm', b',an \0arm'])
def test_a_good_row_between_damaged_ones_is_kept_and_text_does_not_hide_damage(tmp_path, text):
    record(tmp_path, 4)
    path = tmp_path / 'episodes.csv'
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1] = b'1,"2\r\n'  # opens a quote
    lines[3] = b'3",4\r\n'  # closes it
    lines[4] = lines[4].replace(b',\r\n', text + b'\r\n')
    path.write_bytes(b''.join(lines))
    again = record(tmp_path, 0)
    kept = [lines[0], lines[2]] + ([lines[4]] if text == b',' else [])
    assert again.damages == [f'{path} was damaged; lost: {5 - len(kept)} damaged lines']
    assert path.read_bytes() == b''.join(kept)


LINES = {
    'empty': b'\n',
    'short': b'1,2\n',
    'NULs': b'\0' * 200_000 + b'\n',
    'bytes': b'\xff\xfe\n',
    'quote': b'"1,2\n',
    'words': b','.join([b'x'] * 19) + b'\n',
    'no number': b'4,nan' + b',1' * 16 + b',\n',
    'endless': b'4,1e999' + b',1' * 16 + b',\n',
}


@pytest.mark.parametrize('place', [2, 3, 4], ids=['amid', 'before the last', 'last'])
@pytest.mark.parametrize('name', ['episodes.csv', 'cycle_timing.csv'])
@pytest.mark.parametrize('line', LINES.values(), ids=LINES)
def test_a_line_that_no_recorder_wrote_is_lost_alone_and_told(tmp_path, name, line, place):
    record(tmp_path, 3)
    path = tmp_path / name
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    path.write_bytes(b''.join([*lines[:place], line, *lines[place:]]))
    told = []
    assert len(table.read(path, told.append)['episode']) == 3
    assert told == [f'{path} is damaged; lost: 1 damaged lines']
    again = record(tmp_path, 0)
    assert again.damages == [f'{path} was damaged; lost: 1 damaged lines']
    assert path.read_bytes() == content
    assert again.figures.curve.returns == [1.0, 2.0, 3.0] and again.progress(1021.0).cycle.cycles == 3


@pytest.mark.parametrize('name', ['episodes.csv', 'cycle_timing.csv'])
@pytest.mark.parametrize('value', ['', 'x', '\0', '1,2'])
def test_a_row_whose_value_is_no_number_is_lost(tmp_path, name, value):
    record(tmp_path, 3)
    lines = (tmp_path / name).read_text().splitlines()
    column = lines[0].split(',').index('return' if name == 'episodes.csv' else 'cycle_ms')
    fields = lines[2].split(',')
    fields[column] = value
    lines[2] = ','.join(fields)
    (tmp_path / name).write_text('\n'.join(lines) + '\n')
    again = record(tmp_path, 0)
    assert again.damages == [f'{tmp_path / name} was damaged; lost: 1 damaged lines']
    assert len(again.figures.curve.returns) + again.progress(1021.0).cycle.cycles == 5


@pytest.mark.parametrize('name', ['episodes.csv', 'cycle_timing.csv'])
@pytest.mark.parametrize('header', [b'', b'\0' * 5000 + b'\n', b'\xff\xfe\n', b'12,13\n'])
def test_a_header_that_is_lost_is_put_back_and_no_row_is_lost_with_it(tmp_path, name, header):
    record(tmp_path, 3)
    path = tmp_path / name
    content = path.read_bytes()
    path.write_bytes(header + content.partition(b'\n')[2])
    told = []
    assert table.read(path, told.append)['episode'] == ['1', '2', '3']
    assert told == [f'{path} is damaged; lost: its header']
    assert record(tmp_path, 0).damages == [f'{path} was damaged; lost: its header']
    assert path.read_bytes() == content


@pytest.mark.parametrize('large', [400, table_file.LARGE])
def test_columns_of_another_version_are_refused_in_one_line_and_nothing_is_changed(
    tmp_path, monkeypatch, large
):
    """Of a large table, too, of whose rows only the last are looked at."""
    monkeypatch.setattr(table_file, 'LARGE', large)
    monkeypatch.setattr(table_file, 'END', 100)
    content = b'a,b\n' + 200 * b'1,2\n' + b'\0\n'
    (tmp_path / 'spans.csv').write_bytes(content)
    with pytest.raises(ValueError, match="spans.csv has the columns 'a,b'; expected component,") as caught:
        record(tmp_path, 0)
    assert str(caught.value).isprintable()
    assert (tmp_path / 'spans.csv').read_bytes() == content


def test_of_a_large_table_only_the_end_is_mended(tmp_path, monkeypatch):
    monkeypatch.setattr(table_file, 'LARGE', 400)
    monkeypatch.setattr(table_file, 'END', 100)
    path, row = tmp_path / 'spans.csv', b'actor,act,1.000000,2.0\r\n'
    begin = b','.join(name.encode() for name in SPAN_COLUMNS) + b'\r\n' + row + b'\0\r\n' + 20 * row
    path.write_bytes(begin + b'actor,a\r\n' + row + b'\0\0\r\n' + row[:9])
    opened = Table(path, SPAN_COLUMNS)
    assert opened.damage == f'{path} was damaged; lost: 2 damaged lines, 9 bytes of a torn line'
    assert path.read_bytes() == begin + row
    told = []
    assert len(table.read(path, told.append)['span']) == 22
    assert told == [f'{path} is damaged; lost: 1 damaged lines']


def test_what_is_written_stays_one_line(tmp_path):
    written = Table(tmp_path / 'table.csv', ('a', 'text'))
    written.append(a=1, text='arm:\r\n  "lost", \0x\n')
    assert (tmp_path / 'table.csv').read_bytes().count(b'\n') == 2
    assert table.read(tmp_path / 'table.csv')['text'] == [r'arm: "lost", \x00x']


def test_tables_of_others_hold_words_where_theirs_are(tmp_path):
    path = tmp_path / 'table.csv'
    content = b'run,step\r\nthe first,3\r\n'
    path.write_bytes(content + b'the second,soon\r\n')
    assert Table(path, ('run', 'step')).damage == f'{path} was damaged; lost: 1 damaged lines'
    assert path.read_bytes() == content


def test_a_line_that_is_being_written_is_left_out(tmp_path):
    (tmp_path / 'table.csv').write_bytes(b'a,b\r\n1,"x\ny"\r\n3')
    assert table.read(tmp_path / 'table.csv', pytest.fail) == {'a': ['1'], 'b': ['x\ny']}


@pytest.mark.parametrize('content', [b'', b'a: [', b'[]', b'7', b'\0' * 40, b'\xff', b'a: 2026-99-99'])
def test_a_damaged_configuration_counts_as_none_and_is_said_in_one_line(tmp_path, content):
    path = tmp_path / 'configuration.yaml'
    assert configuration.recall(path) == ({}, '')
    path.write_bytes(b'/actor: {ros__parameters: {seed: 3}}')
    assert configuration.recall(path) == ({'/actor': {'seed': 3}}, '')
    path.write_bytes(content)
    kept, line = configuration.recall(path)
    assert kept == {} and line.startswith(f'{path} is damaged (') and line.isprintable()


@pytest.mark.graph
def test_the_node_says_each_damage_in_a_line_and_goes_on(tmp_path):
    pytest.importorskip('rclpy')
    record(tmp_path, 3)
    files = [
        tmp_path / name for name in ('clock.json', 'steady_clock.json', 'configuration.yaml', 'run.json')
    ]
    for path in files:
        path.write_bytes(b'\0' * 60)
    with (tmp_path / 'episodes.csv').open('ab') as file:
        file.write(b'\0' * 4096 + b'\n4,1')
    code = 'import sys; from run_recorder.nodes.run_recorder import main; sys.exit(main())'
    parameters = ('-p', f'run_folder:={tmp_path}', '-p', 'episodes:=3')  # it has them: it ends by itself
    done = subprocess.run(
        [sys.executable, '-c', code, '--ros-args', *parameters],
        env={
            **os.environ,
            'MPLBACKEND': 'module://matplotlib_inline.backend_inline',
            'ROS_DOMAIN_ID': str(own_domain()),
            'PYTHONPATH': os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0 and 'Traceback' not in done.stderr, done.stderr
    said = [line for line in done.stdout.splitlines() if 'is damaged' in line]
    assert [line.split()[0] for line in said] == [str(path) for path in files], done.stdout
    assert said[2].endswith('): the nodes are asked for their parameters anew')
    lost = f'{tmp_path}/episodes.csv was damaged; lost: 1 damaged lines, 3 bytes of a torn line'
    assert done.stdout.count(lost) == 1
    assert (tmp_path / 'learning_curve.png').read_bytes().startswith(b'\x89PNG')
    assert json.loads((tmp_path / 'run.json').read_text())['mode'] == 'real_time'
    assert json.loads((tmp_path / 'summary.json').read_text())['steps'] == 15
    assert 'is complete' in done.stdout.splitlines()[-1]


@pytest.mark.parametrize(('column', 'value'), [('episode', 'nan'), ('total_steps', 'inf')])
def test_a_row_whose_number_is_not_finite_is_no_row(tmp_path, column, value):
    record(tmp_path, 4)
    path = tmp_path / 'episodes.csv'
    *lines, last = path.read_text().splitlines()
    row = last.split(',')
    row[lines[0].split(',').index(column)] = value
    path.write_text('\n'.join([*lines, ','.join(row)]) + '\n')
    again = record(tmp_path, 0)
    assert len(again.figures.curve.returns) == 3 and any(
        'lost: 1 damaged lines' in line for line in again.damages
    )
