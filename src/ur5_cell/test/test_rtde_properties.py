"""RTDE from anybody: values come back, streams may be cut anywhere, garbage ends one connection at most."""

import struct
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ur5_cell import rtde_protocol
from ur5_cell.connections import ConnectionLost
from ur5_cell.registers import INPUT_TYPES
from ur5_cell.robot import Robot
from ur5_cell.robot_config import RobotConfig
from ur5_cell.rtde_connection import RtdeConnection
from ur5_cell.rtde_outputs import OUTPUT_TYPES
from ur5_cell.rtde_protocol import ProtocolError

sys.path.insert(0, str(Path(__file__).parent))
from fake_socket import FakeSocket

BYTE = st.integers(0, 255)
PACKET = st.tuples(BYTE, st.binary(max_size=60))
CUTS = st.lists(st.integers(1, 40), max_size=20)


def pieces(stream, cuts):
    """The stream in pieces of these sizes, the rest at last."""
    for size in cuts:
        yield stream[:size]
        stream = stream[size:]
    yield stream


@given(packets=st.lists(PACKET, max_size=8), cuts=CUTS)
def test_packets_come_out_as_they_went_in_however_the_stream_is_cut(packets, cuts):
    stream = b''.join(rtde_protocol.encode(kind, payload) for kind, payload in packets)
    buffer, found = bytearray(), []
    for piece in pieces(stream, cuts):
        buffer += piece
        found += rtde_protocol.take_packets(buffer)
    assert (found, buffer) == (packets, b'')


VALUES = {
    '?': st.booleans(),
    'B': BYTE,
    'I': st.integers(0, 2**32 - 1),
    'Q': st.integers(0, 2**64 - 1),
    'i': st.integers(-(2**31), 2**31 - 1),
    'd': st.floats(allow_nan=False),
}
TYPES = OUTPUT_TYPES | INPUT_TYPES
NAMES = st.lists(st.sampled_from(sorted(TYPES)), min_size=1, max_size=8, unique=True)


@given(names=NAMES, prefix=st.sampled_from([b'', b'\x01']), data=st.data())
def test_values_of_any_recipe_come_back_by_name(names, prefix, data):
    recipe = rtde_protocol.make_recipe(names, TYPES)
    wanted = {}
    for name in names:
        code, length = rtde_protocol.TYPES[TYPES[name]]
        value = VALUES[code[-1]]
        wanted[name] = data.draw(value if length == 1 else st.tuples(*[value] * length))
    flat = [x for value in wanted.values() for x in (value if isinstance(value, tuple) else (value,))]
    packet = bytearray(rtde_protocol.encode_data(prefix, recipe, flat))
    ((kind, payload),) = rtde_protocol.take_packets(packet)
    assert kind == rtde_protocol.DATA and payload.startswith(prefix)
    assert rtde_protocol.decode_data(recipe, payload[len(prefix) :]) == wanted


@given(garbage=st.binary(max_size=300), version=st.sampled_from([1, 2]))
def test_of_garbage_the_protocol_says_that_it_is_none_and_nothing_else(garbage, version):
    buffer = bytearray(garbage)
    try:
        taken = rtde_protocol.take_packets(buffer)
        assert sum(rtde_protocol.HEADER.size + len(payload) for _, payload in taken) + len(buffer) == len(
            garbage
        )
    except ProtocolError:
        pass
    try:
        assert all(rtde_protocol.split_names(garbage))
    except ProtocolError:
        pass
    assert all(isinstance(part, str) for part in rtde_protocol.decode_text(version, garbage))


KINDS = st.sampled_from(b'VvOISPUM') | BYTE
FREQUENCY = st.floats().map(lambda rate: struct.pack('>d', rate))
LISTS = st.lists(st.sampled_from([*sorted(TYPES), 'x', '']), max_size=4).map(lambda n: ','.join(n).encode())
PAYLOADS = st.one_of(
    st.binary(max_size=60),
    LISTS,
    st.tuples(FREQUENCY, LISTS).map(b''.join),
    st.tuples(st.integers(0, 3).map(lambda n: bytes([n])), st.binary(max_size=60)).map(b''.join),
    st.sampled_from([b'\x00\x01', b'\x00\x02']),
)
INPUTS = st.lists(st.sampled_from(sorted(INPUT_TYPES)), min_size=1, max_size=2, unique=True)
SENSIBLE = st.one_of(  # what gets further than the first check
    st.tuples(st.just(ord('I')), INPUTS.map(lambda names: ','.join(names).encode())),
    st.tuples(st.just(ord('U')), st.binary(max_size=30).map(lambda values: b'\x01' + values)),
)


@given(
    packets=st.lists(SENSIBLE | st.tuples(KINDS, PAYLOADS), max_size=12),
    tail=st.binary(max_size=20),
    cuts=CUTS,
)
def test_whatever_a_client_sends_it_loses_its_connection_at_most(packets, tail, cuts):
    robot = Robot(RobotConfig(), lambda line: None)
    socket = FakeSocket()
    connection = RtdeConnection(socket, robot, lambda line: None)
    stream = b''.join(rtde_protocol.encode(kind, payload) for kind, payload in packets) + tail
    try:
        for piece in pieces(stream, cuts):
            socket.arrived += piece
            while socket.arrived:
                connection.receive()
            robot.step()
            connection.after_step()
    except ConnectionLost:
        pass
    connection.close()
    robot.step()
    names = sorted(INPUT_TYPES)
    other = robot.inputs.claim(object(), names)
    assert rtde_protocol.IN_USE not in other  # it holds nothing that others need
    rtde_protocol.take_packets(socket.sent)
    assert not socket.sent  # whole packets only
