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
    assert clock.finished() == [('a', 0.5), ('b', 2.0)]
    assert clock.finished() == []


def test_on_a_gpu_work_is_told_of_once_it_has_ended_and_in_order(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'Event', Event)
    monkeypatch.setattr(Event, 'made', [])
    clock = DeviceClock(torch.device('cuda'))
    for tag in 'ab':
        with clock.measure(tag):
            pass
    first, second = Event.made[:2], Event.made[2:]
    first[0].done = 100.0
    assert clock.finished() == []
    first[1].done = second[0].done = 104.0
    assert clock.finished() == [('a', 0.004)]
    second[1].done = 105.0
    assert clock.finished() == [('b', 0.001)]


def test_work_that_raises_is_not_counted():
    clock = DeviceClock(torch.device('cpu'))
    with pytest.raises(ValueError, match='shape'), clock.measure('a'):
        raise ValueError('shape')
    assert clock.finished() == []
