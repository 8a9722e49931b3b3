"""What the monitor shows: a function of seed and time since observation 0, whoever starts again."""

from types import SimpleNamespace

import numpy as np
import pytest
from interrupted_clock import AFTER_EITHER, EPOCH_S, InterruptedClock

from ur5_rl_env.devices.monitor_config import MonitorConfig
from ur5_rl_env.target import TargetConfig, TargetMotion
from ur5_rl_env.target_board import LAST_NS, TargetBoard
from ur5_rl_graph.clock import Clock

CONFIG = TargetConfig(task='tracking')
EPOCH = 1_700_000_000_000_000_000


class Time:
    """A monotonic clock, and a system clock that somebody may set."""

    def __init__(self):
        self.s, self.set_by_s = 100.0, 0.0

    def stamp(self):
        return EPOCH + round(1e9 * (self.s + self.set_by_s))

    def board(self, seed=0):
        return TargetBoard(CONFIG, seed, Clock(lambda: self.s, self.stamp))


@pytest.fixture
def time():
    return Time()


def place(seed, seconds):
    return TargetMotion.draw(CONFIG, np.random.default_rng(seed)).at(seconds)


def assert_moves(time, board, seed, since):
    """The board shows the target of `seed`, on its way since `since` [s of the monotonic clock]."""
    for _ in range(5):
        time.s += 0.7
        point, stamp, start = board.look()
        assert point == pytest.approx(place(seed, time.s - since), abs=1e-7)
        assert stamp == time.stamp() and stamp - start == pytest.approx(1e9 * (time.s - since), abs=1000)


def test_a_new_target_stands_at_its_start_however_long_the_reset_takes(time):
    board = time.board()
    for wait in (0.1, 3.0, 500.0):
        assert tuple(board.draw(7)[:2]) == (0.0, 0.0)
        time.s += wait
        point, _, start = board.look()
        assert tuple(point[:2]) == (0.0, 0.0) and start == 0


@pytest.mark.parametrize('late_s', [0.0, 0.002, 1.5])
def test_the_motion_begins_with_observation_0_also_where_the_word_comes_late(time, late_s):
    board = time.board()
    board.draw(7)
    time.s += 3.2
    since, start = time.s, time.stamp()
    time.s += late_s
    board.begin(7, start)
    assert_moves(time, board, 7, since)
    board.begin(7, start)  # said again
    assert_moves(time, board, 7, since)


def test_the_start_may_be_said_before_its_time(time):
    board = time.board()
    board.draw(7)
    board.begin(7, time.stamp() + 500_000_000)
    since = time.s + 0.5
    time.s += 0.4
    assert tuple(board.look()[0][:2]) == (0.0, 0.0)
    assert_moves(time, board, 7, since)


def test_a_monitor_that_starts_again_in_an_episode_shows_where_the_target_would_be(time):
    since, start = time.s, time.stamp()
    time.s += 1.7
    board = time.board(seed=99)
    board.begin(7, start)
    assert_moves(time, board, 7, since)


def test_a_monitor_that_starts_again_in_a_reset_shows_the_target_of_the_coming_episode(time):
    board = time.board(seed=99)
    board.begin(7, 0)
    time.s += 2.0
    assert tuple(board.look()[0][:2]) == (0.0, 0.0) and board.seed == 7
    board.begin(7, time.stamp())
    assert_moves(time, board, 7, time.s)


def test_the_same_seed_again_begins_again_from_the_centre(time):
    board = time.board()
    board.begin(7, time.stamp())
    time.s += 2.0
    for again in (lambda: board.draw(7), lambda: board.begin(7, 0)):
        again()
        time.s += 1.0
        assert tuple(board.look()[0][:2]) == (0.0, 0.0)


def test_a_system_clock_that_is_set_does_not_move_the_target(time):
    board = time.board()
    board.begin(7, time.stamp())
    since = time.s
    for seconds in (-600.0, 3600.0):
        time.set_by_s = seconds
        assert_moves(time, board, 7, since)


@AFTER_EITHER
def test_a_process_that_is_set_aside_between_its_clocks_shows_the_target_where_it_is(reading):
    host = InterruptedClock()
    board, began = TargetBoard(CONFIG, 0, host.clock), host.s
    board.draw(7)
    host.set_aside(0.05, reading)
    board.begin(7, round(1e9 * (EPOCH_S + began)))
    for _ in range(2):
        host.s += 0.7
        host.set_aside(0.05, reading)
        point, stamp, start = board.look()
        assert stamp == pytest.approx(1e9 * (EPOCH_S + host.s), abs=1000)
        assert stamp - start == pytest.approx(1e9 * (host.s - began), abs=1000)
        assert point == pytest.approx(place(7, host.s - began), abs=1e-7)


def test_every_new_target_has_a_larger_number(time):
    board = time.board()
    numbers = [board.target_id]
    for seed in (1, 1, 2):
        board.draw(seed)
        numbers.append(board.target_id)
    board.begin(3, 0)
    time.s += 1.0
    numbers += [board.target_id, time.board().target_id]
    assert (np.diff(numbers) > 0).all()


@pytest.mark.parametrize('start', [-1, -(1 << 63), LAST_NS + 1, (1 << 63) - 1])
def test_a_begin_that_is_no_time_is_refused_and_leaves_the_target(time, start):
    board = time.board(7)
    before = board.look()
    with pytest.raises(ValueError, match=f'start_stamp is {start}; allowed is 0 to {LAST_NS}'):
        board.begin(8, start)
    assert board.look() == before and board.seed == 7


@pytest.mark.parametrize('start', [1, EPOCH, LAST_NS])
@pytest.mark.parametrize('since_boot_s', [0.1, 12345.6789, 1e8])
def test_every_other_begin_can_be_told_again(time, start, since_boot_s):
    time.s = since_boot_s
    board = time.board(7)
    board.begin((1 << 64) - 1, start)
    time.s += 7200.0
    assert board.look()[2] == pytest.approx(start, abs=1e4)


@pytest.mark.parametrize('start', [(1 << 63) - 1, -(1 << 63)])
def test_the_node_lives_on_after_a_start_that_no_message_can_hold(time, start):
    pytest.importorskip('rclpy')
    nodes = pytest.importorskip('ur5_rl_env.nodes.target_monitor')
    msg = pytest.importorskip('ur5_rl_interfaces.msg')
    told, shown = [], []
    node = SimpleNamespace(
        _board=time.board(7),
        _config=MonitorConfig(),
        _paint=lambda: None,
        _publisher=SimpleNamespace(publish=shown.append),
        get_logger=lambda: SimpleNamespace(error=told.append),
    )
    node._show = lambda: nodes.TargetMonitor._show(node)
    for stamp in (start, time.stamp()):
        nodes.TargetMonitor._on_start(node, msg.TargetStart(seed=8, start_stamp=stamp))
        node._show()
        time.s += 0.04
    assert [target.seed for target in shown] == [7, 8, 8]
    (line,) = told
    assert line.startswith(f'target_start: start_stamp is {start}; allowed is 0 to ')


def test_the_node_ends_its_run_in_one_line_where_the_target_is_shown_no_more(time, capsys):
    pytest.importorskip('rclpy')
    nodes = pytest.importorskip('ur5_rl_env.nodes.target_monitor')

    def show(x, y):
        raise OSError('display is 480x270 now')

    node = SimpleNamespace(_board=time.board(7), _window=SimpleNamespace(show=show))
    with pytest.raises(SystemExit) as end:
        nodes.TargetMonitor._paint(node)
    assert end.value.code == 2
    assert capsys.readouterr().err == 'error: display is 480x270 now\n'
