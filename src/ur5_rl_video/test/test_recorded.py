"""Episodes of a bag: which images, joints, target and reward belong together, and what is left out."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
from sensor_msgs.msg import JointState

from ur5_rl_bags.bag_contents import BagError
from ur5_rl_graph import messages
from ur5_rl_graph.data import JOINT_NAMES
from ur5_rl_interfaces import msg
from ur5_rl_video import recorded

MS = 1_000_000
CYCLE = 40 * MS


class Bag:
    """Messages in their order, as ur5_rl_bags.reader.Bag hands them out."""

    folder = 'bag'

    def __init__(self, found):
        self.found = found
        counts = Counter(topic for topic, _ in found)
        self.topics = {topic: SimpleNamespace(count=count) for topic, count in counts.items()}

    def need(self, names):
        missing = sorted(set(names) - self.topics.keys())
        if missing:
            raise BagError(f'bag lacks {", ".join(missing)}')

    def messages(self, names):
        return (
            SimpleNamespace(topic=topic, message=message) for topic, message in self.found if topic in names
        )

    def deserialised(self, found):
        return found.message


def image(stamp):
    pixels = np.full((9, 16, 3), stamp // CYCLE % 256, np.uint8)
    return messages.msg_from_image(pixels, stamp, 'camera_optical_frame')


def joints(stamp):
    """Angles that are the time [ms] and the number of the joint, in an order of its own."""
    names = JOINT_NAMES[::-1]
    angles = [stamp / MS + 1000 * JOINT_NAMES.index(name) for name in names]
    message = JointState(name=names, position=angles, velocity=[0.0] * 6)
    message.header.stamp = messages.time_from_ns(stamp)
    return message


def target(stamp, start_stamp):
    message = msg.TargetState(x=0.1, y=0.0, vx=0.5, vy=-0.25, start_stamp=start_stamp)
    message.header.stamp = messages.time_from_ns(stamp)
    return message


def transition(episode, step, ids, last=False):
    return msg.Transition(episode=episode, step=step, frame_ids=ids, reward=float(step + 1), truncated=last)


def bag(space='/', episodes=3, steps=2, without=(), aborted=(), cut=()):
    """Episodes of two steps, each of which begins 10 cycles after the one before."""
    found, began = [], 0
    for number in range(1, episodes + 1):
        began = 10 * number * CYCLE
        stamps = [began + k * CYCLE for k in range(steps + 3)]
        found.append(('target', target(began, began + 4 * CYCLE)))
        for k, stamp in enumerate(stamps):
            found += [('joint_states', joints(stamp + 3 * MS)), ('camera/image_raw', image(stamp))]
            if k >= 3 and not (number in cut and k == steps + 2):
                ids = [*stamps[k - 3 : k], *stamps[k - 2 : k + 1]]
                found.append(('transition', transition(number, k - 3, ids, last=k == steps + 2)))
            if k == steps + 1:  # the environment's word may come before the actor's
                found.append(('episode', msg.Episode(episode=number, aborted=number in aborted)))
    return Bag([(space + topic, message) for topic, message in found if topic not in without])


def played(made, count=9, space='/'):
    said = []
    return list(recorded.episodes(made, space, count, 'reaching', said.append)), said


def test_an_episode_has_the_images_joints_and_rewards_of_its_observations():
    (first, second, third), said = played(bag())
    assert said == [] and third.title == 'reaching, episode 3'
    assert [moment.step for moment in first.moments] == [0, 1, 2]
    assert [moment.reward for moment in first.moments] == [0.0, 1.0, 2.0]
    assert [moment.so_far for moment in second.moments] == [0.0, 1.0, 3.0] and second.total == 3.0
    shown = [[image[0, 0, 0] for image in moment.images] for moment in second.moments]
    assert shown == [[20, 21, 22], [21, 22, 23], [22, 23, 24]], 'oldest first'
    q = second.moments[0].q
    assert q == tuple(22 * 40 + 3 + 1000.0 * joint for joint in range(6)), 'the nearest, by name'


def test_the_disc_moves_from_its_start_on():
    (first, *_), _ = played(bag(steps=5))
    places = [moment.target for moment in first.moments]
    assert places[:3] == 3 * [pytest.approx((0.1, 0.0))], 'cycles 2 to 4: it starts at 4'
    assert places[3] == pytest.approx((0.1 + 0.5 * 0.04, -0.25 * 0.04))
    assert places[5] == pytest.approx((0.1 + 0.5 * 0.12, -0.25 * 0.12))
    (first, *_), _ = played(bag(without=('target',)))
    assert first.moments[0].target is None


def test_the_last_finished_episodes_are_shown():
    found, _ = played(bag(episodes=5, aborted=(4,)), 2)
    assert [episode.title[-1] for episode in found] == ['3', '5']
    found, _ = played(bag(cut=(1, 3)))
    assert [len(episode.moments) for episode in found] == [2, 3, 2], 'what is there of each, and no more'


def test_an_observation_of_which_an_image_is_missing_is_left_out_and_counted():
    made = bag(episodes=1)
    del made.found[[topic for topic, _ in made.found].index('/camera/image_raw')]
    (first,), said = played(made)
    assert [moment.step for moment in first.moments] == [1, 2]
    assert said == ['bag: 1 observations are left out, of which it lacks an image or the joints']


def test_the_return_is_that_of_all_steps_whether_they_are_shown_or_not():
    made = bag(episodes=1, steps=8)
    shots = [at for at, (topic, _) in enumerate(made.found) if topic == '/camera/image_raw']
    for at in (shots[-1], shots[5]):  # of the last observation, and of three in between
        del made.found[at]
    (episode,), said = played(made)
    assert [(moment.step, moment.so_far) for moment in episode.moments] == [
        *((0, 0.0), (1, 1.0), (2, 3.0)),
        *((6, 21.0), (7, 28.0)),
    ]
    assert episode.total == 36.0 and said[0].startswith('bag: 4 observations')


@pytest.mark.parametrize(
    ('fields', 'why'),
    [
        ({'name': ['finger_joint'], 'position': [0.3], 'velocity': [0.0]}, 'they name finger_joint'),
        ({'name': JOINT_NAMES, 'position': [0.3]}, '1 positions, 0 velocities of 6 joints'),
    ],
)
def test_joint_states_of_no_arm_are_passed_over_and_counted(fields, why):
    """As of a gripper, which are as near to the images as those of the arm."""
    made = bag(episodes=1)
    for at in reversed(range(len(made.found))):
        topic, message = made.found[at]
        if topic == '/camera/image_raw':
            made.found.insert(at, ('/joint_states', JointState(header=message.header, **fields)))
    (episode,), said = played(made)
    assert [moment.q for moment in episode.moments] == [moment.q for moment in played(bag())[0][0].moments]
    assert len(said) == 1 and said[0].startswith('bag: 5 joint states passed over, the first: ')
    assert why in said[0]


def test_episodes_without_any_image_are_refused_in_one_line():
    made = bag()
    late = 30 * CYCLE  # from the third episode on
    made.found = [
        (topic, message)
        for topic, message in made.found
        if topic != '/camera/image_raw' or messages.ns_from_time(message.header.stamp) < late
    ]
    with pytest.raises(
        ValueError, match='bag lacks images or joints of every observation in its last 1 finished ep'
    ):
        played(made, 1)
    episodes, said = played(made, 2)
    assert [each.title for each in episodes] == ['reaching, episode 2'] and '3 observations' in said[0]


def test_what_is_old_is_not_kept():
    kept = {}
    for second in range(9):
        recorded._keep(kept, second * 1000 * MS, None)
    assert list(kept) == [second * 1000 * MS for second in range(3, 9)], 'five seconds'


@pytest.mark.parametrize(
    ('made', 'told'),
    [
        (bag(without=('camera/image_raw',)), 'bag lacks /camera/image_raw'),
        (bag(without=('transition',)), 'bag lacks /transition'),
        (bag(episodes=2, aborted=(1, 2)), 'bag holds no finished episode: record a longer bag'),
    ],
)
def test_a_bag_without_what_is_needed_is_refused_in_one_line(made, told):
    with pytest.raises(ValueError) as raised:
        played(made)
    assert str(raised.value).startswith(told)


def test_a_bag_of_a_namespace():
    found, _ = played(Bag(bag().found + bag('/robot_1/').found), space='/robot_1/')
    assert len(found) == 3
