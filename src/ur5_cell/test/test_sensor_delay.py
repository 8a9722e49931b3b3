"""Delay line and capture schedule of the simulated camera, on a fake clock."""

import numpy as np
import pytest

from ur5_cell.camera_loop import CameraLoop
from ur5_cell.sensor_delay import DelayConfig, DelayLine
from ur5_rl_graph.clock import Clock


def line(seed=0, **settings):
    return DelayLine(DelayConfig(**settings), np.random.default_rng(seed))


def test_a_sample_arrives_after_the_delay_and_not_before():
    delay = line(camera_delay_ms=8.0)
    delay.put(1.0, 'a')
    assert delay.next_due == pytest.approx(1.008)
    assert delay.take(1.0079) == []
    assert [sample for _, sample in delay.take(1.0081)] == ['a']
    assert delay.next_due == float('inf')


def test_jitter_is_bounded_and_never_changes_the_order():
    delay = line(camera_delay_ms=5.0, camera_jitter_ms=100.0)
    for k in range(500):
        delay.put(0.04 * k, k)
    arrived = delay.take(1e9)
    assert [k for _, k in arrived] == list(range(500))
    dues = np.array([due for due, _ in arrived])
    assert (np.diff(dues) >= 0.0).all()
    late = dues - 0.04 * np.arange(500)
    assert late.min() >= 0.005 and late.max() <= 0.105 + 1e-9
    assert late.max() - late.min() > 0.08


def test_dropout_is_counted_and_seeded():
    lines = [line(seed, camera_dropout=0.25) for seed in (1, 1, 2)]
    kept = []
    for delay in lines:
        for k in range(2000):
            delay.put(0.04 * k, k)
        kept.append([k for _, k in delay.take(1e9)])
        assert len(kept[-1]) + delay.dropped == 2000
        assert delay.dropped == pytest.approx(500, abs=80)
    assert kept[0] == kept[1] != kept[2]


def test_limits():
    with pytest.raises(ValueError, match='camera_dropout is 1.5; allowed is 0.0 to 1.0'):
        DelayConfig(camera_dropout=1.5)


class Fake:
    """A clock that moves only when told; drawing takes `work` seconds."""

    def __init__(self, work=0.002, epoch_ns=10**18):
        self.time, self.work, self.epoch_ns = 100.0, work, epoch_ns
        self.captured, self.instants, self.delivered = [], [], []

    def loop(self, **settings):
        clock = Clock(lambda: self.time, lambda: self.epoch_ns + round(1e9 * self.time))
        return CameraLoop(0.04, self.capture, self.deliver, line(**settings), clock)

    def capture(self, stamp_ns, monotonic_ns):
        self.time += self.work
        self.instants.append(monotonic_ns - 100 * 10**9)
        self.captured.append(stamp_ns - self.epoch_ns - 100 * 10**9)
        return stamp_ns

    def deliver(self, frame):
        self.delivered.append((self.time - 100.0, frame - self.epoch_ns - 100 * 10**9))

    def go(self, loop, until, late=0.0):
        while True:
            wake = loop.advance()
            if wake > 100.0 + until:
                return
            self.time = max(self.time, wake) + late


def test_frames_are_captured_on_a_schedule_that_does_not_drift():
    fake = Fake()
    loop = fake.loop(camera_delay_ms=8.0)
    fake.go(loop, until=10.0, late=0.003)
    assert np.allclose(fake.captured, 40e6 * np.arange(len(fake.captured)), atol=1000)
    assert len(fake.captured) == 251 and loop.skipped == 0
    times = np.array(fake.delivered)
    assert np.allclose(times[:, 0] - 1e-9 * times[:, 1], 0.011, atol=1e-5)  # the delay and the late wake-up


def test_a_delay_of_several_periods_keeps_every_frame():
    fake = Fake()
    loop = fake.loop(camera_delay_ms=100.0)
    fake.go(loop, until=2.0)
    ages = [time - 1e-9 * stamp for time, stamp in fake.delivered]
    assert np.allclose(ages, 0.1, atol=1e-5)
    assert loop.delivered == len(fake.captured) - 3


def test_a_stopped_process_skips_and_counts_frames_and_stays_on_schedule():
    fake = Fake()
    loop = fake.loop()
    fake.go(loop, until=0.5)
    fake.time += 1.0
    fake.go(loop, until=3.0)
    assert loop.skipped == 24
    assert all(round(stamp / 40e6) * 40e6 == pytest.approx(stamp, abs=1000) for stamp in fake.captured)
    assert np.diff(fake.captured).min() > 39e6


@pytest.mark.parametrize('jump_s', [-3600.0, -0.1, 0.1, 3600.0])
def test_frames_go_on_when_the_system_clock_is_set_and_the_arm_is_looked_up_on_the_other(jump_s):
    fake = Fake()
    loop = fake.loop()
    fake.go(loop, until=0.2)
    fake.epoch_ns += round(1e9 * jump_s)
    fake.go(loop, until=0.6)
    assert loop.skipped == 0
    assert np.allclose(fake.instants, 40e6 * np.arange(16), atol=1000)
    assert np.allclose(fake.captured, 40e6 * np.arange(16), atol=1000)  # by the clock as it stood then


def test_a_frame_that_cannot_be_drawn_is_left_out():
    fake = Fake()
    loop = fake.loop()
    loop._capture = lambda stamp, instant: None
    fake.go(loop, until=0.5)
    assert fake.delivered == [] and loop.missing == 13
