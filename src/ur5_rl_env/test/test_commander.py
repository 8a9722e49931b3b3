"""Whom the arm obeys, as a fake clock goes on."""

import itertools
import random

import pytest

from ur5_rl_env.commander import MAX_RUNS_TOLD, Commander, Verdict

MS = 1_000_000
WATCHDOG_S = 0.2
CYCLE_S = 0.04


class Clock:
    def __init__(self):
        self.now = 0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def commander(clock, run='run_a', watchdog_s=WATCHDOG_S, cycle_s=CYCLE_S):
    return Commander(run, watchdog_s, cycle_s, clock)


def test_one_process_of_the_own_run_is_obeyed_at_any_rate(clock):
    mine = commander(clock)
    for gap in (0, 1, 40, 199, 200, 201, 5000):
        clock.now += gap * MS
        assert mine.judge('run_a', 7) is Verdict.OBEY
    assert not mine.contested


@pytest.mark.parametrize('run', ['run_b', '', 'run_', 'RUN_A', 'run_a ', 'nan'])
def test_another_run_is_refused_and_contests_nothing(clock, run):
    mine = commander(clock)
    mine.judge('run_a', 7)
    assert mine.judge(run, 7) is Verdict.FOREIGN
    assert mine.judge(run, 8) is Verdict.FOREIGN
    assert mine.judge('run_a', 7) is Verdict.OBEY
    assert not mine.contested


def test_by_hand_obeys_by_hand_only(clock):
    by_hand = commander(clock, run='')
    assert by_hand.judge('', 0) is Verdict.OBEY
    assert by_hand.judge('run_a', 0) is Verdict.FOREIGN


def test_the_second_process_within_the_time_stops_both(clock):
    mine = commander(clock)
    assert mine.judge('run_a', 1) is Verdict.OBEY
    clock.now += 200 * MS
    assert mine.judge('run_a', 2) is Verdict.CONTESTED
    assert mine.judge('run_a', 1) is Verdict.CONTESTED
    assert mine.contested


def test_a_process_started_again_is_obeyed_with_its_first_command(clock):
    mine = commander(clock)
    mine.judge('run_a', 1)
    clock.now += 200 * MS + 1
    assert mine.judge('run_a', 2) is Verdict.OBEY
    assert not mine.contested


def test_a_contest_is_over_when_one_has_been_alone_for_the_time(clock):
    mine = commander(clock)
    mine.judge('run_a', 1)
    verdicts = []
    for _ in range(10):  # process 1 has ended; process 2 goes on each 40 ms
        clock.now += 40 * MS
        verdicts.append(mine.judge('run_a', 2))
    assert verdicts == [Verdict.CONTESTED] * 5 + [Verdict.OBEY] * 5


def test_a_contest_is_over_without_a_command_too(clock):
    mine = commander(clock)
    mine.judge('run_a', 1)
    mine.judge('run_a', 2)
    assert mine.contested
    clock.now += 200 * MS + 1
    assert not mine.contested


def test_the_time_is_the_watchdogs(clock):
    mine = commander(clock, watchdog_s=1.0)
    mine.judge('run_a', 1)
    clock.now += 1000 * MS
    assert mine.judge('run_a', 2) is Verdict.CONTESTED


@pytest.mark.parametrize('share', [0.01, 0.3, 0.5, 0.7, 0.99])
@pytest.mark.parametrize('cycle_s', [0.04, 0.08, 0.12, 0.2, 0.4, 0.6, 1.0])
def test_two_processes_are_never_obeyed_in_turn_whatever_the_action_cycle(clock, cycle_s, share):
    """The second one begins a share of a cycle after the first; each comes up to a quarter late."""
    mine = commander(clock, cycle_s=cycle_s)
    mine.judge('run_a', 1)
    draw = random.Random(1)
    for cycle in range(50):
        begin = cycle * cycle_s
        for process, after_s in (2, begin + share * cycle_s), (1, begin + cycle_s):
            clock.now = max(clock.now, round((after_s + 0.25 * draw.random() * cycle_s) * 1e9))
            assert mine.judge('run_a', process) is Verdict.CONTESTED


@pytest.mark.parametrize('cycle_s, forgotten_ms', [(0.04, 200), (0.12, 200), (0.2, 300), (1.0, 1500)])
def test_a_process_is_forgotten_after_the_watchdogs_time_or_one_and_a_half_cycles(
    clock, cycle_s, forgotten_ms
):
    for gap_ns, verdict in ((forgotten_ms * MS, Verdict.CONTESTED), (forgotten_ms * MS + 1, Verdict.OBEY)):
        mine = commander(clock, cycle_s=cycle_s)
        mine.judge('run_a', 1)
        clock.now += gap_ns
        assert mine.judge('run_a', 2) is verdict


@pytest.mark.parametrize('seed', range(20))
def test_never_two_processes_are_obeyed_within_the_time(clock, seed):
    """Whatever comes from whom and when; and whoever is alone for long enough is obeyed."""
    draw = random.Random(seed)
    mine = commander(clock)
    sent, obeyed = [], []
    for _ in range(2000):
        clock.now += draw.choice([0, 1, 8, 40, 150, 200, 201, 400]) * MS
        run, process = draw.choice(['run_a', 'run_a', 'run_b', '']), draw.randrange(3)
        verdict = mine.judge(run, process)
        if run == 'run_a':
            sent.append((clock.now, process))
            others = [p for at, p in sent if clock.now - at <= 200 * MS and p != process]
            assert verdict is (Verdict.CONTESTED if others else Verdict.OBEY)
        else:
            assert verdict is Verdict.FOREIGN
        if verdict is Verdict.OBEY:
            obeyed.append((clock.now, process))
    for (earlier, first), (later, second) in itertools.pairwise(obeyed):
        assert first == second or later - earlier > 200 * MS


def test_a_line_for_each_other_run_names_both_and_the_ways_out(clock):
    mine = commander(clock)
    line = mine.refusal('run_b')
    assert 'run run_b' in line and 'run run_a' in line
    assert 'ROS_DOMAIN_ID' in line and 'namespace:=' in line and '\n' not in line
    assert mine.refusal('run_b') is None
    assert 'started by hand' in mine.refusal('')


def test_lines_about_other_runs_have_an_end(clock):
    mine = commander(clock)
    lines = [mine.refusal(f'run_{number}') for number in range(3 * MAX_RUNS_TOLD)]
    assert sum(line is not None for line in lines) == MAX_RUNS_TOLD


def test_the_line_of_a_contest_names_the_processes(clock):
    mine = commander(clock)
    mine.judge('run_a', 0xBEEF)
    mine.judge('run_a', 0xCAFE)
    line = mine.contest()
    assert 'beef, cafe' in line and '2 processes of run run_a' in line and '\n' not in line


def test_the_name_of_another_run_is_printed_as_one_line(clock):
    line = Commander('run_a', 0.5, 0.04, clock).refusal('run\nb\x1b')
    assert line.startswith(r'velocity commands of run run b\x1b are refused') and line.isprintable()
