"""Spans are kept until they are taken, in epoch time, and never more than the limit."""

import time

from ur5_rl_graph.spans import Span, Spans


def test_times_become_epoch_times():
    spans = Spans()
    spans.add('observe', 1_000, 1_400)
    spans.add('command', 2_000, 2_050)
    assert spans.take(offset_ns=5_000_000) == [
        Span('observe', 5_001_000, 400),
        Span('command', 5_002_000, 50),
    ]
    assert spans.take(offset_ns=0) == []


def test_a_span_ends_when_it_is_added_and_is_dated_by_the_clock():
    spans = Spans()
    before = time.time_ns()
    spans.add('act', time.perf_counter_ns())
    (span,) = spans.take()
    assert span.duration_ns >= 0
    assert abs(span.start_ns - before) < 10_000_000_000  # the epoch, not the counter's own zero


def test_what_nobody_takes_is_dropped_and_counted():
    spans = Spans(limit=2)
    for began in (10, 20, 30):
        spans.add('update', began, began + 1)
    assert [span.start_ns for span in spans.take(offset_ns=0)] == [10, 20]
    assert spans.dropped == 1
    spans.add('update', 40, 41)
    assert len(spans.take(offset_ns=0)) == 1
    assert spans.dropped == 1
