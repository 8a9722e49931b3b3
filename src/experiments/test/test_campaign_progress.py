"""How far a campaign is, on hand-worked numbers."""

import io

import pytest

from experiments import campaign_progress
from experiments.campaign_progress import Running, State
from experiments.screen import Screen

SLOW, FAST = ('seq_sac', 'baseline'), ('async_sac_2', 'small')


def running(kind, share, wall_s):
    return Running('run', kind, share, wall_s, 'learning')


def test_time_left_knows_each_kind():
    known = [(SLOW, 100.0), (SLOW, 120.0), (FAST, 10.0)]
    assert campaign_progress.left_s(known, [], [SLOW, FAST, FAST], at_once=1) == 130.0
    assert (
        campaign_progress.left_s(known, [], [SLOW, FAST, FAST], at_once=2) == 110.0
    )  # the longest one alone


def test_time_left_learns_from_what_is_under_way():
    assert campaign_progress.left_s([], [], [SLOW], at_once=2) is None
    assert campaign_progress.left_s([], [running(SLOW, 0.0, 5.0)], [], at_once=2) is None
    assert campaign_progress.left_s([], [running(SLOW, 0.25, 10.0)], [], at_once=2) == 30.0
    assert campaign_progress.left_s([], [running(SLOW, 0.25, 10.0)], [SLOW, SLOW], at_once=2) == 55.0
    assert (
        campaign_progress.left_s(
            [(SLOW, 50.0)], [Running('run', SLOW, 0.0, 1.0, 'evaluation')], [], at_once=1
        )
        == 0.0
    )
    # one that has hardly begun is expected to take as long as those of its kind
    assert campaign_progress.left_s([(SLOW, 50.0)], [running(SLOW, 0.01, 10.0)], [], at_once=1) == 40.0


def test_elapsed_time_is_that_of_the_newest_whole_row(tmp_path):
    assert campaign_progress.elapsed_s(tmp_path) == 0.0
    (tmp_path / 'episodes.csv').write_text('episode,elapsed_s,text\n1,7.5,\n2,14.5,\n3,2')
    assert campaign_progress.elapsed_s(tmp_path) == 14.5
    (tmp_path / 'learner.csv').write_text('stamp,elapsed_s,metrics\n1,17,a=1 b=2\n')
    assert campaign_progress.elapsed_s(tmp_path) == 17.0


def test_header_alone_is_no_time(tmp_path):
    (tmp_path / 'learner.csv').write_text('stamp,elapsed_s,metrics\n')
    assert campaign_progress.elapsed_s(tmp_path) == 0.0


def test_lines_tell_done_running_left_and_failed():
    state = State(3, 1, [SLOW, FAST], [running(SLOW, 0.425, 61.0)], 3661.0)
    head, line = campaign_progress.lines(state, 7200.0)
    assert head == '3 of 7 runs done, 1 running, 2 left, 1 failed | 1:01:01 gone, about 2:00:00 left'
    assert '42 %' in line
    assert line.endswith('0:01:01')


def test_no_terminal_gets_plain_lines_once_in_a_while():
    now = [0.0]
    output = io.StringIO()
    screen = Screen(output, lambda: now[0])
    for second in range(0, 130, 10):
        now[0] = float(second)
        screen.show([f'state {second}'])
    screen.say('done')
    assert output.getvalue() == 'state 0\nstate 60\nstate 120\ndone\n'


def test_terminal_draws_over_what_it_drew():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    output = Terminal()
    screen = Screen(output)
    screen.show(['a', 'b'])
    screen.show(['c'])
    assert output.getvalue() == 'a\nb\n\033[2F\033[Jc\n'


@pytest.mark.parametrize('text', ['', '{"star', '{}', '[]', '3', 'null', '\0' * 40])
def test_a_damaged_clock_of_a_run_says_nothing_of_its_random_steps(tmp_path, text):
    (tmp_path / 'clock.json').write_text(text)
    assert not campaign_progress.random_steps_over(tmp_path)
    (tmp_path / 'clock.json').write_text('{"started": 7.0}')
    assert campaign_progress.random_steps_over(tmp_path)
