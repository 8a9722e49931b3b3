"""The dashboard's commands: those of the CB-Series, each with Universal Robots' own text."""

import sys
from pathlib import Path

import pytest

from ur5_cell import dashboard
from ur5_cell.connections import LARGEST_UNSENT, LONGEST_LINE, ConnectionLost, DashboardConnection
from ur5_cell.robot import Robot
from ur5_cell.robot_config import RobotConfig
from ur5_cell.script_port import Upload

sys.path.insert(0, str(Path(__file__).parent))
from fake_socket import FakeSocket


@pytest.fixture
def robot():
    return Robot(RobotConfig(), print)


@pytest.mark.parametrize(
    ('command', 'text'),
    [
        ('load drill.urp', 'File not found: drill.urp'),
        ('load installation cell.installation', 'File not found: cell.installation'),
        ('play', 'Failed to execute: play'),
        ('stop', 'Stopped'),
        ('pause', 'Failed to execute: pause'),
        ('quit', 'Disconnected'),
        ('running', 'Program running: false'),
        ('robotmode', 'Robotmode: RUNNING'),
        ('get loaded program', 'Loaded program: rtde_control.urp'),
        ('popup hello there', 'showing popup'),
        ('popup', 'showing popup'),
        ('close popup', 'closing popup'),
        ('addToLog hello there', 'Added log message'),
        ('addToLog', 'No log message to add'),
        ('setUserRole operator', 'Setting user role: operator'),
        ('setUserRole king', 'Failed setting user role: king'),
        ('getUserRole', 'NONE'),
        ('isProgramSaved', 'true rtde_control.urp'),
        ('programState', 'STOPPED rtde_control.urp'),
        ('PolyscopeVersion', 'URSoftware 3.15.8.106339 (simulated)'),
        ('version', '3.15.8.106339'),
        ('safetymode', 'Safetymode: NORMAL'),
        ('safetystatus', 'Safetystatus: NORMAL'),
        ('unlock protective stop', 'Protective stop releasing'),
        ('close safety popup', 'closing safety popup'),
        ('power on', 'Powering on'),
        ('power off', 'Powering off'),
        ('brake release', 'Brake releasing'),
        ('restart safety', 'Restarting safety'),
        ('shutdown', 'Shutting down'),
        ('get robot model', 'UR5'),
        ('get serial number', '20173500000'),
        ('saveLog', 'Log saved to disk'),
        ('', 'could not understand: ""'),
        ('jump', 'could not understand: "jump"'),
        ('popups', 'could not understand: "popups"'),
        ('ROBOTMODE', 'could not understand: "ROBOTMODE"'),
    ],
)
def test_every_command_has_its_answer(robot, command, text):
    assert dashboard.answer(robot, command) == text


def test_the_user_role_is_the_one_set(robot):
    dashboard.answer(robot, 'setUserRole operator')
    dashboard.answer(robot, 'setUserRole king')
    assert dashboard.answer(robot, 'getUserRole') == 'OPERATOR'


@pytest.mark.parametrize('command', ['generate flight report system', 'generate support file /tmp'])
def test_what_a_simulated_controller_cannot_do_is_an_error(robot, command):
    assert dashboard.answer(robot, command).startswith('Error: ')


def test_answers_follow_the_safety_mode(robot):
    robot.protective_stop('test')
    assert dashboard.answer(robot, 'safetystatus') == 'Safetystatus: PROTECTIVE_STOP'
    assert dashboard.answer(robot, 'unlock protective stop') == (
        'Cannot unlock protective stop until 5s after occurrence. '
        'Always inspect cause of protective stop before unlocking'
    )
    robot.emergency_stop()
    assert dashboard.answer(robot, 'safetystatus') == 'Safetystatus: ROBOT_EMERGENCY_STOP'


def test_answers_follow_the_program(robot):
    robot.load(Upload(0, 0))
    for _ in range(14):
        robot.step()
    assert dashboard.answer(robot, 'running') == 'Program running: true'
    assert dashboard.answer(robot, 'programState') == 'PLAYING rtde_control.urp'
    assert dashboard.answer(robot, 'pause') == 'Pausing program'
    assert dashboard.answer(robot, 'programState') == 'PAUSED rtde_control.urp'
    assert dashboard.answer(robot, 'play') == 'Starting program'


@pytest.mark.parametrize('command', ['shutdown', 'restart safety', 'power off'])
def test_afterwards_the_arm_has_no_power(robot, command):
    dashboard.answer(robot, command)
    assert dashboard.answer(robot, 'robotmode') == 'Robotmode: POWER_OFF'


def connect(robot, room=None):
    sock = FakeSocket(room)
    return sock, DashboardConnection(sock, robot, print)


def test_one_line_out_for_each_line_in_after_a_greeting(robot):
    sock, connection = connect(robot)
    sock.arrived += b'robotmode\r\nsafety'
    connection.receive()
    sock.arrived += b'mode\n\xff\xfe\n'
    connection.receive()
    assert sock.sent.decode().split('\n') == [
        'Connected: Universal Robots Dashboard Server',
        'Robotmode: RUNNING',
        'Safetymode: NORMAL',
        'could not understand: "\ufffd\ufffd"',
        '',
    ]


def test_quit_closes_after_its_answer_and_does_nothing_behind_it(robot):
    sock, connection = connect(robot)
    sock.arrived += b'quit\npower off\n'
    with pytest.raises(ConnectionLost) as reason:
        connection.receive()
    assert not str(reason.value)  # nothing to be logged
    assert sock.sent.endswith(b'Server\nDisconnected\n')
    assert robot.robot_mode == 7


def test_a_line_without_an_end_is_given_up(robot):
    sock, connection = connect(robot)
    sock.arrived += bytes(LONGEST_LINE + 1)
    with pytest.raises(ConnectionLost, match='4097 bytes without a line end'):
        while True:
            connection.receive()


def test_a_client_that_never_reads_is_not_answered_for_ever(robot):
    sock, connection = connect(robot, room=0)
    sock.arrived += b'robotmode\n' * 100_000
    while connection.wants_input:
        connection.receive()
    assert len(connection._unsent) < LARGEST_UNSENT + 4096
