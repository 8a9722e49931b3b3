"""Cost of the spans that every node records: adding one, publishing a second of them (spans:=100)."""

import json
import sys
import time
from collections.abc import Sequence

import numpy as np
import rclpy
from _options import options_in_range, refusals
from rclpy.serialization import serialize_message

from ur5_rl_graph.messages import msg_from_spans
from ur5_rl_graph.span_publisher import PERIOD_NS, SpanPublisher
from ur5_rl_graph.spans import Spans

NAMES = ('observe', 'command')


def add_us(repeats: int) -> np.ndarray:
    """Returns (repeats,) times of adding one span, both clock readings included [us], as means of 1000."""
    times = []
    for _ in range(repeats):
        spans = Spans()
        began = time.perf_counter_ns()
        for _ in range(1000):
            spans.add('update', time.perf_counter_ns())
        times.append(time.perf_counter_ns() - began)
    return np.array(times) / 1e6


def publish_us(count: int, repeats: int) -> np.ndarray:
    """Returns (repeats,) times of publishing `count` spans [us]."""
    publisher = SpanPublisher(rclpy.create_node('spans_sender'))
    times = []
    for _ in range(repeats):
        for index in range(count):
            publisher.add(NAMES[index % 2], time.perf_counter_ns())
        publisher.due_ns = 0
        began = time.perf_counter_ns()
        publisher.publish_if_due()
        times.append(time.perf_counter_ns() - began)
        time.sleep(0.005)
    return np.array(times) / 1e3


def message_bytes(count: int) -> int:
    """Returns the size of a message of `count` spans [byte]."""
    spans = Spans()
    for index in range(count):
        spans.add(NAMES[index % 2], 0, 0)
    return len(serialize_message(msg_from_spans('environment', spans.take(), 0)))


def main(argv: Sequence[str]) -> int:
    """Prints both costs and, as the last line, the figures as JSON."""
    with refusals():
        given = options_in_range(argv, spans=100, repeats=200)
    rclpy.init()
    one, second = add_us(given['repeats']), publish_us(given['spans'], given['repeats'])
    rclpy.try_shutdown()
    share = (given['spans'] * np.median(one) + np.median(second)) / (1e-3 * PERIOD_NS)
    figures = {
        'add_us': round(float(np.median(one)), 3),
        'publish_us': round(float(np.median(second)), 1),
        'publish_p99_us': round(float(np.percentile(second, 99)), 1),
        'message_bytes': message_bytes(given['spans']),
        'share_of_a_core_percent': round(100 * float(share), 4),
    }
    print(f'adding a span                {figures["add_us"]:.2f} us')
    print(
        f'publishing {given["spans"]} of them        {figures["publish_us"]:.0f} us '
        f'(99th percentile {figures["publish_p99_us"]:.0f}), {figures["message_bytes"]} bytes'
    )
    print(f'both, once a second          {figures["share_of_a_core_percent"]:.3f} % of a core')
    print(json.dumps(figures))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
