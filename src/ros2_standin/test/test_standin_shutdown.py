"""The end of a launch: the ladder of signals, restarts, required processes, and that nothing is left."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from standin_process import ROS2, Launch, outputs, run, write_launch_file

POLITE = """python('''
import signal, sys, time
def end(number, frame):
    print('ended by', signal.Signals(number).name)
    sys.exit(0)
signal.signal(signal.SIGINT, end); signal.signal(signal.SIGTERM, end)
print('ready')
while True: time.sleep(10)
''')"""
DEAF = """python('''
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN); {}
print('ready')
while True: time.sleep(10)
''', {})"""
DEAF_TO_ALL = 'signal.signal(signal.SIGTERM, signal.SIG_IGN)'


@pytest.fixture
def start(tmp_path):
    def start_launch(entities):
        return Launch('launch', write_launch_file(tmp_path / 'a.launch.py', entities), tmp_path=tmp_path)

    return start_launch


@pytest.mark.parametrize(('number', 'code'), [(signal.SIGINT, 0), (signal.SIGTERM, 1), (signal.SIGHUP, 1)])
def test_a_signal_ends_every_process_politely(start, number, code):
    with start(POLITE) as launch:
        launch.wait_for('ready')
        launch.signal(number)
        assert launch.finish() == code
    assert outputs(launch.lines, 'py') == ['ready', 'ended by SIGINT']
    assert any('process has finished cleanly' in line for line in launch.lines)


def test_ladder_to_sigterm(start):
    with start(DEAF.format('', 'sigterm_timeout="0.1"')) as launch:
        launch.wait_for('ready')
        launch.signal()
        assert launch.finish() == 0
    assert any('process has died' in line and 'exit code -15' in line for line in launch.lines)


def test_ladder_to_sigkill_shows_in_the_exit_code(start):
    timeouts = 'sigterm_timeout="0.1", sigkill_timeout=0.1'
    with start(DEAF.format(DEAF_TO_ALL, timeouts)) as launch:
        launch.wait_for('ready')
        launch.signal()
        assert launch.finish() == 1
    sent = [line.split("'")[1] for line in launch.lines if 'sending signal' in line]
    assert sent == ['SIGINT', 'SIGTERM', 'SIGKILL']


def test_further_interrupts_hurry(start):
    with start(DEAF.format(DEAF_TO_ALL, '')) as launch:
        launch.wait_for('ready')
        for text in ("signal 'SIGINT'", "signal 'SIGTERM'", 'has died'):
            launch.signal()
            launch.wait_for(text)
        assert launch.finish() == 1


def test_descendants_end_with_their_process(start):
    with start("shell('sleep 100 & echo ready; exec sleep 100')") as launch:
        launch.wait_for('ready')
        assert launch.wait_until(lambda: len(launch.pids()) == 3)  # the launch and two of `sleep`
        launch.signal()
        assert launch.finish() == 0


def test_descendants_of_a_process_that_died_are_not_left(start):
    with start("shell('sleep 100 & exit 0')") as launch:
        assert launch.finish() == 0


def test_a_stopped_process_ends_too(start):
    with start(POLITE) as launch:
        launch.wait_for('ready')
        (pid,) = set(launch.pids()) - {launch.process.pid}
        os.kill(pid, signal.SIGSTOP)
        launch.signal()
        assert launch.finish() == 0


def test_a_closed_screen_ends_the_launch(start):
    with start('shell(\'trap "exit 0" INT; while :; do echo x; sleep 0.05; done\')') as launch:
        launch.wait_for('x')
        launch.process.stdout.close()
        assert launch.finish() == 1


def test_a_screen_on_a_full_disk_ends_nothing(tmp_path):
    done = tmp_path / 'done'
    file = write_launch_file(tmp_path / 'a.launch.py', f'shell("echo x; sleep 0.2; touch {done}")')
    with open('/dev/full', 'w', encoding='utf-8') as full:
        ended = subprocess.run(
            [sys.executable, str(ROS2), 'launch', str(file)],
            env=os.environ | {'ROS_LOG_DIR': str(tmp_path / 'log')},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert (ended.returncode, ended.stderr) == (0, '') and done.exists()


def test_required_process(tmp_path):
    entities = "shell('exit {}', on_exit=Shutdown(reason='over')), shell('exec sleep 100')"
    for code in (0, 3):
        file = write_launch_file(tmp_path / 'a.launch.py', entities.format(code))
        got, lines = run('launch', file, tmp_path=tmp_path)
        assert got == (code != 0)
        assert '[INFO] [launch]: process[sh-1] was required: ending all processes' in lines


def test_no_restart_is_announced_where_the_end_of_a_process_ends_the_launch(tmp_path):
    entities = "shell('exit 0', respawn=True, respawn_delay=1.0, on_exit=Shutdown(reason='over'))"
    code, lines = run('launch', write_launch_file(tmp_path / 'a.launch.py', entities), tmp_path=tmp_path)
    assert code == 0
    assert not [line for line in lines if 'starting again' in line]


def test_shutdown_event_from_a_function(tmp_path):
    entities = """shell('exit 0', on_exit=lambda event, context: EmitEvent(event=ShutdownEvent(reason='x'))),
        shell('exec sleep 100')"""
    assert run('launch', write_launch_file(tmp_path / 'a.launch.py', entities), tmp_path=tmp_path)[0] == 0


def test_an_exception_after_the_end_of_a_process_ends_the_launch_with_its_line(tmp_path):
    before = """
def fail(event, context):
    raise RuntimeError('it never began')
"""
    entities = "shell('exit 4', respawn=True, respawn_delay=0.05, on_exit=fail), shell('exec sleep 100')"
    file = write_launch_file(tmp_path / 'a.launch.py', entities, before)
    code, lines = run('launch', file, tmp_path=tmp_path)
    assert code == 1
    assert lines.count('[ERROR] [launch]: it never began') == 1
    assert not [line for line in lines if 'starting again' in line or 'Traceback' in line]


def test_respawn_with_delay_and_limit(tmp_path):
    entities = "shell('echo up; exit 4', respawn=True, respawn_delay=0.05, respawn_max_retries=2)"
    code, lines = run('launch', write_launch_file(tmp_path / 'a.launch.py', entities), tmp_path=tmp_path)
    assert code == 1
    assert outputs(lines, 'sh') == ['up'] * 3
    restarts = [line for line in lines if 'starting again' in line]
    assert restarts[-1] == '[WARNING] [sh-1]: starting again in 0.05 s (restart 2)'


def test_interrupt_while_waiting_for_a_restart(start):
    with start("shell('exit 4', respawn=True, respawn_delay=100.0)") as launch:
        launch.wait_for('starting again')
        launch.signal()
        assert launch.finish() == 0


def test_one_of_two_processes_is_shut_down_and_not_started_again(tmp_path):
    """As a run ends whose launch has another one: by a function that picks the process."""
    entities = """
        shell('trap "touch ended; exit 1" INT; touch up; : mine; sleep 100 & wait', respawn=True, cwd='{0}'),
        shell('until [ -e up ]; do sleep 0.02; done; exit {1}', cwd='{0}',
            on_exit=lambda event, context: EmitEvent(event=ShutdownProcess(
                process_matcher=lambda action: ': mine' in action.process_details['cmd'][2]))),
        shell('until [ -e ended ]; do sleep 0.02; done; echo the launch goes on', cwd='{0}')"""
    before = 'from launch.events.process import ShutdownProcess'
    for code in (0, 3):
        folder = tmp_path / str(code)
        folder.mkdir()
        file = write_launch_file(folder / 'a.launch.py', entities.format(folder, code), before)
        got, lines = run('launch', file, tmp_path=tmp_path)
        assert got == (code != 0)
        assert outputs(lines, 'sh') == ['the launch goes on']
        assert sum('sending signal' in line for line in lines) == 1


def test_a_process_that_waits_for_its_restart_is_not_started_after_its_shutdown(tmp_path):
    entities = """shell('echo up; exit 2', respawn=True, respawn_delay=0.1,
        on_exit=lambda event, context: EmitEvent(event=ShutdownProcess(
            process_matcher=lambda action: True)))"""
    before = 'from launch.events.process import ShutdownProcess'
    file = write_launch_file(tmp_path / 'a.launch.py', entities, before)
    got, lines = run('launch', file, tmp_path=tmp_path)
    assert got == 1
    assert outputs(lines, 'sh') == ['up']
