"""What the environment waits for is said once, whatever numbers stand in it."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from sensor_world import SensorWorld, State


@pytest.mark.parametrize('cause', ['latency', 'readiness'])
def test_what_is_awaited_is_said_once_though_its_numbers_change(cause):
    world = SensorWorld(joint_latency_ms=700 if cause == 'latency' else 1, joint_jitter_ms=20)
    if cause == 'readiness':
        world.run_to_observation()
        world.lies['camera'] = lambda stamp: stamp + round(1e9 * world.now)
    world.run(10.0)
    kinds = [re.sub(r'[\d.]+', '#', line) for line in world.said() if 'waiting' in line]
    assert len(kinds) == len(set(kinds)) and kinds, world.said()
    assert world.env.state in (State.ALIGNING, State.WAITING)


def test_causes_that_take_turns_are_not_said_at_every_turn_and_one_that_comes_back_is_said():
    world = SensorWorld()
    said = []
    for k in range(200):  # 20 s
        world.now += 0.1
        said += [(k, output.text) for output in world.env._say_once(f'cause {"ab"[k % 2]}: {k} ms')]
    assert len(said) == 4 and [k for k, _ in said][:2] == [0, 1]
    assert said[2][0] in (100, 102), 'again after 10 s'
    assert world.env._say_once('cause b: 1.5 ms') == []
    world.now += 11.0
    assert world.env._say_once('cause b: 7 ms') == []
    assert len(world.env._say_once('cause a: 8 ms')) == 1
    assert len(world.env._say_once('cause c')) == 1
