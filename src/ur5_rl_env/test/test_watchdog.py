"""Freshness of velocity commands, on a clock made by hand."""

import pytest

from ur5_rl_env.watchdog import CommandWatchdog, WatchdogConfig

MS = 1_000_000
DAY = 20_000 * 86_400 * 1_000 * MS  # some time of the system clock, unrelated to the monotonic one


def watchdog():
    return CommandWatchdog(WatchdogConfig(watchdog_s=0.2), 0.04)


def test_no_command_is_not_fresh():
    assert not watchdog().fresh(0) and not watchdog().expired(0)


def test_a_command_counts_for_the_watchdog_time_from_its_stamp():
    dog = watchdog()
    assert dog.accept(DAY, DAY + 30 * MS, 1000 * MS)  # 30 ms on its way
    assert dog.fresh(1170 * MS)
    assert not dog.expired(1170 * MS)
    assert not dog.fresh(1170 * MS + 1) and dog.expired(1170 * MS + 1)


def test_a_command_as_old_as_the_limit_counts_for_this_moment():
    dog = watchdog()
    assert dog.accept(DAY, DAY + 200 * MS, 0)
    assert dog.fresh(0) and not dog.fresh(1)


def test_a_stale_command_is_refused_and_leaves_the_one_before():
    dog = watchdog()
    assert dog.accept(DAY, DAY, 0)
    assert not dog.accept(DAY - 150 * MS, DAY + 51 * MS, 51 * MS)
    assert dog.fresh(200 * MS) and not dog.fresh(201 * MS)


def test_a_stamp_ahead_of_this_clock_gains_nothing():
    dog = watchdog()
    assert dog.accept(DAY + 200 * MS, DAY, 0)
    assert dog.fresh(200 * MS) and not dog.fresh(200 * MS + 1)
    assert not dog.accept(DAY + 201 * MS, DAY, 0)


def test_the_system_clock_may_be_set_meanwhile():
    dog = watchdog()
    assert dog.accept(DAY, DAY, 0)
    assert dog.fresh(199 * MS)  # whatever the system clock says now


@pytest.mark.parametrize('jump_ms', [-3_600_000, -600_000, -150, 150, 600_000, 3_600_000])
def test_commands_count_again_at_once_when_the_system_clock_was_set(jump_ms):
    dog = watchdog()
    assert dog.accept(DAY, DAY, 0)
    later = DAY + (40 + jump_ms) * MS
    dog.accept(DAY + 39 * MS, later, 40 * MS)  # was on its way
    assert dog.accept(later + 40 * MS, later + 41 * MS, 81 * MS)
    assert dog.fresh(280 * MS) and not dog.fresh(281 * MS)


def test_a_dropped_command_is_forgotten():
    dog = watchdog()
    dog.accept(DAY, DAY, 0)
    dog.drop()
    assert not dog.fresh(1) and not dog.expired(201 * MS)


@pytest.mark.parametrize('value', [0.019, 1.01])
def test_limits(value):
    with pytest.raises(ValueError, match=f'watchdog_s is {value}; allowed is 0.02 to 1.0'):
        WatchdogConfig(watchdog_s=value)
    assert WatchdogConfig().watchdog_s == 0.2
