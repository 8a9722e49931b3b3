"""Spans are kept until they are taken, in epoch time, and never more than the limit."""

import time

import pytest
from interrupted_clock import AFTER_EITHER, EPOCH_S, InterruptedClock

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


@AFTER_EITHER
def test_a_process_that_is_set_aside_between_its_clocks_dates_its_spans_as_ever(reading):
    spans, host = Spans(), InterruptedClock()
    spans.add('update', 499_000_000_000, 499_100_000_000)
    host.set_aside(0.013, reading)
    (span,) = spans.take(host.clock)
    assert span.start_ns == pytest.approx(1e9 * (EPOCH_S + 499.0), abs=1000)


def test_what_nobody_takes_is_dropped_and_counted():
    spans = Spans(limit=2)
    for began in (10, 20, 30):
        spans.add('update', began, began + 1)
    assert [span.start_ns for span in spans.take(Clock(lambda: 0.0, lambda: 0))] == [10, 20]
    assert spans.dropped == 1
    spans.add('update', 40, 41)
    assert len(spans.take(Clock(lambda: 0.0, lambda: 0))) == 1
    assert spans.dropped == 1
