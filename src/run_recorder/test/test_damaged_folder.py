"""What a recorder makes of a run folder that a crash of the machine, or a person, has damaged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from run_recorder import configuration, table
from run_recorder.clock import RunClock

sys.path.insert(0, str(Path(__file__).parent))
from recorded import record

DAMAGES = [
    '',
    '{"star',
    '{}',
    '[]',
    '3',
    '\0' * 40,
    '{"started": null}',
    '{"started": NaN}',
    '{"started": "1"}',
]


@pytest.mark.parametrize('text', DAMAGES)
def test_a_damaged_clock_is_told_and_the_run_lasts_as_long_as_it_should(tmp_path, text):
    assert record(tmp_path, 4).clock.damage == ''  # the clock starts at 1014.0
    (tmp_path / 'clock.json').write_text(text)
    again = record(tmp_path, 0)
    assert again.clock.damage.startswith(f'{tmp_path / "clock.json"} is damaged (')
    assert again.clock.damage.isprintable()
    assert not again.over(1113.9) and again.over(1114.1)
    assert record(tmp_path, 0).clock.damage == '', 'it has been written anew'


@pytest.mark.parametrize('text', DAMAGES)
def test_a_damaged_clock_without_episodes_begins_anew(tmp_path, text):
    (tmp_path / 'clock.json').write_text(text)
    clock = RunClock(tmp_path / 'clock.json', duration_s=60.0)
    assert clock.damage and not clock.running
    clock.start(100.0)
    assert RunClock(tmp_path / 'clock.json', duration_s=60.0).elapsed_s(130.0) == 30.0


def test_a_clock_of_random_steps_alone_does_not_run_after_a_restart(tmp_path):
    record(tmp_path, 1)
    assert not record(tmp_path, 0).clock.running


@pytest.mark.parametrize('name', ['episodes.csv', 'cycle_timing.csv', 'learner.csv', 'spans.csv'])
@pytest.mark.parametrize('content', [b'', b'\0' * 4096, b'epi', 'ÿ'.encode('latin-1')])
def test_a_table_without_a_whole_line_begins_anew(tmp_path, name, content):
    record(tmp_path, 3)
    (tmp_path / name).write_bytes(content)
    again = record(tmp_path, 1, first=4)
    assert again.bytes_cut == len(content)
    assert again.returns == ([4.0] if name == 'episodes.csv' else [1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize('name', ['episodes.csv', 'cycle_timing.csv'])
@pytest.mark.parametrize(
    'line',
    [b'\n', b'1,2\n', b'\0' * 200_000 + b'\n', b'\xff\xfe\n', b'"1,2\n'],
    ids=['empty', 'short', 'NULs', 'bytes', 'quote'],
)
def test_a_line_in_a_table_that_no_recorder_wrote_is_refused_in_one_line(tmp_path, name, line):
    record(tmp_path, 3)
    content = (tmp_path / name).read_bytes().splitlines(keepends=True)
    (tmp_path / name).write_bytes(b''.join([*content[:2], line, *content[2:]]))
    with pytest.raises(ValueError) as caught:
        record(tmp_path, 0)
    told = str(caught.value)
    assert told.startswith(f'{tmp_path / name} is damaged (') and told.isprintable() and len(told) < 400


@pytest.mark.parametrize('name', ['episodes.csv', 'cycle_timing.csv'])
@pytest.mark.parametrize('value', ['', 'x', '\0'])
def test_a_value_in_a_table_that_is_no_number_is_refused_in_one_line(tmp_path, name, value):
    record(tmp_path, 3)
    lines = (tmp_path / name).read_text().splitlines()
    column = lines[0].split(',').index('return' if name == 'episodes.csv' else 'cycle_ms')
    fields = lines[2].split(',')
    fields[column] = value
    lines[2] = ','.join(fields)
    (tmp_path / name).write_text('\n'.join(lines) + '\n')
    with pytest.raises(ValueError) as caught:
        record(tmp_path, 0)
    told = str(caught.value)
    assert told.startswith(f'{tmp_path / name} is damaged (') and told.isprintable()


def test_nuls_in_text_are_refused_in_one_line_too(tmp_path):
    record(tmp_path, 3)
    with (tmp_path / 'episodes.csv').open('r+b') as file:
        file.seek(-2, 2)  # the comma before the last row's empty text stays
        file.write(b'\0\n')
    with pytest.raises(ValueError, match='episodes.csv is damaged .*line'):
        record(tmp_path, 0)


@pytest.mark.parametrize('header', [b'\0' * 5000, b'\xff\xfe', b'a,b'])
def test_a_damaged_header_is_refused_in_one_line(tmp_path, header):
    (tmp_path / 'spans.csv').write_bytes(header + b'\n1,2\n')
    with pytest.raises(ValueError, match='spans.csv has the columns') as caught:
        record(tmp_path, 0)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 1200


def test_a_line_that_is_being_written_is_left_out(tmp_path):
    (tmp_path / 'table.csv').write_bytes(b'a,b\r\n1,"x\ny"\r\n3')
    assert table.read(tmp_path / 'table.csv') == {'a': ['1'], 'b': ['x\ny']}


@pytest.mark.parametrize('content', [b'', b'a: [', b'[]', b'7', b'\0' * 40, b'\xff', b'a: 2026-99-99'])
def test_a_damaged_configuration_counts_as_none_and_is_said_in_one_line(tmp_path, content):
    path = tmp_path / 'configuration.yaml'
    assert configuration.recall(path) == ({}, '')
    path.write_bytes(b'/actor: {ros__parameters: {seed: 3}}')
    assert configuration.recall(path) == ({'/actor': {'ros__parameters': {'seed': 3}}}, '')
    path.write_bytes(content)
    kept, line = configuration.recall(path)
    assert kept == {} and line.startswith(f'{path} is damaged (') and line.isprintable()


@pytest.mark.graph
def test_the_node_says_each_damage_in_a_line_and_goes_on(tmp_path):
    pytest.importorskip('rclpy')
    record(tmp_path, 3)
    files = [tmp_path / name for name in ('clock.json', 'steady_clock.json', 'configuration.yaml')]
    for path in files:
        path.write_bytes(b'\0' * 60)
    code = 'import sys; from run_recorder.nodes.run_recorder import main; sys.exit(main())'
    parameters = ('-p', f'run_folder:={tmp_path}', '-p', 'episodes:=3')  # it has them: it ends by itself
    done = subprocess.run(
        [sys.executable, '-c', code, '--ros-args', *parameters],
        env={
            **os.environ,
            'ROS_DOMAIN_ID': str(40 + os.getpid() % 50),
            'PYTHONPATH': os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0 and 'Traceback' not in done.stderr, done.stderr
    said = [line for line in done.stdout.splitlines() if 'is damaged' in line]
    assert [line.split()[0] for line in said] == [str(path) for path in files], done.stdout
