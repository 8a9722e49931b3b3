"""What the servo process sends to a node that does not read for a while."""

import contextlib
import socket

import pytest

pytest.importorskip('rtde_control')

from ur5_rl_env.devices.arm_packets import LONGEST, AnswerPacket, ExecutedPacket, TextPacket, unpack
from ur5_rl_env.devices.arm_process import Line

REPORT = ExecutedPacket(6, 5, (0.0,) * 6, (0.0,) * 6, 0.2, True)
WORDS = [TextPacket(4, 'protective stop'), TextPacket(1, 'in operation')]
ANSWERS = [AnswerPacket(number, True, 'at home') for number in (1, 2)]


@pytest.fixture
def node_and_line():
    """The node's end of the socket, and the servo's line."""
    node, servo = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    node.setblocking(False)
    yield node, Line(servo.detach())
    node.close()


def read(node):
    packets = []
    with contextlib.suppress(BlockingIOError):
        while True:
            packets.append(unpack(node.recv(LONGEST)))
    return packets


def test_what_is_said_once_waits_for_room_and_all_else_is_dropped(node_and_line):
    node, line = node_and_line
    for _ in range(5000):
        line.send(REPORT)
    for packet in (WORDS[0], ANSWERS[0], WORDS[1], ANSWERS[1]):
        line.send(packet)
    before = read(node)
    assert 0 < len(before) < 5000 and set(before) == {REPORT}
    line.send(REPORT)
    assert read(node) == [ANSWERS[0], WORDS[1], ANSWERS[1], REPORT], 'of the texts only the newest'


def test_packets_go_in_their_order_and_once(node_and_line):
    node, line = node_and_line
    sent = [REPORT, ANSWERS[0], WORDS[0], REPORT, WORDS[1]]
    for packet in sent:
        line.send(packet)
    assert read(node) == sent


def test_a_node_that_has_gone_is_no_error(node_and_line):
    node, line = node_and_line
    node.close()
    for packet in (REPORT, WORDS[0], *ANSWERS):
        line.send(packet)
