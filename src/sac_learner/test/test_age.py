"""Weights grow older by the second, whatever is done to the system clock."""

import pytest
from interrupted_clock import AFTER_EITHER, EPOCH_S, InterruptedClock

from sac_learner.age import Age
from ur5_rl_graph.clock import Clock


class Host:
    def __init__(self):
        self.monotonic, self.set_s = 50.0, 0.0

    def system(self):
        return round(1e9 * (1e9 + self.monotonic + self.set_s))

    def age(self):
        return Age(Clock(lambda: self.monotonic, self.system))


def test_what_was_made_before_it_came_is_older():
    host = Host()
    age = host.age()
    age.arrived(host.system() - 20_000_000_000)
    host.monotonic += 0.5
    assert age.seconds == pytest.approx(20.5)


@pytest.mark.parametrize('jump_s', [-3600.0, -1.0, 1.0, 3600.0])
def test_a_clock_that_is_set_makes_nothing_older_or_younger(jump_s):
    host = Host()
    age = host.age()
    age.arrived(host.system())
    host.monotonic += 2.0
    host.set_s += jump_s
    assert age.seconds == pytest.approx(2.0)
    age.arrived(host.system() - 100_000_000)
    assert age.seconds == pytest.approx(0.1)


def test_a_stamp_ahead_of_this_host_s_clock_counts_as_now():
    host = Host()
    age = host.age()
    age.arrived(host.system() + 60_000_000_000)
    host.monotonic += 0.25
    assert age.seconds == pytest.approx(0.25)


@AFTER_EITHER
def test_an_actor_that_is_set_aside_between_its_clocks_makes_nothing_older(reading):
    host = InterruptedClock()
    age, made = Age(host.clock), round(1e9 * (EPOCH_S + host.s - 0.1))
    host.set_aside(0.05, reading)
    age.arrived(made)
    assert age.seconds == pytest.approx(0.1 + 0.05, abs=1e-6)
