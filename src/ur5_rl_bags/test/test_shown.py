"""What of a bag is shown to people: nothing that moves anything."""

from types import SimpleNamespace

import pytest

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
from ur5_rl_bags import rosbag2
from ur5_rl_bags.bag_contents import BagError, TopicInfo
from ur5_rl_bags.reader import Bag
from ur5_rl_bags.shown import MADE_ANEW, SHOWN, choose
from ur5_rl_graph import topics

ACTED_ON = {'arm/velocity_command', 'action', 'target_start', 'observation', 'transition', 'mini_batch'}
ACTED_ON |= {'mini_batch_done', 'updated_step', 'environment/journal'}
ACTED_ON |= {topic.name for topic in topics.TOPICS if topic.name.startswith('gazebo/')}


def bag_of(*names, unknown=()):
    found = {name: TopicInfo('', 1, []) for name in (*names, *unknown)}
    found['/silent'] = TopicInfo('', 0, [])
    bag = SimpleNamespace(topics=found, folder='the bag')
    bag.type_of = lambda name: None if name in unknown else object
    bag.called, bag.need = (lambda name: Bag.called(bag, name)), (lambda names: Bag.need(bag, names))
    return bag


def test_of_every_topic_of_the_graph_it_is_known_whether_it_is_shown():
    every = [topic.name for topic in topics.TOPICS]
    assert sorted([*SHOWN, *MADE_ANEW, *ACTED_ON]) == sorted(every)


def test_what_somebody_acts_on_is_not_played_nor_what_is_none_of_ours():
    names = [f'/{name.lstrip("/")}' for name in (*SHOWN, *MADE_ANEW, *ACTED_ON)]
    choice = choose(bag_of(*names, '/cmd_vel', '/gripper/goal'))
    assert choice.namespace == '/' and choice.played == sorted(f'/{name}' for name in SHOWN)
    assert {'/arm/velocity_command', '/action', '/cmd_vel', '/gripper/goal'} <= set(choice.left_out)
    assert len(choice.played) + len(choice.anew) + len(choice.left_out) == len(names) + 2
    assert choice.told.startswith('not played: /diagnostics, ') and '/cmd_vel, ' in choice.told
    assert choose(bag_of('/joint_states')).told == 'everything in the bag is played'


def test_a_type_that_is_not_known_here_is_left_out():
    choice = choose(bag_of('/joint_states', unknown=['/spans']))
    assert (choice.played, choice.left_out) == (['/joint_states'], ['/spans'])


def test_of_several_robots_one_is_shown():
    bag = bag_of('/joint_states', '/lab/a/joint_states', '/lab/a/target', '/lab/a/tf', '/diagnostics')
    choice = choose(bag, 'lab/a')
    assert (choice.namespace, choice.played) == ('/lab/a/', ['/lab/a/joint_states', '/lab/a/target'])
    assert (choice.anew, choice.left_out) == (['/diagnostics', '/lab/a/tf'], ['/joint_states'])
    assert choose(bag, '/').played == ['/joint_states']
    assert choose(bag_of('/r/joint_states')).namespace == '/r/'
    for wrong in ('', 'lab', '/b'):
        with pytest.raises(BagError, match=f"namespace is '{wrong}'; the bag tells of /, /lab/a: name one"):
            choose(bag, wrong)


def test_a_bag_of_no_robot_is_refused_with_what_is_there():
    with pytest.raises(BagError, match='lacks /camera/image_raw, /joint_states; there is /scan'):
        choose(bag_of('/scan'))


def test_the_command_of_the_real_rosbag2_names_exactly_what_is_played():
    words = rosbag2.play_command('/x/bag', ['/joint_states', '/target'], 2.0, True, 1.5, 40.0)
    assert ' '.join(words) == (
        'ros2 bag play /x/bag --rate 2 --start-offset 1.5 --loop --clock 40 --disable-keyboard-controls '
        '--topics /joint_states /target'
    )
    assert '--loop' not in rosbag2.play_command('/x/bag', ['/a'], 1.0, False, 0.0, 40.0)
