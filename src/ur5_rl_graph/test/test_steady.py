"""A system clock that is set back stops no timer of the graph."""

import time
from pathlib import Path
from unittest.mock import Mock

import pytest

pytest.importorskip('rclpy')
from rclpy.clock import ClockType

from ur5_rl_graph.steady import every, seconds

SOURCES = Path(__file__).resolve().parents[2]


def test_a_timer_counts_in_steady_time():
    node, call = Mock(), Mock()
    timer = every(node, 0.5, call)
    assert timer is node.create_timer.return_value and node.create_timer.call_args.args == (0.5, call)
    assert node.create_timer.call_args.kwargs['clock'].clock_type == ClockType.STEADY_TIME


def test_seconds_are_those_of_a_bag_where_one_is_played():
    node = Mock()
    node.get_parameter.return_value.value = False
    assert seconds(node) is time.monotonic
    node.get_parameter.return_value.value = True
    node.get_clock.return_value.now.return_value.nanoseconds = 2_500_000_000
    assert seconds(node)() == 2.5 and node.get_parameter.call_args.args == ('use_sim_time',)


def test_no_node_has_a_timer_of_the_system_clock():
    nodes = [
        path for path in SOURCES.glob('*/*/**/*.py') if path.parent.name not in ('test', 'ros2_standin_cli')
    ]
    made = {path.name for path in nodes if 'create_timer(' in path.read_text(encoding='utf-8')}
    assert len(nodes) > 100 and made == {'steady.py'}
