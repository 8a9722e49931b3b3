"""The bag that is shipped: this program lives it again bit for bit, and others' readers read it."""

from pathlib import Path

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
pytest.importorskip('launch_ros', reason='the workspace is not built: run ./ur5rl test')
from launch_files import replace_what_starts, visit
from rosbags.highlevel import AnyReader

from ur5_rl_bags import exact_replay
from ur5_rl_bags.reader import Bag
from ur5_rl_graph import run_of_launch

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


# --- launch/replay.launch.py ---

SHOWN_BY = ['bag_player', 'robot_state_publisher', 'scene_markers', 'network_view', 'diagnostics']


@pytest.fixture
def shown(monkeypatch):
    """Visits the launch file; returns the nodes that it would start."""
    replace_what_starts(monkeypatch)

    def show(**arguments):
        return visit(monkeypatch, 'replay', **arguments)

    return show


def test_it_is_shown_by_nodes_that_look_and_by_its_own_parameters_and_time(shown):
    checkpoint = BAG.parents[1] / 'checkpoints/reaching_small.safetensors'
    nodes = shown(rate='2', loop='true', start_offset='3', checkpoint=str(checkpoint))
    player, *views = nodes
    assert [node['name'] for node in nodes] == SHOWN_BY  # no driver, no environment, no recorder
    given = {name: player[name] for name in ('bag', 'bag_namespace', 'rate', 'start_offset', 'loop')}
    expected = {'bag': str(BAG), 'bag_namespace': '/', 'rate': 2.0, 'start_offset': 3.0, 'loop': True}
    assert given == expected and type(given['rate']) is float
    assert all(view['use_sim_time'] is True for view in views) and 'use_sim_time' not in player
    assert {view['name']: view for view in views}['network_view']['checkpoint'] == str(checkpoint)
    assert {view['name']: view for view in views}['diagnostics']['architecture'] == 'evaluate'
    parameters = Path(player['file']).read_text(encoding='utf-8')
    assert 'observation_width: 80' in parameters and 'robot_description: "<?xml' in parameters
    assert all(not node['run_folder'] for node in nodes)


@pytest.mark.parametrize(
    ('arguments', 'sentence'),
    [
        ({'rate': '0'}, 'rate is 0.0; allowed is 0.01 to 100.0'),
        ({'rate': 'fast'}, "rate is 'fast'; expected is a number"),
        (
            {'start_offset': '60'},
            'start_offset is 60: nothing to play: .* holds no message of .* from 60 s on',
        ),
        ({'bag': 'launch'}, "bag is 'launch': launch is no bag: no file .mcap or .db3 is in it"),
        ({'namespace': 'robot_1'}, "namespace is 'robot_1'; .* tells of /: name one of them"),
        ({'setting': 'tiny'}, "setting is 'tiny'; choose"),
        ({'checkpoint': 'none'}, "checkpoint is 'none'; .* is not there"),
        ({'setting': 'baseline', 'checkpoint': 'checkpoints/reaching_small.safetensors'}, 'another setting'),
        ({'record': 'true'}, "there is no argument 'record'; the nearest is"),
    ],
)
def test_what_cannot_be_shown_is_refused_before_anything_starts(shown, monkeypatch, arguments, sentence):
    monkeypatch.chdir(BAG.parents[1])
    with pytest.raises((ValueError, RuntimeError), match=sentence) as raised:
        shown(**arguments)
    assert '\n' not in str(raised.value)


def test_it_takes_the_place_of_a_run_so_that_none_may_listen(shown, monkeypatch):
    taken = []
    monkeypatch.setattr(run_of_launch, 'take_place', lambda *place, **ways: taken.append(place[1:]))
    monkeypatch.setenv('ROS_DOMAIN_ID', '29')
    shown()
    assert taken == [(29, '/')]

    def refuse(*place, ways_out):
        raise RuntimeError(f'a run works in ROS domain 29: {ways_out}')

    monkeypatch.setattr(run_of_launch, 'take_place', refuse)
    with pytest.raises(RuntimeError, match='a run works in ROS domain 29: a bag is never played beside'):
        shown()
