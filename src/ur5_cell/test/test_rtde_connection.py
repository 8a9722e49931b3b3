"""RTDE clients of every kind, good and bad, on a connection without a network."""

import struct
import sys
from pathlib import Path

import pytest

from ur5_cell.connections import BYTES_PER_TURN, LARGEST_UNSENT, ConnectionLost
from ur5_cell.robot import Robot
from ur5_cell.robot_config import RobotConfig
from ur5_cell.rtde_connection import RtdeConnection
from ur5_cell.rtde_protocol import encode, take_packets

sys.path.insert(0, str(Path(__file__).parent))
from fake_socket import FakeSocket


class Client:
    """The far end of one RTDE connection to a robot."""

    def __init__(self, robot=None, room=None):
        self.lines = []
        self.robot = robot or Robot(RobotConfig(), self.lines.append)
        self.socket = FakeSocket(room)
        self.connection = RtdeConnection(self.socket, self.robot, self.lines.append)

    def send(self, data):
        self.socket.arrived += data
        while self.socket.arrived and self.connection.wants_input:
            self.connection.receive()

    def ask(self, kind, payload=b''):
        self.send(encode(ord(kind), payload))
        return self.packets()

    def packets(self):
        return [(chr(kind), payload) for kind, payload in take_packets(self.socket.sent)]

    def step(self, count=1):
        for _ in range(count):
            self.robot.step()
            self.connection.after_step()
        return self.packets()


def frequency(value):
    return struct.pack('>d', value)


@pytest.fixture
def client():
    """A client that speaks version 2."""
    client = Client()
    assert client.ask('V', b'\x00\x02') == [('V', b'\x01')]
    return client


def test_version_2_by_hand(client):
    assert client.ask('v') == [('v', struct.pack('>4I', 3, 15, 8, 106339))]
    assert client.ask('O', frequency(125.0) + b'timestamp,robot_mode') == [('O', b'\x01DOUBLE,INT32')]
    assert client.step() == []  # no data before the start is answered
    assert client.ask('S') == [('S', b'\x01')]
    assert client.step() == [('U', b'\x01' + struct.pack('>di', 2 * 0.008, 7))]
    assert client.ask('P') == [('P', b'\x01')]
    assert client.step() == []


def test_version_1_is_spoken_until_another_is_agreed_on():
    client = Client()
    assert client.ask('O', b'timestamp,robot_mode') == [('O', b'DOUBLE,INT32')]
    assert client.ask('S') == [('S', b'\x01')]
    assert client.step(2) == [('U', struct.pack('>di', n * 0.008, 7)) for n in (1, 2)]
    assert client.ask('I', b'input_int_register_5') == [('I', b'\x01INT32')]
    client.send(encode(ord('U'), b'\x01' + struct.pack('>i', -3)))  # with its id in either version
    assert client.robot.inputs.integer(5) == -3


@pytest.mark.parametrize(('asked', 'answer'), [(0, 0), (1, 1), (2, 1), (3, 0), (65535, 0)])
def test_versions_that_are_not_spoken_are_refused_and_change_nothing(asked, answer):
    client = Client()
    assert client.ask('V', struct.pack('>H', asked)) == [('V', bytes((answer,)))]
    version_2 = asked == 2
    payload = (frequency(125.0) if version_2 else b'') + b'timestamp'
    assert client.ask('O', payload) == [('O', (b'\x01' if version_2 else b'') + b'DOUBLE')]


@pytest.mark.parametrize(
    ('asked', 'steps'),
    [(125.0, 1), (124.9, 1), (100.0, 1), (62.6, 1), (62.5, 2), (60.0, 2), (50.0, 2), (25.0, 5), (1.0, 125)],
)
def test_outputs_come_at_every_floor_of_125_over_frequency_th_step(client, asked, steps):
    client.ask('O', frequency(asked) + b'timestamp')
    client.ask('S')
    times = [struct.unpack('>xd', payload)[0] for _, payload in client.step(4 * steps)]
    assert times == pytest.approx([n * steps * 0.008 for n in (1, 2, 3, 4)])


@pytest.mark.parametrize(('asked', 'steps'), [(0.2, 125), (-1.0, 125), (500.0, 1), (float('nan'), 1)])
def test_a_rate_out_of_range_becomes_the_nearest_one_with_a_line(client, asked, steps):
    client.ask('O', frequency(asked) + b'timestamp')
    client.ask('S')
    assert len(client.step(250)) == 250 // steps
    assert 'is outside 1 to 125' in client.lines[-1]


def test_a_set_up_that_is_refused_leaves_nothing_to_start(client):
    client.ask('O', frequency(125.0) + b'timestamp')
    client.ask('S')
    assert client.ask('O', frequency(125.0) + b'timestamp,nonsense') == [('O', b'\x01DOUBLE,NOT_FOUND')]
    assert client.step() == []
    assert client.ask('S') == [('S', b'\x00')]
    assert client.step() == []
    client.ask('O', frequency(125.0) + b'robot_mode')
    assert client.ask('S') == [('S', b'\x01')]
    assert client.step() == [('U', b'\x01' + struct.pack('>i', 7))]


def test_a_new_set_up_waits_for_its_start(client):
    client.ask('O', frequency(125.0) + b'timestamp')
    client.ask('S')
    client.ask('O', frequency(125.0) + b'robot_mode')
    assert client.step() == []  # a packet of the new layout would be read as one of the old


def test_a_refused_input_recipe_claims_nothing_and_cannot_be_written(client):
    other = Client(client.robot)
    client.ask('I', b'input_int_register_0')
    assert other.ask('I', b'input_int_register_1,input_int_register_0') == [('I', b'\x01INT32,IN_USE')]
    assert client.ask('I', b'input_int_register_1') == [('I', b'\x02INT32')]
    other.send(encode(ord('U'), b'\x01' + bytes(8)))
    assert 'for recipe 1 ignored: no such recipe' in other.lines[-1]


@pytest.mark.parametrize(
    ('version', 'payload', 'said'),
    [
        (2, b'\x05hello\x02me\x03', 'RTDE client me says: hello'),
        (1, b'\x03hello', 'RTDE client without a name says: hello'),
        (2, b'', 'RTDE client without a name says: '),
        (2, b'\xffshort', 'RTDE client without a name says: short'),
        (2, b'\x02\xff\xfe', 'RTDE client without a name says: \ufffd\ufffd'),
    ],
)
def test_a_text_message_is_logged_and_the_connection_stays(version, payload, said):
    client = Client()
    client.ask('V', struct.pack('>H', version))
    assert client.ask('M', payload) == []
    assert client.lines == [said]
    assert client.ask('P') == [('P', b'\x01')]


@pytest.mark.parametrize('recipe_id', [0, 3, 255])
def test_inputs_for_a_recipe_that_is_not_there_change_nothing(client, recipe_id):
    client.ask('I', b'input_int_register_0')
    client.ask('I', b'input_int_register_1')
    client.send(encode(ord('U'), bytes((recipe_id,)) + struct.pack('>i', 77)))
    assert client.robot.inputs.integer(0) == client.robot.inputs.integer(1) == 0
    assert f'for recipe {recipe_id} ignored' in client.lines[-1]


def test_inputs_of_another_size_change_nothing_and_are_counted(client):
    client.ask('I', b'input_int_register_0')
    for body in (b'', b'\x01', b'\x01\x00', b'\x01' + bytes(5)):
        client.send(encode(ord('U'), body))
    client.connection.close()
    assert client.robot.inputs.written('input_int_register_0') == -1
    assert client.lines[-1] == 'RTDE client left: 4 bad packets, 0 outputs skipped'


def test_the_256th_input_recipe_ends_the_connection_and_not_the_controller(client):
    for _ in range(255):
        client.ask('I', b'input_int_register_0')
    with pytest.raises(ConnectionLost, match='more than 255 input recipes'):
        client.ask('I', b'input_int_register_0')


@pytest.mark.parametrize(
    ('data', 'why'),
    [
        (b'\x00\x00V', 'packet size 0 is smaller than its header'),
        (b'\x00\x02V', 'packet size 2 is smaller than its header'),
        (encode(ord('X')), 'packet of unknown type 88'),
        (encode(ord('O'), bytes(7)), 'output set-up without a frequency'),
        (encode(ord('O'), frequency(125.0) + b'a' * 2049), 'name list of 2049 bytes'),
        (encode(ord('I'), b'a' * 2049), 'name list of 2049 bytes'),
        (encode(ord('I'), 'gelenk_größe'.encode()), 'not ASCII'),
        (b'\xff\xffX' + bytes(65532), 'packet of unknown type 88'),
    ],
)
def test_what_is_no_rtde_ends_this_connection_with_a_reason(client, data, why):
    with pytest.raises(ConnectionLost, match=why):
        client.send(data)


def test_names_up_to_the_limit_are_answered_one_by_one(client):
    ((_, answer),) = client.ask('O', frequency(125.0) + b'a,' * 1024)
    assert answer == b'\x01' + b','.join([b'NOT_FOUND'] * 1024)


def test_requests_byte_by_byte_are_answered_all_the_same(client):
    for byte in encode(ord('O'), frequency(125.0) + b'timestamp') + encode(ord('S')):
        client.send(bytes((byte,)))
    assert client.packets() == [('O', b'\x01DOUBLE'), ('S', b'\x01')]


def test_a_turn_takes_no_more_than_its_share(client):
    client.socket.arrived += encode(ord('P')) * 10_000
    client.connection.receive()
    assert len(client.packets()) == BYTES_PER_TURN // 3
    assert client.socket.arrived


def test_a_packet_is_never_torn_however_slowly_the_client_reads():
    client = Client()
    client.ask('V', b'\x00\x02')
    client.ask('O', frequency(125.0) + b'timestamp,actual_q,actual_qd')
    client.ask('S')
    client.socket.room = 0
    packets = []
    for _ in range(200):
        client.socket.room += 7
        packets += client.step()
    client.socket.room = None
    packets += client.step()
    times = [struct.unpack('>xd96x', payload)[0] for _, payload in packets]
    assert len(times) > 10 and times == sorted(times)
    client.connection.close()
    assert 'outputs skipped' in client.lines[-1]


def test_a_client_that_asks_and_never_reads_is_not_served_for_ever():
    client = Client(room=0)
    client.socket.arrived += encode(ord('v')) * 100_000
    turns = 0
    while client.connection.wants_input:
        client.connection.receive()
        turns += 1
    assert len(client.connection._unsent) <= LARGEST_UNSENT + BYTES_PER_TURN // 3 * 19
    client.socket.room = None
    client.step()
    assert client.connection.wants_input and not client.connection._unsent


def test_input_fields_are_free_again_when_the_client_has_gone(client):
    client.ask('I', b'input_int_register_0')
    client.connection.close()
    assert Client(client.robot).ask('I', b'input_int_register_0') == [('I', b'\x01INT32')]


def test_a_closed_socket_ends_the_connection():
    class Gone(FakeSocket):
        def recv(self, size):
            return b''

        def send(self, data):
            raise BrokenPipeError

    robot = Robot(RobotConfig(), print)
    connection = RtdeConnection(Gone(), robot, print)
    with pytest.raises(ConnectionLost):
        connection.receive()
    connection._answer(b'x')
    with pytest.raises(ConnectionLost):
        connection.after_step()
