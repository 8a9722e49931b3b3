"""A recorded run is lived again bit for bit; what differs is what was changed, and what follows from it."""


import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from recorded_world import RecordedWorld

from ur5_rl_bags.comparison import KEYS
from ur5_rl_bags.exact_replay import Replay
from ur5_rl_bags.replayer import INPUTS


def replay(bag):
    again = Replay({topic for topic, _, _ in bag})
    for topic, receive_ns, message in bag:
        if topic in INPUTS or topic in KEYS:
            again.take(topic, receive_ns, lambda message=message: message)
    again.finish()
    return again


def differences(again):
    return [(d.topic, d.key, d.field) for d in again.comparison.differences]


def test_a_run_is_replayed_without_a_difference():
    world = RecordedWorld().begin().run(3.0)
    again = replay(world.bag)
    assert list(again.report())[-1] == 'no difference', list(again.report())
    counts = again.comparison.compared
    assert counts['observation'] >= 33 and counts['transition'] >= 30 and counts['episode'] >= 3
    assert counts == again.comparison.replayed_count and set(counts) == set(KEYS)
