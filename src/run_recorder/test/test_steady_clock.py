"""The time of a run goes on evenly when the system clock is set, and over restarts of the recorder."""

import json

import pytest
from interrupted_clock import AFTER_EITHER, EPOCH_S, InterruptedClock

from run_recorder.steady_clock import BOOT_ID, SteadyClock
from ur5_rl_graph.clock import Clock


class Host:
    def __init__(self):
        self.monotonic, self.set_s, self.boot = 500.0, 0.0, 'boot 1'

    def system(self):
        return 1e9 + self.monotonic + self.set_s

    def clock(self, folder):
        clock = Clock(lambda: self.monotonic, lambda: round(1e9 * self.system()))
        return SteadyClock(folder / 'steady.json', clock, self.boot)


def test_a_recorder_that_comes_back_goes_on_with_the_same_time(tmp_path):
    host = Host()
    first = host.clock(tmp_path).now()
    host.monotonic += 20.0
    host.set_s -= 600.0
    assert host.clock(tmp_path).now() == pytest.approx(first + 20.0)


@AFTER_EITHER
def test_a_recorder_that_is_set_aside_between_its_clocks_tells_no_other_time(tmp_path, reading):
    host = InterruptedClock()
    host.set_aside(0.05, reading)
    clock = SteadyClock(tmp_path / 'steady.json', host.clock, 'boot 1')
    assert clock.now() == pytest.approx(EPOCH_S + host.s, abs=1e-6)
    host.set_aside(0.05, reading)
    assert clock.of(EPOCH_S + 499.0) == pytest.approx(EPOCH_S + 499.0, abs=1e-6)


def test_after_a_boot_the_system_clock_counts(tmp_path):
    host = Host()
    host.clock(tmp_path)
    host.monotonic, host.set_s, host.boot = 3.0, 600.0, 'boot 2'
    assert host.clock(tmp_path).now() == pytest.approx(1e9 + 603.0)
    assert json.loads((tmp_path / 'steady.json').read_text())['boot_id'] == 'boot 2'


@pytest.mark.parametrize(
    'text',
    ['', '{"boot', '{"boot_id": "boot 1"}', '[]', '3', 'null', '\0' * 60]
    + ['{"boot_id": "boot 1", "offset_s": ' + value + '}' for value in ('null', '"1"', 'NaN', '1e999')],
)
def test_a_damaged_file_counts_as_none_and_is_said_in_one_line(tmp_path, text):
    host, path = Host(), tmp_path / 'steady.json'
    assert host.clock(tmp_path).damage == ''
    path.write_text(text)
    host.set_s = 600.0
    clock = host.clock(tmp_path)
    assert clock.now() == host.system()
    assert clock.damage.startswith(f'{path} is damaged (') and clock.damage.isprintable()
    assert 'go on with the system clock' in clock.damage
    host.set_s = 0.0
    again = host.clock(tmp_path)
    assert again.damage == '' and again.now() == clock.now(), 'it has been written anew'


def test_a_boot_has_an_identity_here():
    assert len(BOOT_ID.read_text().strip()) == 36
