"""The bag that is shipped: this program lives it again bit for bit, and others' readers read it."""

from pathlib import Path

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from rosbags.highlevel import AnyReader

from ur5_rl_bags import exact_replay
from ur5_rl_bags.reader import Bag

BAG = Path(__file__).resolve().parents[1] / 'bags/reaching_small'
EPISODES, STEPS = 5, 100


def test_the_shipped_bag_is_lived_again_without_a_difference(capsys):
    assert exact_replay.main([str(BAG)]) == 0, 'record it anew (docs/bags.md) if that is meant to be'
    said = capsys.readouterr().out.splitlines()
    steps = EPISODES * STEPS
    assert f'transition: {steps} of {steps} compared' in said
    assert f'observation: {steps + EPISODES} of {steps + EPISODES} compared' in said
    assert f'episode: {EPISODES} of {EPISODES} compared' in said
    assert said[-1] == 'no difference'


def test_others_find_what_we_find_in_it():
    with Bag(BAG) as bag, AnyReader([BAG]) as others:
        found = {name: topic.count for name, topic in bag.topics.items() if topic.count}
        assert found == {other.topic: other.msgcount for other in others.connections if other.msgcount}
        rewards = [bag.deserialised(message).reward for message in bag.messages(['/transition'])]
        connections = [connection for connection in others.connections if connection.topic == '/transition']
        theirs = [
            others.deserialize(data, connection.msgtype).reward
            for connection, _, data in others.messages(connections)
        ]
    assert rewards == theirs and sum(rewards) > 1000 * EPISODES
