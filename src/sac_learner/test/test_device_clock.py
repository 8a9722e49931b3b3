"""Times of work that goes on after its call."""

import pytest
import torch

from sac_learner.device_clock import DeviceClock


class Event:
    """Stands in for an event of CUDA: `done` is when the stream has come to it, None before."""

    made: list['Event'] = []

    def __init__(self, enable_timing):
        assert enable_timing
        self.done = None
        self.made.append(self)

    def record(self):
        pass

    def query(self):
        return self.done is not None

    def elapsed_time(self, end):
        return end.done - self.done


def test_on_a_cpu_work_has_ended_with_its_call():
    times = iter([1.0, 1.5, 2.0, 4.0])
    clock = DeviceClock(torch.device('cpu'), lambda: next(times))
    for tag in 'ab':
        with clock.measure(tag):
            pass
    assert clock.finished() == [('a', 1.0, 0.5), ('b', 2.0, 2.0)]
    assert clock.finished() == []


def test_on_a_gpu_work_is_told_of_once_it_has_ended_and_in_order(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'Event', Event)
    monkeypatch.setattr(Event, 'made', [])
    calls_s = iter([1.0, 1.5, 9.0])
    clock = DeviceClock(torch.device('cuda'), lambda: next(calls_s))
    for tag in 'abc':
        with clock.measure(tag):
            pass
    first, second, third = Event.made[:2], Event.made[2:4], Event.made[4:]
    first[0].done = 100.0
    assert clock.finished() == []
    first[1].done = second[0].done = 4100.0
    assert clock.finished() == [('a', 1.0, 4.0)]
    second[1].done, third[0].done, third[1].done = 5100.0, 8100.0, 8600.0
    assert clock.finished() == [('b', 5.0, 1.0), ('c', 9.0, 0.5)]  # b waited for a, c for nobody


def test_work_that_raises_is_not_counted():
    clock = DeviceClock(torch.device('cpu'))
    with pytest.raises(ValueError, match='shape'), clock.measure('a'):
        raise ValueError('shape')
    assert clock.finished() == []
