"""How busy the learner is: means over all the time that passes, each second once."""

import pytest
from interrupted_clock import InterruptedClock

from sac_learner.meter import UpdateMeter


def test_a_learner_that_is_set_aside_while_its_meter_is_read_loses_no_time():
    host = InterruptedClock()
    meter = UpdateMeter(host.clock.now)
    host.s += 1.0
    host.set_aside(0.1, 'now')
    meter.read()
    for _ in range(40):
        meter.add(0.005, 0.015)
    host.s += 0.9
    reading = meter.read()
    assert reading.updates_per_s == pytest.approx(40.0) and reading.waiting_fraction == pytest.approx(0.2)
    assert reading.handover_ms == pytest.approx(5.0) and reading.update_ms == pytest.approx(15.0)
