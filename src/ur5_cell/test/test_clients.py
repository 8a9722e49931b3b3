"""Many clients at once, on real sockets: everybody gets a turn, and nobody more than one."""

import select
import socket
import sys
from pathlib import Path

import pytest

from ur5_cell import controller as controller_module
from ur5_cell.clients import LARGEST_NUMBER, Clients
from ur5_cell.connections import BYTES_PER_TURN, LINE_BYTES_PER_TURN, LineConnection
from ur5_cell.controller import DASHBOARD_PORT, RTDE_PORT, SCRIPT_PORT, RobotController
from ur5_cell.loopback import BindError

sys.path.insert(0, str(Path(__file__).parent))
from own_address import own_address

HOST = own_address('clients')
PORT = 30090


def ready(group):
    return select.select(group.watched(), (), (), 1.0)[0]


@pytest.fixture
def lines():
    return []


@pytest.fixture
def group(lines):
    """One port on which each line is answered by itself."""
    group = Clients(
        HOST, {PORT: lambda sock, log: LineConnection(sock, None, log, lambda line: line)}, lines.append
    )
    yield group
    group.close()


@pytest.fixture
def controller(lines):
    controller = RobotController(HOST, log=lines.append)
    yield controller
    controller.close()


def connect(group, port=PORT):
    sock = socket.create_connection((HOST, port), 2.0)
    (listener,) = ready(group)
    group.give_turn(listener)
    return sock


def test_clients_take_turns(group):
    sockets = [connect(group) for _ in range(3)]
    for sock in sockets:
        sock.sendall(b'x' * (LINE_BYTES_PER_TURN - 1) + b'\n' + b'y' * (LINE_BYTES_PER_TURN - 1) + b'\n')
    served = []
    for _ in range(6):
        served.append(ready(group)[0])
        group.give_turn(served[-1])
    assert len(set(served[:3])) == 3 and served[3:] == served[:3]
    for sock in sockets:
        sock.close()


def test_more_clients_than_the_limit_are_turned_away_and_those_there_are_served(group, lines):
    sockets = [connect(group) for _ in range(LARGEST_NUMBER + 3)]
    assert [sock.recv(1) for sock in sockets[LARGEST_NUMBER:]] == [b''] * 3
    assert lines == [f'client turned away: port {PORT} has {LARGEST_NUMBER} clients (limit)'] * 3
    sockets[0].sendall(b'hello\n')
    (connection,) = ready(group)
    group.give_turn(connection)
    assert sockets[0].recv(10) == b'hello\n'
    sockets[1].close()
    group.give_turn(ready(group)[0])
    sockets[-1] = connect(group)
    sockets[-1].sendall(b'again\n')
    group.give_turn(ready(group)[0])
    assert sockets[-1].recv(10) == b'again\n'
    for sock in sockets:
        sock.close()


def test_a_thousand_that_come_and_go_leave_nothing(group):
    for _ in range(1000):
        connect(group).close()
        for each in ready(group):
            group.give_turn(each)
    for _ in range(10):
        for each in select.select(group.watched(), (), (), 0.0)[0]:
            group.give_turn(each)
    assert len(group.watched()) == 1


def test_what_is_not_ours_gets_no_turn(group):
    sock = connect(group)
    (connection,) = group.watched()[1:]
    group.close()
    group.give_turn(connection)  # was ready, but closed by somebody served before
    assert not group.is_open
    sock.close()


def test_where_one_port_is_busy_none_stays_open(group):
    with pytest.raises(BindError):
        Clients(HOST, {PORT + 1: None, PORT: None}, print)
    with socket.socket() as sock:
        assert sock.connect_ex((HOST, PORT + 1)) != 0


def test_clients_have_their_turns_only_until_the_next_step_is_due(controller):
    sockets = [socket.create_connection((HOST, RTDE_PORT), 2.0) for _ in range(4)]
    for _ in range(4):
        controller._serve(1.0, until=0)
    for sock in sockets:
        sock.sendall(b'\x00\x03P' * 1000)
    for _ in range(8):
        controller._serve(1.0, until=0)
    answers = [len(sock.recv(65536)) // len(b'\x00\x04P\x01') for sock in sockets]
    assert answers == [2 * BYTES_PER_TURN // 3] * 4
    for sock in sockets:
        sock.close()


class FakeTime:
    """A clock that only `sleep` and the controller's service move."""

    now = 0

    def monotonic_ns(self):
        return self.now

    def sleep(self, seconds):
        self.now += round(seconds * 1e9)


def test_serving_takes_half_of_a_period_at_most(controller, monkeypatch):
    clock = FakeTime()
    served = []

    def serve(timeout, until):
        served.append((clock.now, until))
        clock.now += 1_500_000
        return 1_000_000

    monkeypatch.setattr(controller_module, 'time', clock)
    monkeypatch.setattr(controller, '_serve', serve)
    controller._await(8_000_000, 8_000_000)
    # Four times a millisecond of work, and what has come until the step is due.
    assert [begin for begin, _ in served] == [0, 1_500_000, 3_000_000, 4_500_000, 7_500_000]
    assert {until for _, until in served} == {8_000_000}


def test_whoever_floods_the_log_is_cut_short(controller, lines):
    with socket.create_connection((HOST, RTDE_PORT), 2.0) as sock:
        controller._serve(1.0, until=0)
        sock.sendall(b'\x00\x09M\x03hello' * 100)
        controller._serve(1.0, until=0)
    assert lines.count('RTDE client without a name says: hello') == 20


def test_the_dashboard_hangs_up_after_quit(controller):
    with socket.create_connection((HOST, DASHBOARD_PORT), 2.0) as sock:
        controller._serve(1.0, until=0)
        sock.sendall(b'quit\n')
        controller._serve(1.0, until=0)
        assert sock.makefile().read() == 'Connected: Universal Robots Dashboard Server\nDisconnected\n'


def test_a_program_of_one_who_never_read_and_has_gone_still_runs(controller):
    sock = socket.create_connection((HOST, SCRIPT_PORT), 2.0)
    controller._serve(1.0, until=0)
    for step in range(10):
        controller._step(step)
    sock.sendall(b'def rtde_control():\n# int register offset\n0\n# float register offset\n0\nend\n')
    sock.close()  # with the stream unread: the kernel resets the connection
    controller._serve(1.0, until=0)
    for step in range(20):
        controller._step(step)
    assert controller.robot.runtime_state == 2
