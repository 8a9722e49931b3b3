"""The time of a run: while steps can be made, whatever is done to clock, machine, arm, nodes and recorder."""

import json

import pytest

from run_recorder import run_clock as clock_module
from run_recorder.run_clock import RunClock
from run_recorder.steady_clock import SteadyClock
from ur5_rl_graph.clock import Clock

LONGEST_S = 8.0


class Run:
    """A run with a host, whose clocks are set by hand, and a recorder, which can be killed."""

    def __init__(self, folder, duration_s=1000.0):
        self._folder, self._duration_s = folder, duration_s
        self._monotonic, self._set_s, self._boot = 500.0, 0.0, 'boot 1'
        self.start()

    def start(self, launch='launch 1', duration_s=None):
        """Starts the recorder, again or for the first time."""
        self._duration_s = duration_s or self._duration_s
        clock = Clock(lambda: self._monotonic, lambda: round(1e9 * self._system()))
        self.steady = SteadyClock(self._folder / 'steady.json', clock, self._boot)
        self.clock = RunClock(self._folder / 'clock.json', self._duration_s, LONGEST_S, launch)

    def _system(self):
        return 1e9 + self._monotonic + self._set_s

    def steps(self, seconds, recorded=True):
        """Steps of 0.1 s; the recorder hears of each, and keeps its state once a second, as it does."""
        for number in range(round(10 * seconds)):
            self._monotonic += 0.1
            if recorded:
                now_s = min(self.steady.of(self._system()), self.steady.now())
                self.clock.start(now_s)
                self.clock.step(now_s)
                if number % 10 == 9:
                    self.clock.save()

    def no_steps(self, seconds):
        self._monotonic += seconds

    def set_clock(self, seconds):
        self._set_s += seconds

    def reboot(self):
        self._monotonic, self._boot = 3.0, 'boot 2'

    @property
    def elapsed_s(self):
        return self.clock.elapsed_s(self.steady.now())


@pytest.fixture
def run(tmp_path):
    """A run that has counted 100 s."""
    run = Run(tmp_path)
    run.steps(100.1)  # the first one starts the clock
    run.clock.save()
    assert run.elapsed_s == pytest.approx(100.0)
    return run


@pytest.mark.parametrize('seconds', [3600.0, -60.0, -3600.0, 0.5, -0.5])
def test_a_clock_that_is_set_counts_nothing(run, seconds):
    run.set_clock(seconds)
    assert run.elapsed_s == pytest.approx(100.0)
    run.steps(50)
    assert run.elapsed_s == pytest.approx(150.0)


@pytest.mark.parametrize('seconds', [3600.0, -60.0])
def test_a_clock_that_is_set_while_a_message_is_on_its_way_counts_nothing(run, seconds):
    stamp_s = run.steady.of(run._system())
    run.set_clock(seconds)
    run.clock.step(min(stamp_s + run.steady.of(run._system()) - run.steady.now() - seconds, run.steady.now()))
    run.steps(50)
    assert run.elapsed_s == pytest.approx(150.0)


def test_a_suspended_machine_counts_nothing(run):
    run.set_clock(3600.0)  # the monotonic clock stands meanwhile
    run.steps(50)
    assert run.elapsed_s == pytest.approx(150.0)


@pytest.mark.parametrize('seconds', [600.0, 300.0, 36000.0], ids=['protective stop', 'dead nodes', 'paused'])
def test_without_steps_no_more_counts_than_a_reset_lasts(run, seconds):
    run.no_steps(seconds)
    assert run.elapsed_s == pytest.approx(100.0 + LONGEST_S)
    assert not run.clock.over(run.steady.now())
    run.steps(50)
    assert run.elapsed_s == pytest.approx(149.9 + LONGEST_S)  # the first step ends the pause


def test_an_ordinary_reset_counts(run):
    run.no_steps(3.0)
    run.steps(50)
    assert run.elapsed_s == pytest.approx(153.0)


def test_a_killed_recorder_goes_on_with_the_time_that_went_by_meanwhile(run):
    run.steps(5, recorded=False)
    run.start()
    run.steps(45)
    assert run.elapsed_s == pytest.approx(150.0)


def test_a_recorder_that_was_away_for_long_counts_no_more_than_a_reset_lasts(run):
    run.no_steps(3600.0)
    run.start()
    run.steps(50)
    assert run.elapsed_s == pytest.approx(149.9 + LONGEST_S)  # the first step ends the pause


@pytest.mark.parametrize('set_s', [0.0, 3600.0, -86400.0])
def test_a_reboot_and_the_night_before_a_run_is_resumed_count_nothing(run, set_s):
    run.no_steps(30_000.0)
    run.reboot()
    run.set_clock(set_s)
    run.start('launch 2')
    assert run.elapsed_s == pytest.approx(100.0)
    run.steps(0.1)
    assert run.elapsed_s == pytest.approx(100.0)
    run.steps(50)
    assert run.elapsed_s == pytest.approx(150.0)
    run.clock.save()
    run.start('launch 2')
    assert run.elapsed_s == pytest.approx(150.0)


def test_a_recorder_that_is_killed_before_the_first_step_of_a_resumed_run_counts_nothing(run):
    run.no_steps(30_000.0)
    for _ in range(2):
        run.start('launch 2')
        run.clock.save()
    assert run.elapsed_s == pytest.approx(100.0)


def test_a_run_lasts_its_duration(run):
    run.steps(899.8)
    assert not run.clock.over(run.steady.now())
    assert run.clock.left_s(run.steady.now()) == pytest.approx(0.2)
    run.steps(0.3)
    assert run.clock.over(run.steady.now())


def test_a_duration_is_over_when_it_is_reached(tmp_path):
    clock = RunClock(tmp_path / 'clock.json', 5.0, LONGEST_S)
    clock.start(100.0)
    assert not clock.over(104.99) and clock.over(105.0)


def test_what_is_over_stays_over_and_counts_nothing_more(run):
    run.clock.end(run.steady.now(), 'enough')
    run.steps(50)
    assert run.elapsed_s == pytest.approx(100.0)
    run.start()
    run.steps(50)
    assert run.clock.over_because == 'enough' and run.elapsed_s == pytest.approx(100.0)


def test_a_resumed_run_that_was_over_goes_on_with_another_duration_only(run):
    run.clock.end(run.steady.now(), 'enough')
    run.start('launch 2')
    assert run.clock.over_because == 'enough'
    run.clock.save()
    run.start('launch 2', duration_s=2000.0)
    assert run.clock.over_because == 'enough', 'a recorder that comes back does not resume a run'
    run.start('launch 3', duration_s=3000.0)
    assert run.clock.over_because == ''
    run.steps(50.1)
    assert run.elapsed_s == pytest.approx(150.0)


def test_random_steps_are_not_counted_and_a_run_may_have_no_end(tmp_path):
    clock = RunClock(tmp_path / 'clock.json', 0.0, LONGEST_S)
    for now_s in (1.0, 2.0, 3.0):
        clock.step(now_s)
    assert clock.elapsed_s(1e9) == 0.0
    clock.save()
    assert not (tmp_path / 'clock.json').exists()
    clock.start(3.0)
    assert (tmp_path / 'clock.json').exists()
    clock.start(5.0)
    clock.step(6.0)
    assert clock.elapsed_s(6.0) == 3.0 and clock.left_s(6.0) is None
    assert not clock.over(1e9)


def test_tables_tell_the_time_only_where_the_file_does_not(tmp_path):
    clock = RunClock(tmp_path / 'clock.json', 100.0, LONGEST_S)
    clock.recover(0.0, 50.0)
    assert clock.elapsed_s(1e9) == 0.0
    clock.recover(30.0, 50.0)
    clock.recover(70.0, 90.0)
    assert clock.elapsed_s(1e9) == 30.0


def test_the_file_is_written_only_where_something_has_changed(run, tmp_path):
    run.clock.save()
    (tmp_path / 'clock.json').write_text('mine')
    run.clock.save()
    assert (tmp_path / 'clock.json').read_text() == 'mine'
    run.steps(0.1)
    run.clock.save()
    assert json.loads((tmp_path / 'clock.json').read_text())['elapsed_s'] == pytest.approx(100.1)


def test_a_full_disk_is_one_line_and_keeps_no_run_from_its_end(run, tmp_path, monkeypatch, capsys):
    def full(path, values):
        raise OSError(28, 'No space left on device')

    with monkeypatch.context() as patch:
        patch.setattr(clock_module, 'write_json', full)
        run.steps(0.1)
        run.clock.save()
        run.clock.save()
        (said,) = capsys.readouterr().err.splitlines()
        assert said.startswith(f'{tmp_path}/clock.json cannot be written (No space left on device)')
        run.clock.end(run.steady.now(), 'enough')
        assert run.clock.over_because == 'enough'
    run.clock.save()
    run.start()
    assert run.clock.over_because == 'enough'
