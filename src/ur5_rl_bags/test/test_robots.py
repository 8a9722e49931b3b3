"""One robot of those that a bag tells of is found by its namespace."""

import pytest

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
from ur5_rl_bags.bag_contents import BagError, TopicInfo
from ur5_rl_bags.reader import Bag
from ur5_rl_bags.robots import namespace_of, namespaces


class FakeBag(Bag):
    """Holds one message of each topic."""

    def __init__(self, *names):
        self.folder = 'the bag'
        self.topics = {name: TopicInfo('', 1, []) for name in names}


TWO = FakeBag('/joint_states', '/lab/a/joint_states', '/lab/a/episode', '/gazebo/joint_states')


def test_every_robot_has_a_namespace_with_slashes_at_both_ends():
    assert namespaces(TWO, 'joint_states', 'camera/image_raw') == ['/', '/lab/a/']
    with pytest.raises(BagError, match='lacks /transition; there is /gazebo/joint_states, '):
        namespaces(TWO, 'transition')


@pytest.mark.parametrize('asked', ['lab/a', '/lab/a', '/lab/a/'])
def test_one_of_several_is_chosen_however_it_is_written(asked):
    assert namespace_of(TWO, asked, 'joint_states') == '/lab/a/'
    assert namespace_of(TWO, '/', 'joint_states') == '/'


def test_the_only_one_needs_no_name_and_another_is_refused():
    assert namespace_of(TWO, '', 'episode') == '/lab/a/'
    for asked, name, listed in (('', 'joint_states', '/, /lab/a'), ('b', 'episode', '/lab/a')):
        with pytest.raises(BagError) as raised:
            namespace_of(TWO, asked, name)
        told = f"namespace is '{asked}'; the bag tells of {listed}: name one of them"
        assert str(raised.value) == told
