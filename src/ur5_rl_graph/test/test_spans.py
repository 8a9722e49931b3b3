"""Spans are kept until they are taken, in epoch time, and never more than the limit."""

import time

import pytest

from ur5_rl_graph.clock import Clock
from ur5_rl_graph.spans import Span, Spans


def test_times_become_epoch_times():
    spans = Spans()
    spans.add('observe', 1_000, 1_400)
    spans.add('command', 2_000, 2_050)
    assert spans.take(Clock(lambda: 0.0, lambda: 5_000_000)) == [
        Span('observe', 5_001_000, 400),
        Span('command', 5_002_000, 50),
    ]
    assert spans.take() == []


def test_a_span_ends_when_it_is_added_and_is_dated_by_the_clock():
    spans = Spans()
    before = time.time_ns()
    spans.add('act', time.perf_counter_ns())
    (span,) = spans.take()
    assert span.duration_ns >= 0
    assert abs(span.start_ns - before) < 10_000_000_000  # the epoch, not the counter's own zero


def test_a_process_that_is_set_aside_between_readings_of_the_clocks_dates_its_spans_as_ever():
    spans, time_s = Spans(), 50.0

    def stamp():
        nonlocal time_s
        read, time_s = round(1e9 * (1e9 + time_s)), 50.013  # 13 ms, the first time
        return read

    spans.add('update', 49_000_000_000, 49_100_000_000)
    (span,) = spans.take(Clock(lambda: time_s, stamp))
    assert span.start_ns == pytest.approx(1e9 * (1e9 + 49.0), abs=1000)


def test_what_nobody_takes_is_dropped_and_counted():
    spans = Spans(limit=2)
    for began in (10, 20, 30):
        spans.add('update', began, began + 1)
    assert [span.start_ns for span in spans.take(Clock(lambda: 0.0, lambda: 0))] == [10, 20]
    assert spans.dropped == 1
    spans.add('update', 40, 41)
    assert len(spans.take(Clock(lambda: 0.0, lambda: 0))) == 1
    assert spans.dropped == 1
