"""What the servo process sends to a node that does not read for a while."""

import contextlib
import socket

import pytest

pytest.importorskip('rtde_control')

from ur5_rl_env.devices.arm_packets import LONGEST, AnswerPacket, TextPacket, unpack
from ur5_rl_env.devices.arm_process import Line

SAID = TextPacket(4, 'protective stop')
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


def test_an_answer_waits_for_room_and_all_else_is_dropped(node_and_line):
    node, line = node_and_line
    for _ in range(5000):
        line.send(SAID)
    for answer in ANSWERS:
        line.send(answer)
    before = read(node)
    assert 0 < len(before) < 5000 and set(before) == {SAID}
    line.send(SAID)
    assert read(node) == [*ANSWERS, SAID]


def test_packets_go_in_their_order_and_answers_once(node_and_line):
    node, line = node_and_line
    for packet in (SAID, ANSWERS[0], SAID):
        line.send(packet)
    assert read(node) == [SAID, ANSWERS[0], SAID]


def test_a_node_that_has_gone_is_no_error(node_and_line):
    node, line = node_and_line
    node.close()
    for packet in (SAID, *ANSWERS):
        line.send(packet)
