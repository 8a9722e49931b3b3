"""Checks are run one after the other; none of them takes the others with it."""

import threading

from commissioning.finding import Check, Finding, State, exit_code, run

FINE = Finding(State.OK, 'a', 'fine')


def test_what_checks_find_comes_in_their_order():
    two = [Finding(State.WARNING, 'b', 'slow', 'wait'), Finding(State.ASK, 'b', 'who knows')]
    assert list(run([Check('b', lambda: two), Check('a', lambda: FINE)])) == [*two, FINE]


def test_a_check_that_raises_is_a_fault_in_one_line():
    def look():
        raise OSError('no such\n  device')

    def broken():
        return {}['key']

    found = list(run([Check('x', look), Check('y', broken), Check('a', lambda: FINE)]))
    assert found == [
        Finding(State.FAULT, 'x', 'no such device'),
        Finding(State.FAULT, 'y', "KeyError: 'key'"),
        FINE,
    ]


def test_one_that_raises_in_the_middle_gives_no_half():
    def look():
        yield FINE
        raise ValueError('gone')

    assert list(run([Check('x', look)])) == [Finding(State.FAULT, 'x', 'gone')]


def test_a_check_that_hangs_is_left_behind_and_the_next_ones_run():
    never = threading.Event()
    found = list(run([Check('x', never.wait, 0.01), Check('a', lambda: FINE)]))
    assert found[0].state is State.FAULT and 'no answer within 0.01 s' in found[0].text
    assert found[1:] == [FINE]
    never.set()


def test_only_a_fault_makes_the_exit_code():
    of = {state: exit_code([FINE, Finding(state, 'x', '')]) for state in State}
    assert of == {State.OK: 0, State.WARNING: 0, State.ASK: 0, State.FAULT: 1}


def test_a_finding_is_one_line_that_ends_with_what_to_change():
    assert str(FINE) == 'ok      a           fine'
    assert str(Finding(State.FAULT, 'disk', 'full', 'free some')) == 'fault   disk        full: free some'
