"""What a program shows a person who presses Ctrl-C, whenever that is, or reads no further: no traceback."""

import os
import signal
import subprocess
import sys

import pytest

INTERRUPT = 'import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(60)'


def hearing():
    """The tests themselves may run behind nohup, or in the background."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def run(tmp_path):
    """run(text, *words) -> a program with this text that has ended, started as a module."""

    def run(text, *words, target='a_program', **more):
        (tmp_path / 'a_program.py').write_text(text)
        environment = os.environ | {'PYTHONPATH': os.pathsep.join([*sys.path, str(tmp_path)])}
        command = [sys.executable, '-m', 'ur5_rl_graph.program', target, *words]
        streams = {'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, 'preexec_fn': hearing} | more
        return subprocess.run(command, env=environment, text=True, timeout=60, **streams)

    return run


@pytest.fixture
def unread():
    """A pipe that nobody reads, as behind `| head -1`."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


def pending():
    """As it is started: SIGINT is blocked, and here one has come already."""
    hearing()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupt_while_it_is_imported_ends_it_in_silence(run):
    done = run(INTERRUPT)
    assert (done.returncode, done.stdout, done.stderr) == (130, '', '')


def test_an_interrupt_before_it_began_ends_it_in_silence(run):
    done = run('print("began")', preexec_fn=pending)
    assert (done.returncode, done.stdout, done.stderr) == (130, '', '')


@pytest.mark.parametrize('name', ['SIGINT', 'SIGTERM', 'SIGHUP'])
def test_what_it_has_begun_is_put_in_order_however_it_is_told_to_end(run, tmp_path, name):
    begun = tmp_path / 'begun'
    text = (
        f'from pathlib import Path\nbegun = Path({str(begun)!r})\nbegun.touch()\n'
        f'try:\n    {INTERRUPT.replace("SIGINT", name)}\nfinally:\n    begun.unlink()'
    )
    done = run(text)
    assert (done.returncode, done.stdout, done.stderr) == (130, '', '')
    assert not begun.exists()


def test_a_program_goes_on_that_is_to_outlive_its_terminal(run):
    text = INTERRUPT.replace('SIGINT', 'SIGHUP').replace('time.sleep(60)', 'print("goes on")')
    done = run(text, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert (done.returncode, done.stdout) == (0, 'goes on\n')


def test_its_own_answer_to_an_interrupt_is_the_one_that_counts(run):
    done = run(f'try:\n    {INTERRUPT}\nexcept KeyboardInterrupt:\n    raise SystemExit(7)')
    assert (done.returncode, done.stderr) == (7, '')


@pytest.mark.parametrize('as_file', [False, True])
def test_it_is_what_python_runs(run, tmp_path, as_file):
    (tmp_path / 'beside.py').write_text('value = 3')
    path = tmp_path / 'a_program.py'
    text = 'import sys, beside; print(__name__, sys.argv[1:], beside.value); sys.exit(5)'
    done = run(text, 'a', '--b', target=str(path) if as_file else 'a_program')
    assert (done.returncode, done.stdout, done.stderr) == (5, "__main__ ['a', '--b'] 3\n", '')


def test_a_fault_of_its_own_is_shown(run):
    done = run('1 / 0')
    assert done.returncode == 1 and 'ZeroDivisionError' in done.stderr


@pytest.mark.parametrize('buffered', ['', '1'])
@pytest.mark.parametrize('text', ['print("a line")', 'print("a line"); raise SystemExit(3)'])
def test_output_that_nobody_reads_ends_it_in_silence(run, unread, monkeypatch, buffered, text):
    monkeypatch.setenv('PYTHONUNBUFFERED', buffered)
    done = run(text, stdout=unread)
    assert (done.returncode, done.stderr) == (141, '')


def test_what_it_has_begun_is_put_in_order_where_nobody_reads(run, unread, tmp_path):
    begun = tmp_path / 'begun'
    text = (
        f'from pathlib import Path\nbegun = Path({str(begun)!r})\nbegun.touch()\n'
        'try:\n    print("a line", flush=True)\nfinally:\n    begun.unlink()'
    )
    assert run(text, stdout=unread).returncode == 141
    assert not begun.exists()


def test_another_pipe_that_breaks_is_a_fault_of_its_own(run):
    done = run('raise BrokenPipeError("the arm")')
    assert done.returncode == 1 and 'BrokenPipeError: the arm' in done.stderr


def test_a_standard_output_that_a_shell_has_closed_is_no_fault(run):
    done = run('print("said")', stdout=None, preexec_fn=lambda: (hearing(), os.close(1)))
    assert (done.returncode, done.stderr) == (0, '')


def test_an_output_on_a_full_disk_is_one_line(run, monkeypatch):
    monkeypatch.delenv('PYTHONUNBUFFERED', raising=False)
    with open('/dev/full', 'w', encoding='utf-8') as full:
        done = run('print("said")', stdout=full)
    assert (done.returncode, done.stderr) == (
        1,
        'error: standard output cannot be written: No space left on device\n',
    )
