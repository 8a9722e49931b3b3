"""The ros2 command: messages as YAML and back, wrong usage, and the verbs on a real node."""

import io
import itertools
import os
import signal
import sys
import threading
import time
from contextlib import ExitStack, nullcontext
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from own_domain import own_domain

sys.path.insert(0, str(Path(__file__).parent))
from standin_process import Launch, demo_package, import_stand_in, run, write_launch_file

interfaces = import_stand_in('ros2_standin_cli.interfaces')


class Fields:
    """A message as far as the functions look at one."""

    def __init__(self, **fields) -> None:
        self._types = {name: type_name for name, (type_name, _) in fields.items()}
        for name, (_, value) in fields.items():
            setattr(self, name, value)

    def get_fields_and_field_types(self):
        return self._types


class Refusing(Fields):
    """A message that takes a message only where one is expected, as real ones do."""

    def __setattr__(self, name, value) -> None:
        assert name != 'inner' or isinstance(value, Fields)
        super().__setattr__(name, value)


def test_yaml_truncates_arrays_and_texts():
    message = Fields(
        header=('x/Header', Fields(frame_id=('string', 'base'))),
        data=('sequence<uint8>', bytes(range(5))),
        text=('string', 'abcdef'),
        none=('sequence<double>', []),
        ok=('boolean', True),
    )
    assert interfaces.to_yaml(message, 3) == (
        "header:\n  frame_id: bas...\ndata:\n- 0\n- 1\n- 2\n- '...'\ntext: abc...\nnone: []\nok: true\n"
    )
    assert interfaces.to_yaml(message.data, None) == '- 0\n- 1\n- 2\n- 3\n- 4\n'
    assert interfaces.to_yaml(7, 3) == '7\n'


def test_filling_keeps_types():
    message = Fields(
        x=('double', 0.0),
        xs=('sequence<double>', []),
        n=('int64', 0),
        inner=('p/Q', Fields(s=('string', ''))),
    )
    interfaces.fill(message, {'x': 1, 'xs': [1, 2], 'n': 4, 'inner': {'s': 'a'}})
    assert (message.x, message.xs, message.n, message.inner.s) == (1.0, [1.0, 2.0], 4, 'a')
    assert type(message.x) is float


@pytest.mark.parametrize(
    ('values', 'text'),
    [
        ({'b': True}, "field 'b' is not one of ['a', 'inner']"),
        ({'a': 3}, "field 'a' (boolean) cannot be 3"),
        ({'inner': 3}, "field 'inner' (p/Q) cannot be 3"),
    ],
)
def test_filling_refuses(values, text):
    with pytest.raises(interfaces.CommandError) as error:
        interfaces.fill(Refusing(a=('boolean', False), inner=('p/Q', Fields())), values)
    assert str(error.value) == text


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ('action list', "ros2: argument command: invalid choice: 'action'"),
        ('bag record', 'ros2 bag: name the topics to record, or give -a for all'),
        ('bag record -s sqlite3 /a', "ros2 bag record: argument -s/--storage: invalid choice: 'sqlite3'"),
        ('bag play x --rate 0', "ros2 bag play: argument -r/--rate: '0' is no number above 0"),
        ('bag play x -r fast', "ros2 bag play: argument -r/--rate: 'fast' is no number above 0"),
        (
            'bag play x --start-offset nan',
            "ros2 bag play: argument --start-offset: 'nan' is no number of 0 or above",
        ),
        (
            'bag record -a -b -5',
            "ros2 bag record: argument -b/--max-bag-size: '-5' is no whole number of 0 or above",
        ),
        ('topic hz /a -w x', "ros2 topic hz: argument -w/--window: 'x' is no whole number of 0 or above"),
        ('topic', 'ros2 topic: the following arguments are required: verb'),
        ('topic pub /a', 'ros2 topic pub: the following arguments are required: type'),
        (
            'topic pub /a std_msgs/msg/String -r 0',
            "ros2 topic pub: argument -r/--rate: '0' is no number above 0",
        ),
        ('topic pub /a std_msgs/msg/String -1 -t 5', 'ros2 topic pub: argument -t/--times: not allowed with'),
        ('launch nothing.launch.py', "ros2 launch: 'nothing.launch.py' is no file"),
        (f'launch {__file__} x', "ros2 launch: launch argument 'x' is not of the form name:=value"),
        (f'launch {__file__} x:=', "ros2 launch: launch argument 'x:=' is not of the form name:=value"),
    ],
)
def test_wrong_usage_is_one_line(capsys, arguments, message):
    code, told = ended(capsys, arguments)
    assert code == 2
    assert told.startswith(message) and told.count('\n') == 1


def test_help_says_that_it_is_the_stand_in(capsys):
    code, told = ended(capsys, '--help')
    assert code == 0 and 'ros2 (stand-in)' in told


def ended(capsys, words):
    """Exit code of a command, and what it printed."""
    try:
        code = import_stand_in('ros2_standin_cli.ros2_command').main(words.split())
    except SystemExit as end:
        code = end.code
    return code, ''.join(capsys.readouterr())


def test_run_replaces_itself_by_the_executable(tmp_path):
    pytest.importorskip('ament_index_python')
    demo_package(tmp_path / 'prefix', '#!/bin/sh\necho "$#:$*"\n')
    path = {'AMENT_PREFIX_PATH': str(tmp_path / 'prefix')}
    code, lines = run('run', 'demo', 'talker', 'a b', '--c', tmp_path=tmp_path, **path)
    assert (code, lines) == (0, ['2:a b --c'])


def test_the_rate_of_a_topic_that_has_died_is_not_told_again():
    now_s = iter([0.0, 0.5, 1.5])
    rate = import_stand_in('ros2_standin_cli.topic_command').Rate(window=10, monotonic=now_s.__next__)
    silence = 'no new messages'
    assert rate.text() == silence
    rate.note(None)
    assert rate.text() == silence, 'a rate takes two'
    rate.note(None)
    assert rate.text() == 'average rate: 2.000\n\tmin: 0.500s max: 0.500s std dev: 0.00000s window: 1'
    assert rate.text() == silence
    rate.note(None)
    assert rate.text().startswith('average rate: 1.333\n')


def test_what_is_published_has_arrived_before_its_publisher_goes(monkeypatch, capsys):
    pytest.importorskip('std_msgs.msg')
    command = import_stand_in('ros2_standin_cli.publish_command')
    done = []
    publisher = SimpleNamespace(
        get_subscription_count=lambda: 1,
        publish=lambda message: done.append(message.data),
        wait_for_all_acked=lambda limit: done.append('arrived'),
    )
    node = SimpleNamespace(create_publisher=lambda *_: publisher)
    monkeypatch.setattr(command.graph, 'command_node', lambda: nullcontext(node))
    arguments = {'topic': '/a', 'type': 'std_msgs/msg/String', 'values': '{data: x}', 'rate': 1e6}
    command.publish(SimpleNamespace(**arguments, once=False, times=2, wait_matching_subscriptions=None))
    assert done == ['x', 'x', 'arrived']


NODE = """
import rclpy
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import String
from std_srvs.srv import SetBool
rclpy.init()
node = rclpy.create_node('n')
node.declare_parameter('gain', 0.5)
latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
node.create_publisher(String, 'word', latched).publish(String(data='latched'))
def answer(request, response):
    response.success = request.data
    return response
node.create_service(SetBool, 'set', answer)
node.create_subscription(String, 'heard', lambda message: print('heard', message.data, flush=True), latched)
print('ready', flush=True)
try:
    rclpy.spin(node)
except KeyboardInterrupt:
    pass
"""


EXPECTED = {
    ('topic', 'list', '-t'): ['/r/heard [std_msgs/msg/String]\n', '/r/word [std_msgs/msg/String]'],
    (
        'topic',
        'pub',
        '-t',
        '3',
        '-r',
        '50',
        '-w',
        '2',
        '/r/heard',
        'std_msgs/msg/String',
        '{data: "a word"}',
    ): ["publishing #3: std_msgs.msg.String(data='a word')"],
    ('topic', 'echo', '/r/word', '--once'): ['data: latched', '---'],
    ('param', 'set', '/r/n', 'gain', 'x'): ['ros2 param: setting gain failed: Wrong parameter type'],
    ('service', 'call', '/r/set', 'std_srvs/srv/SetBool', '{data: true}'): ['SetBool_Response(success=True'],
}
"""What each prints."""


def as_expected(words, code, lines):
    """Whether a command has printed what it should, and ended as it should."""
    printed = '\n'.join(lines)
    return all(text in printed for text in EXPECTED[words]) and code == (words[1] == 'set')


@pytest.mark.graph
def test_verbs_on_a_real_node(tmp_path, monkeypatch):
    pytest.importorskip('rclpy')
    monkeypatch.setenv('ROS_DOMAIN_ID', str(own_domain()))
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    demo_package(tmp_path / 'prefix', f'#!{sys.executable}\n{NODE}')
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'{tmp_path}/prefix:{os.environ.get("AMENT_PREFIX_PATH", "")}')
    file = write_launch_file(
        tmp_path / 'a.launch.py',
        """Node(package='demo', executable='talker', namespace='r', output='screen',
            ros_arguments=['-p', ['gain:=', LaunchConfiguration('gain')]])""",
        'from launch_ros.actions import Node',
    )
    bag = tmp_path / 'bag'
    with ExitStack() as ends:
        launch = ends.enter_context(Launch('launch', file, 'gain:=1.5', tmp_path=tmp_path))
        launch.wait_for('ready')
        recorder = Launch('bag', 'record', '/r/word', '/r/heard', '-o', bag, tmp_path=tmp_path)
        ends.enter_context(recorder)  # from now on: it goes, too, where what follows fails
        recorder.wait_for("Subscribed to topic '/r/word'")
        commands = {
            words: Launch(*words, tmp_path=tmp_path) for words in EXPECTED
        }  # at once: each takes a second
        published = 0
        for words, command in commands.items():
            with command:
                code, lines = command.finish(60.0), command.lines
            published += 'pub' in words
            deadline = time.monotonic() + 120.0
            # Again, where an answer went before its node knew who asks, or one was found late or not at all.
            while not (done := as_expected(words, code, lines)) and time.monotonic() < deadline:
                with Launch(*words, tmp_path=tmp_path) as command:
                    code, lines = command.finish(60.0), command.lines
                published += 'pub' in words
            assert done, (words, code, lines)
        launch.wait_for('heard a word')  # of three: a subscriber may find a publisher late
        recorder.signal()
        assert recorder.finish() == 0
        assert ' messages of 2 topics in 1 file' in recorder.lines[-1]
        count = recorder.lines[-1].partition(': ')[2].partition(' ')[0]
        code, lines = run('bag', 'info', bag, tmp_path=tmp_path)
        assert code == 0 and f'Messages:          {count}' in lines
        with Launch(
            'bag', 'play', bag, '-r', '0.5', '-l', '--topics', '/r/heard', tmp_path=tmp_path
        ) as player:
            for _ in range(3 * published):  # all but one may be of the publisher
                launch.wait_for('heard a word')
            player.signal()
        assert player.finish() == 130, player.lines
        launch.signal()
        assert launch.finish() == 0


def test_ctrl_c_is_nothing_else_where_the_signal_shuts_ros_down_at_the_same_moment(monkeypatch):
    rclpy = pytest.importorskip('rclpy')
    from rclpy._rclpy_pybind11 import RCLError

    def too_late():
        raise RCLError('failed to shutdown: rcl_shutdown already called on the given context')

    for name, call in {'init': None, 'create_node': None, 'try_shutdown': too_late}.items():
        monkeypatch.setattr(rclpy, name, call or (lambda *_, **__: None))
    with pytest.raises(KeyboardInterrupt), import_stand_in('ros2_standin_cli.graph').command_node():
        raise KeyboardInterrupt


def test_a_recorder_whose_writing_thread_has_died_ends_with_code_1(tmp_path, monkeypatch, capsys):
    pytest.importorskip('ur5_rl_bags')
    recorder = import_stand_in('ros2_standin_cli.bag_record')
    monkeypatch.setattr(recorder, 'fill', lambda queue, writer: 1 / 0)
    monkeypatch.setattr(recorder.signal, 'signal', lambda *_: None)
    monkeypatch.setattr(threading, 'excepthook', lambda _: None)
    node = SimpleNamespace(get_topic_names_and_types=list)
    monkeypatch.setattr(recorder.graph, 'command_node', lambda: nullcontext(node))
    assert recorder.record(tmp_path / 'bag', None, 1e9) == 1
    assert '0 messages' in capsys.readouterr().out


def test_a_later_publisher_that_offers_less_is_said_and_is_a_loss(tmp_path, monkeypatch, capsys):
    rclpy_qos = pytest.importorskip('rclpy.qos')
    pytest.importorskip('ur5_rl_bags')
    recorder = import_stand_in('ros2_standin_cli.bag_record')
    best_effort = rclpy_qos.ReliabilityPolicy.BEST_EFFORT
    reliable, less = (rclpy_qos.QoSProfile(depth=1, **words) for words in ({}, {'reliability': best_effort}))
    publishers = [SimpleNamespace(qos_profile=reliable, topic_type_hash='x')]
    handlers, looks = {}, []

    def topics():
        looks.append(1)
        if len(looks) == 3:
            publishers.append(SimpleNamespace(qos_profile=less, topic_type_hash='x'))
        if len(looks) == 6:
            handlers[signal.SIGINT](signal.SIGINT, None)
        return [('/x', ['std_msgs/msg/String'])]

    handle = nullcontext()
    handle.take_message = lambda *_: None
    node = SimpleNamespace(
        get_topic_names_and_types=topics,
        get_publishers_info_by_topic=lambda name: list(publishers),
        create_subscription=lambda kind, name, *_, **__: SimpleNamespace(
            topic_name=name, handle=handle, msg_type=kind
        ),
    )
    monkeypatch.setattr(recorder.signal, 'signal', handlers.__setitem__)
    monkeypatch.setattr(recorder.graph, 'command_node', lambda: nullcontext(node))
    monkeypatch.setattr(recorder, '_DISCOVER_S', 0.0)
    assert recorder.record(tmp_path / 'bag', None, 1e9) == 1
    said = capsys.readouterr()
    assert said.out.count("Subscribed to topic '/x'") == 1
    assert said.err.count("WARNING: '/x' is recorded without a publisher that came later") == 1


@pytest.fixture
def player(monkeypatch):
    """Plays three messages of /a, of second 5, 6 and 7, without a graph and without waiting."""
    pytest.importorskip('ur5_rl_bags')
    module = import_stand_in('ros2_standin_cli.bag_play')
    published, taken = [], []
    publisher = SimpleNamespace(publish=published.append, wait_for_all_acked=lambda limit: None)
    node = SimpleNamespace(
        create_publisher=lambda *_: publisher,
        get_publishers_info_by_topic=lambda name: [name] if name in taken else [],
    )
    monkeypatch.setattr(module.graph, 'command_node', lambda: nullcontext(node))
    monkeypatch.setattr(module.graph, 'settle', lambda node: 0)
    now_s = itertools.count(100.0)  # all is due at once
    monkeypatch.setattr(module, 'Playing', partial(module.Playing, monotonic=now_s.__next__))
    monkeypatch.setattr(module, '_turn', lambda *_: None)
    monkeypatch.setattr(module.sys, 'stdin', io.StringIO())
    messages = [SimpleNamespace(topic='/a', receive_time_ns=s * 10**9, data=s) for s in (5, 6, 7)]
    topic = SimpleNamespace(qos=[])
    bag = SimpleNamespace(
        folder='x',
        topics={'/a': topic, '/rosout': topic},
        type_of=lambda topic: object,
        messages=lambda topics=None: iter(messages),
    )
    parser = import_stand_in('ros2_standin_cli.ros2_command').parser()

    def play(words):
        module.play(bag, parser.parse_args(['bag', 'play', *words.split()]))

    return SimpleNamespace(module=module, play=play, published=published, taken=taken)


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        ('x --start-offset 2.1', r'nothing to play: x holds no message of /a, /rosout from 2\.1 s on'),
        ('x --start-paused', '--start-paused waits for the space bar, and there is no keyboard'),
    ],
)
def test_a_player_that_would_play_nothing_is_refused(player, words, sentence):
    with pytest.raises((ValueError, player.module.UsageError), match=sentence):
        player.play(words)


def test_a_player_beside_others_who_publish_the_same_says_so(player, capsys):
    player.play('x -r 100')
    assert player.published == [5, 6, 7] and capsys.readouterr().err == ''
    player.taken += ['/a', '/rosout']
    player.play('x -r 100')
    line = capsys.readouterr().err
    assert line.startswith('WARNING: /a have a publisher here already') and line.count('\n') == 1


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        ('bag info nowhere', 'ros2 bag: nowhere is not there: give the folder of a bag'),
        ('bag play .', 'is no bag: no file .mcap or .db3 is in it'),
        ('bag record /a -o .', 'already exists'),
    ],
)
def test_a_bag_that_is_not_there_is_one_line(tmp_path, monkeypatch, capsys, words, sentence):
    pytest.importorskip('ur5_rl_bags')
    monkeypatch.chdir(tmp_path)
    code, told = ended(capsys, words)
    assert code == 1 and told.count('\n') == 1 and sentence in told


@pytest.mark.parametrize('words', [['topic', 'list'], ['launch', 'a.launch.py']])
def test_a_middleware_that_is_not_installed_is_one_line(tmp_path, words):
    index = tmp_path / 'share/ament_index/resource_index/rmw_typesupport'
    index.mkdir(parents=True)
    for name in ('rmw_implementation', 'rmw_b', 'rmw_a'):
        (index / name).touch()
    environment = {'AMENT_PREFIX_PATH': f'/nowhere:{tmp_path}', 'RMW_IMPLEMENTATION': 'rmw_c'}
    code, lines = run(*words, tmp_path=tmp_path, **environment)
    assert code == 2
    assert lines == [
        f"ros2 {words[0]}: RMW_IMPLEMENTATION is 'rmw_c', which is not installed; installed is rmw_a, rmw_b: "
        'set it to one that is, or unset it'
    ]
