"""A screen that nobody reads, such as a pager at its first page: nothing of the launch waits for it."""

import importlib.util
import os
import re
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from standin_process import ROS2, Launch, write_launch_file

_FILE = ROS2.parent.parent / 'python/launch/screen_writer.py'
_spec = importlib.util.spec_from_file_location(
    'standin_screen_writer', _FILE
)  # there may be another `launch`
screen_writer = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(screen_writer)

MUCH = 300
"""Lines of a thousand bytes each: more than a pipe holds, and what stands between it and its writer."""
PRINTING = f"""
import pathlib, signal, sys, time
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
for number in range({MUCH}):
    print(number, 1000 * 'x')
pathlib.Path('%s').touch()
"""
SAYING = """if True:
    import os, sys
    sys.path.insert(0, sys.argv[1])
    from launch import logging
    logging.start()
    say = logging.get_logger('a').info
    for number in range(int(sys.argv[2])):
        say(f'line {number} ' + 1000 * 'x')
    print('said', file=sys.stderr, flush=True)
    sys.stdin.readline()
    logging.stop()
"""
SAID = 5000


def printing(tmp_path, then=''):
    """A launch of a process that prints much, then touches the file that is returned, too, and goes on."""
    done = tmp_path / 'done'
    file = write_launch_file(tmp_path / 'a.launch.py', f'python({PRINTING % done + then!r})')
    return Launch('launch', file, tmp_path=tmp_path), done


def test_a_launch_goes_on_to_its_end_while_nobody_reads_its_screen(tmp_path):
    launch, done = printing(tmp_path)
    with launch:
        assert launch.process.wait(timeout=60) == 0 and done.exists()
    assert any(line.startswith('[py-1] 0 x') for line in launch.lines)
    (log,) = (tmp_path / 'log').glob('*/launch.log')
    assert log.read_text(encoding='utf-8').count('[py-1] ') == MUCH


def test_an_interrupt_ends_a_launch_whose_screen_nobody_reads(tmp_path):
    launch, done = printing(tmp_path, 'while True: time.sleep(10)')
    with launch:
        assert launch.wait_until(done.exists, limit_s=60)
        launch.signal(signal.SIGINT)
        assert launch.process.wait(timeout=60) == 0


def say(tmp_path):
    """A process that has said `SAID` lines onto a screen which nobody reads, and waits for a line to end."""
    command = [sys.executable, '-c', SAYING, str(ROS2.parent.parent / 'python'), str(SAID)]
    saying = subprocess.Popen(
        command,
        env={'ROS_LOG_DIR': str(tmp_path / 'log')},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    overdue = threading.Timer(60, saying.kill)
    overdue.start()
    assert saying.stderr.readline() == 'said\n'
    overdue.cancel()
    return saying


def test_lines_without_room_are_left_out_and_counted_in_their_place(tmp_path):
    saying = say(tmp_path)
    shown, told = saying.communicate('\n', timeout=60)
    assert (saying.returncode, told) == (0, '')
    (log,) = (tmp_path / 'log').glob('*/launch.log')
    why = re.escape(f'as nobody read them in time: see {log}')
    expected = left_out = 0
    for line in shown.splitlines():
        if found := re.fullmatch(rf'\[WARNING\] \[launch\]: (\d+) lines are left out here, {why}', line):
            left_out += int(found[1])
            expected += int(found[1])
        else:
            assert re.fullmatch(rf'\[INFO\] \[a\]: line {expected} x{{1000}}', line)
            expected += 1
    assert expected == SAID and left_out > 0
    assert log.read_text(encoding='utf-8').count('\n') == SAID


def test_what_nobody_has_read_at_the_end_is_counted_where_somebody_reads(tmp_path):
    saying = say(tmp_path)
    saying.stdin.write('\n')
    saying.stdin.flush()
    assert saying.wait(timeout=60) == 0
    (log,) = (tmp_path / 'log').glob('*/launch.log')
    shown, told = saying.communicate()
    lines = SAID - shown.count('\n')
    lacks = f'the screen lacks the last {lines} lines, as nobody read them in time'
    assert told == f'[WARNING] [launch]: {lacks}: see {log}\n'


def test_lines_are_written_whole_so_that_those_of_others_come_between_them():
    lines = [f'{number} {"x" * (number % 900)}\n'.encode() for number in range(3000)]
    pieces = list(screen_writer._pieces(b''.join(lines)))
    assert b''.join(pieces) == b''.join(lines) and all(piece.endswith(b'\n') for piece in pieces)
    assert max(map(len, pieces)) <= select.PIPE_BUF
    assert list(screen_writer._pieces(b'y' * 5000 + b'\nz\n')) == [b'y' * 4096, b'y' * 904 + b'\nz\n']


def test_a_screen_that_another_program_has_left_without_waiting_is_waited_for():
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    gone, shown = [], []
    writer = screen_writer.ScreenWriter(writing, lambda count: b'', lambda: gone.append(1))
    lines = b''.join(b'%d %s\n' % (number, b'x' * 1000) for number in range(300))
    writer.write(lines)
    reader = threading.Thread(target=lambda: shown.extend(iter(lambda: os.read(reading, 1 << 16), b'')))
    reader.start()
    assert writer.close() == 0 and not gone
    os.close(writing)
    reader.join()
    os.close(reading)
    assert b''.join(shown) == lines


def test_a_launch_whose_screen_was_closed_before_runs_as_well(tmp_path):
    file = write_launch_file(tmp_path / 'a.launch.py', "shell('touch %s')" % (tmp_path / 'done'))
    words = ['sh', '-c', 'exec "$0" "$@" >&-', sys.executable, str(ROS2), 'launch', str(file)]
    environment = {**os.environ, 'ROS_LOG_DIR': str(tmp_path / 'log')}
    done = subprocess.run(words, env=environment, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, (tmp_path / 'done').exists()) == (0, True), done.stderr
    assert 'Traceback' not in done.stderr


def test_what_a_launch_file_prints_comes_in_order_and_whole_its_last_line_too(tmp_path):
    before = (
        'logging.get_logger("a").info("said"); print("first", "line"); print("begun", end="", flush=True)'
    )
    file = write_launch_file(tmp_path / 'a.launch.py', '', f'from launch import logging\n{before}\n')
    environment = {**os.environ, 'ROS_LOG_DIR': str(tmp_path / 'log')}
    words = [sys.executable, str(ROS2), 'launch', str(file)]
    done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True, timeout=60)
    assert done.stdout.splitlines()[1:] == ['[INFO] [a]: said', 'first line', 'begun']
