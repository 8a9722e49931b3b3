"""The player in a graph: who listens gets it all, by the bag's time."""

import threading
import time
from contextlib import suppress
from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
import rclpy
from bag_messages import BEST_EFFORT, START, joints, recorded, writer_of
from own_domain import own_domain
from rclpy.executors import SingleThreadedExecutor, TimeoutException
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState

from ur5_rl_bags import qos
from ur5_rl_bags.metadata import TopicEntry
from ur5_rl_bags.nodes import bag_player
from ur5_rl_graph import topics
from ur5_rl_interfaces import msg

pytestmark = pytest.mark.graph
COUNT = 20


@pytest.fixture
def bag(tmp_path):
    """Joint states in 2 s, an arm's latched status before, and commands, which move an arm."""
    writer = writer_of(tmp_path / 'bag')
    latched = qos.described(topics.ARM_STATUS.qos)
    writer.declare(TopicEntry('/arm/status', 'ur5_rl_interfaces/msg/ArmStatus', [latched]))
    writer.declare(
        TopicEntry('/arm/velocity_command', 'ur5_rl_interfaces/msg/VelocityCommand', [BEST_EFFORT])
    )
    writer.add(recorded('/arm/status', msg.ArmStatus(text='known before'), 0.0))
    for number in range(COUNT):
        writer.add(recorded('/joint_states', joints(number), 1.0 + 0.1 * number))
        command = msg.VelocityCommand(velocity=[0.1])
        writer.add(recorded('/arm/velocity_command', command, 1.0 + 0.1 * number))
    writer.close()
    return tmp_path / 'bag'


@pytest.fixture
def graph(bag, monkeypatch):
    """Starts the player of a run; gives the node of those who listen, and the player."""
    monkeypatch.setattr(bag_player.rosbag2, 'available', lambda: False)
    words = f'-p bag:={bag.parent} -p rate:=4.0 -p start_offset:=0.5'.split()
    rclpy.init(args=['--ros-args', *words], domain_id=own_domain())
    made = [rclpy.create_node('others')]

    def start():
        made.append(bag_player.BagPlayer())
        return made[-1]

    yield made[0], start
    for node in made:
        node.destroy_node()
    rclpy.try_shutdown()


def until_it_ends(player, *others):
    """Spins the nodes; returns the exit code with which the player ends."""
    executor = SingleThreadedExecutor()
    for node in (player, *others):
        executor.add_node(node)
    deadline = time.monotonic() + 60.0
    with pytest.raises(SystemExit) as end:
        while time.monotonic() < deadline:
            executor.spin_once(timeout_sec=0.1)
    executor.remove_node(player)
    with suppress(TimeoutException):
        while True:  # what was on its way when the player ended
            work, *_ = executor.wait_for_ready_callbacks(timeout_sec=0.1)
            work()
    return end.value.code


def test_who_listens_gets_all_but_what_would_move_the_arm(graph, capsys):
    others, start = graph
    heard, clock, moved, status = [], [], [], []
    topics.JOINT_STATES.subscription(others, heard.append)
    topics.VELOCITY_COMMAND.subscription(others, moved.append)
    others.create_subscription(Clock, '/clock', clock.append, 100)
    topics.ARM_STATUS.subscription(others, status.append)
    assert until_it_ends(start(), others) == 0
    said = capsys.readouterr().out
    assert 'not played: /arm/velocity_command (somebody would act on it' in said
    assert f'{COUNT + 1} messages played in ' in said and not moved
    expected = [0.5 * number for number in range(COUNT)]  # of best effort: the first may come too early
    assert len(heard) > COUNT // 2
    assert [message.position[0] for message in heard] == expected[-len(heard) :]
    assert [message.text for message in status] == ['known before']
    stamps = [message.clock.sec * 10**9 + message.clock.nanosec - START for message in clock]
    assert stamps == sorted(stamps) and 0.5e9 <= stamps[0] and stamps[-1] <= 2.9e9 and len(stamps) > 1


@pytest.mark.parametrize(('kind', 'name'), [(JointState, '/joint_states'), (Clock, '/clock')])
def test_it_is_refused_beside_whoever_publishes_the_same_or_a_time(graph, capsys, kind, name):
    others, start = graph
    topics.JOINT_STATES.subscription(others, lambda message: None)
    topics.ARM_STATUS.subscription(others, lambda message: None)
    driver = others.create_publisher(kind, name, 10)
    while not others.count_publishers(name):
        threading.Event().wait(0.01)
    assert until_it_ends(start(), others) == 2 and driver
    said = capsys.readouterr().err
    assert f'{name} has a publisher here already (/others)' in said and said.count('\n') == 1


def test_where_rosbag2_has_recorded_several_bags_of_a_run_they_are_played_here(
    bag, graph, monkeypatch, capsys
):
    others, start = graph
    for topic in (topics.JOINT_STATES, topics.ARM_STATUS):
        topic.subscription(others, lambda message: None)
    more = writer_of(bag.with_name('bag_1'))
    more.add(recorded('/joint_states', joints(COUNT), 1.1 + 0.1 * COUNT))
    more.close()
    monkeypatch.setattr(bag_player.rosbag2, 'available', lambda: True)
    player = start()
    assert until_it_ends(player, others) == 0
    assert f'{COUNT + 2} messages played in ' in capsys.readouterr().out


@pytest.mark.parametrize(('codes', 'expected'), [([None, 0], 0), ([None, 3], 1)])
def test_where_rosbag2_is_installed_it_plays_the_same_and_its_end_is_the_end(
    graph, monkeypatch, codes, expected
):
    others, start = graph
    for topic in (topics.JOINT_STATES, topics.ARM_STATUS):
        topic.subscription(others, lambda message: None)
    started, left = [], iter(codes)
    process = SimpleNamespace(poll=lambda: next(left, codes[-1]))
    monkeypatch.setattr(bag_player.rosbag2, 'available', lambda: True)
    monkeypatch.setattr(bag_player.rosbag2, 'start', lambda words: started.append(words) or process)
    assert until_it_ends(start(), others) == expected
    (words,) = started
    assert words[-2:] == ['/arm/status', '/joint_states'] and words[words.index('--rate') + 1] == '4'
