"""How the stand-in ends a launch, where the real one does otherwise or less, and what it prints."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from full_disk import no_room

sys.path.insert(0, str(Path(__file__).parent))
from standin_process import ROS2, Launch, outputs, run, write_launch_file

SOURCES = Path(__file__).parents[2]
TOOLS = Path(__file__).parents[3] / 'test'
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
signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('ready')
while True: time.sleep(10)
''')"""


@pytest.fixture
def start(tmp_path):
    def start_launch(entities, *arguments):
        file = write_launch_file(tmp_path / 'a.launch.py', entities)
        return Launch('launch', file, *arguments, tmp_path=tmp_path)

    return start_launch


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_process_politely(start, number):
    with start(POLITE) as launch:
        launch.wait_for('ready')
        launch.signal(number)
        assert launch.finish() == 1
    assert outputs(launch.lines, 'py') == ['ready', 'ended by SIGINT']
    assert any('process has finished cleanly' in line for line in launch.lines)


def test_ladder_to_sigkill_shows_in_the_exit_code(start):
    with start(DEAF, 'sigterm_timeout:=0.1', 'sigkill_timeout:=0.1') as launch:
        launch.wait_for('ready')
        launch.signal()
        assert launch.finish() == 1
    sent = [line.split("'")[1] for line in launch.lines if 'sending signal' in line]
    assert sent == ['SIGINT', 'SIGTERM', 'SIGKILL']


def test_further_interrupts_hurry(start):
    with start(DEAF) as launch:
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


def stands_still(pid):
    return Path(f'/proc/{pid}/stat').read_text().rpartition(') ')[2][0] == 'T'


def test_ctrl_z_has_all_processes_stand_still_until_the_launch_goes_on(start):
    with start(POLITE) as launch:
        launch.wait_for('ready')
        both = launch.pids()
        launch.signal(signal.SIGTSTP)
        assert len(both) == 2 and launch.wait_until(lambda: all(map(stands_still, both)))
        launch.signal(signal.SIGCONT)
        assert launch.wait_until(lambda: not any(map(stands_still, both)))
        launch.signal()
        assert launch.finish() == 0
    assert outputs(launch.lines, 'py') == ['ready', 'ended by SIGINT']


def test_what_stands_still_goes_on_when_the_launch_is_killed(start):
    """A node ends by itself then; one that stood still for ever would keep the arm."""
    with start("shell('sleep 100 & echo ready; wait')") as launch:
        launch.wait_for('ready')
        assert launch.wait_until(lambda: len(launch.pids()) == 3)  # the launch, sh and sleep
        left = set(launch.pids()) - {launch.process.pid}
        launch.signal(signal.SIGTSTP)
        assert launch.wait_until(lambda: all(map(stands_still, [launch.process.pid, *left])), limit_s=60)
        launch.signal(signal.SIGKILL)
        try:
            assert launch.wait_until(lambda: not any(map(stands_still, left)), limit_s=60)
        finally:
            for pid in left:
                os.kill(pid, signal.SIGKILL)


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


@pytest.mark.parametrize('arguments', [1, 200])
def test_a_list_of_arguments_onto_a_full_disk_is_one_line(tmp_path, arguments):
    entities = ', '.join(
        f"DeclareLaunchArgument('a{n}', description={100 * 'x'!r})" for n in range(arguments)
    )
    file = write_launch_file(tmp_path / 'a.launch.py', entities)
    with open('/dev/full', 'w', encoding='utf-8') as full:
        ended = subprocess.run(
            [sys.executable, str(ROS2), 'launch', str(file), '--show-args'],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    line = 'ros2 launch: what is printed or recorded cannot be written: No space left on device\n'
    assert (ended.returncode, ended.stderr) == (1, line)


def test_a_log_file_on_a_full_disk_ends_nothing_and_is_told_once(tmp_path):
    file = write_launch_file(tmp_path / 'a.launch.py', 'shell("echo x; exit 3")')
    with no_room():
        code, lines = run('launch', file, tmp_path=tmp_path)
    assert code == 1 and outputs(lines, 'sh') == ['x']
    assert [line for line in lines if 'File too large' in line] == [lines[-1]]
    assert f'launch.log lacks {len(lines) - 1} lines of the launch' in lines[-1]
    assert not any('Traceback' in line for line in lines)


def test_a_log_file_that_has_room_again_holds_whole_lines_and_lacks_only_the_others(tmp_path):
    script = f"""if True:
        import sys
        sys.path[:0] = [{str(ROS2.parent.parent / 'python')!r}, {str(TOOLS)!r}]
        from full_disk import no_room
        from launch import logging
        logging.start()
        say = logging.get_logger('a').info
        say('before')
        with no_room(50):
            for line in ('of this a part fits', 'lost', 'lost, too'):
                say(line)
        say('after')
        logging.stop()
    """
    ended = subprocess.run(
        [sys.executable, '-c', script],
        env=os.environ | {'ROS_LOG_DIR': str(tmp_path / 'log')},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.stderr == ''
    (log,) = (tmp_path / 'log').glob('*/launch.log')
    lines = [line.partition(' ')[2] for line in log.read_text(encoding='utf-8').splitlines()]
    assert lines == ['[INFO] [a]: before', '[INFO] [a]: after']
    assert f'{log} lacks 3 lines of the launch: ' in ended.stdout.splitlines()[-1]


def test_a_launch_that_can_write_no_log_says_so_and_names_none(tmp_path):
    file = write_launch_file(tmp_path / 'a.launch.py', 'shell("echo x")')
    code, lines = run('launch', file, tmp_path=tmp_path, ROS_LOG_DIR='/proc/nowhere')
    assert code == 0 and outputs(lines, 'sh') == ['x']
    assert lines[0].startswith('[WARNING] [launch]: no log file: ') and '/None' not in ''.join(lines)
    assert [line for line in lines if 'log file' in line] == lines[:1]


def test_a_failure_that_ends_the_launch_is_named_and_announces_no_restart(tmp_path):
    entities = """at_exit(EmitEvent(event=Shutdown(reason='over'))),
        shell('exit 3', respawn=True, respawn_delay=1.0), shell('exec sleep 100')"""
    code, lines = run('launch', write_launch_file(tmp_path / 'a.launch.py', entities), tmp_path=tmp_path)
    assert code == 1
    assert '[INFO] [launch]: process[sh-1] was required: ending all processes' in lines
    assert not [line for line in lines if 'starting again' in line]


def test_interrupt_while_waiting_for_a_restart(start):
    with start("shell('exit 4', respawn=True, respawn_delay=100.0)") as launch:
        launch.wait_for('starting again')
        launch.signal()
        assert launch.finish() == 0


def test_a_restart_that_fails_is_an_exit_and_is_tried_again(start, tmp_path):
    """The program is away for a moment: it is being built anew."""
    program, away = tmp_path / 'program', tmp_path / 'away'
    program.write_text(f'#!/bin/sh\n[ -e {away} ] && exec sleep 100\nmv {program} {away}\n')
    program.chmod(0o755)
    heard = "OnProcessExit(on_exit=lambda event, context: [LogInfo(msg=f'code {event.returncode}')])"
    process = f"ExecuteProcess(cmd=['{program}'], output='screen', respawn=True, respawn_delay=0.1)"
    with start(f'RegisterEventHandler({heard}), {process}') as launch:
        for text in ('code 0', 'cannot start', 'code 127', 'restart 2', 'code 127'):
            launch.wait_for(text)
        shutil.copy(away, program)
        launch.wait_for('process started')
        launch.signal()
        assert launch.finish() == 0


def test_last_words_and_bytes_that_are_no_text_are_printed_and_logged(tmp_path):
    file = write_launch_file(tmp_path / 'a.launch.py', 'shell(r\'printf "a\\nb\\377c"\')')
    lines = run('launch', file, tmp_path=tmp_path)[1]
    assert outputs(lines, 'sh') == ['a', 'b\ufffdc']
    (log,) = (tmp_path / 'log').glob('*/launch.log')
    assert [line.partition(' ')[2] for line in log.read_text(encoding='utf-8').splitlines()] == lines


MASKS = f"""if True:
    import asyncio, os, pathlib, signal, sys
    sys.path.insert(0, {str(ROS2.parent.parent / 'python')!r})
    from launch import child_process
    async def talk():
        loop = asyncio.get_running_loop()
        child = child_process.ChildProcess([sys.argv[1]], env=os.environ, loop=loop, on_line=print)
        while not child.poll():
            await asyncio.sleep(0.01)
    child_process.OURS = pathlib.Path(sys.argv[1]).parents[2] / 'lib'
    try:
        asyncio.run(talk())
    except OSError:
        print('not there')
    print(sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, ()))))
"""


@pytest.mark.parametrize(
    ('name', 'lines'),
    [
        ('lib/demo/talker', [f'[{signal.SIGINT:d}]', '[]']),
        ('other/demo/talker', ['[]', '[]']),
        ('lib/demo/nobody', ['not there', '[]']),
    ],
)
def test_only_a_program_that_lets_interrupts_through_itself_begins_with_them_held(tmp_path, name, lines):
    program = tmp_path / name
    program.parent.mkdir(parents=True)
    if program.name == 'talker':
        code = 'import signal; print(sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, ()))))'
        program.write_text(f'#!{sys.executable} -S\n{code}\n', encoding='utf-8')
        program.chmod(0o755)
    done = subprocess.run(
        [sys.executable, '-c', MASKS, str(program)], capture_output=True, text=True, timeout=60
    )
    assert (done.stderr, done.stdout.splitlines()) == ('', lines)


@pytest.mark.parametrize('setup', sorted(SOURCES.glob('*/setup.py')), ids=lambda path: path.parent.name)
def test_every_executable_of_the_workspace_begins_where_interrupts_are_let_through(setup):
    if not re.search(r"entry_points=\{'console_scripts': \[[^\]]", setup.read_text(encoding='utf-8')):
        return
    text = setup.read_text(encoding='utf-8')
    assert set(re.findall(r'= (\w+\.\w+):', text)) == {f'{setup.parent.name}.executables'}
    executables = (setup.parent / setup.parent.name / 'executables.py').read_text(encoding='utf-8')
    assert len(re.findall(r'^\w+ = ', executables, re.M)) == len(
        re.findall(r"^\w+ = partial\(execute, '", executables, re.M)
    )
