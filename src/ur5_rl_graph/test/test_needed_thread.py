"""Whatever ends a thread that a node needs ends the node, in one line."""

import threading

import pytest

from ur5_rl_graph.needed_thread import NeededThread


def ended(work, **options):
    thread = NeededThread('arm_driver: the session', work, **options)
    thread.start()
    thread.join()
    with pytest.raises(SystemExit) as end:
        thread.check()
    return end.value.code


def fail(error):
    raise error


def test_a_thread_at_work_is_left_alone():
    stop = threading.Event()
    thread = NeededThread('camera', stop.wait)
    thread.start()
    try:
        thread.check()
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize(
    'error, why',
    [
        (KeyError('wrist'), "KeyError: 'wrist' (test_needed_thread.py:"),
        (RuntimeError('two\nlines'), 'RuntimeError: two lines (test_needed_thread.py:'),
        (SystemExit(0), 'SystemExit: 0 (test_needed_thread.py:'),
    ],
)
def test_an_exception_ends_the_node_in_one_line(error, why, capsys):
    assert ended(lambda: fail(error), hopeless=(ValueError,)) == 1
    line = capsys.readouterr().err
    assert line.startswith(f'error: arm_driver: the session has ended: {why}') and line.count('\n') == 1


def test_what_no_restart_mends_ends_the_launch_too(capsys):
    assert ended(lambda: fail(ValueError('a wrong size')), hopeless=(ValueError,)) == 2
    assert capsys.readouterr().err == 'error: arm_driver: the session has ended: a wrong size\n'


def test_a_return_that_nobody_asked_for_is_an_end_too(capsys):
    assert ended(lambda: None) == 1
    assert 'it returned, though nobody told it to' in capsys.readouterr().err
