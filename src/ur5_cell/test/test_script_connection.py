"""The script port: uploads, and the real-time stream as others read it."""

import struct
import sys
from pathlib import Path

import pytest

from ur5_cell.connections import ScriptConnection
from ur5_cell.realtime_stream import RealtimeStream
from ur5_cell.robot import PLAYING, Robot
from ur5_cell.robot_config import RobotConfig
from ur5_cell.script_port import LARGEST_PROGRAM, ScriptError, ScriptReader, parse_upload

sys.path.insert(0, str(Path(__file__).parent))
from fake_socket import FakeSocket

PROGRAM = b'def rtde_control():\n# int register offset\n0\n# float register offset\n0\nend\n'


class Bench:
    def __init__(self, room=None):
        self.lines = []
        self.robot = Robot(RobotConfig(), self.lines.append)
        self.socket = FakeSocket(room)
        self.connection = ScriptConnection(
            self.socket, self.robot, self.lines.append, RealtimeStream(self.robot)
        )

    def step(self, count=1):
        for _ in range(count):
            self.robot.step()
            self.connection.after_step()

    def upload(self, data):
        self.socket.arrived += data
        while self.socket.arrived:
            self.connection.receive()


def test_a_packet_has_the_documented_length_and_places():
    bench = Bench()
    robot = bench.robot
    robot.motion.speed([0.1, -0.2, 0.3, 0.0, 0.0, 0.05], 40.0)
    bench.step(2)
    packet = bytes(bench.socket.sent)[1116:]
    size, *values = struct.unpack('>i139d', packet)
    assert len(packet) == size == 1116
    assert values[0] == 0.016
    assert values[1:7] == values[31:37] == robot.motion.q  # columns 2-7 and 32-37 of the documentation
    assert values[7:13] == values[37:43] == robot.motion.qd
    assert values[13:19] == robot.motion.qdd
    assert values[55:61] == values[73:79] == robot.tool_pose()
    assert values[61:67] == robot.tool_velocity()
    assert values[86:92] == [25.0] * 6
    assert values[94:102] == [7.0, *[253.0] * 6, 1.0]  # robot mode, joint modes, safety mode
    assert values[117] == 1.0  # speed scaling
    assert values[121:124] == [48.0, 48.0, 0.0] and values[124:130] == [48.0] * 6
    assert values[130:132] == [0.0, 1.0]  # digital outputs, program state
    assert values[132:138] == pytest.approx(robot.elbow())
    assert values[138] == 1.0  # safety status


def test_state_in_the_stream_follows_the_robot():
    bench = Bench()
    bench.robot.write_inputs({'standard_digital_output_mask': 255, 'standard_digital_output': 5})
    bench.robot.protective_stop('test')
    bench.step()
    _, *values = struct.unpack('>i139d', bench.socket.sent)
    assert (values[101], values[130], values[138]) == (3.0, 5.0, 3.0)


def test_the_stream_of_an_e_series_tells_the_payload_too():
    robot = Robot(RobotConfig(robot_model='ur5e'), print)
    robot.payload, robot.payload_cog = 0.7, (0.1, 0.2, 0.3)
    robot.step()
    packet = RealtimeStream(robot).packet()
    size, *values = struct.unpack('>i152d', packet)
    assert size == len(packet) == 1220 and values[0] == 0.002
    assert values[142:146] == [0.7, 0.1, 0.2, 0.3] and not any(values[146:])


def test_one_packet_is_made_for_all_clients_of_a_step():
    robot = Robot(RobotConfig(), print)
    stream = RealtimeStream(robot)
    robot.step()
    first = stream.packet()
    assert stream.packet() is first
    robot.step()
    assert stream.packet() != first


def test_who_reads_slowly_gets_whole_packets_and_the_rest_is_counted():
    bench = Bench(room=0)
    for _ in range(100):
        bench.socket.room += 300
        bench.step()
    bench.socket.room = None
    bench.step()
    stream = bytes(bench.socket.sent)
    packets = [stream[i : i + 1116] for i in range(0, len(stream), 1116)]
    assert all(struct.unpack_from('>i', packet)[0] == len(packet) == 1116 for packet in packets)
    times = [struct.unpack_from('>d', packet, 4)[0] for packet in packets]
    assert times == sorted(set(times))
    bench.connection.close()
    dropped = 101 - len(packets)
    assert bench.lines == [f'script client left: {dropped} packets of the real-time stream dropped unread']


def test_who_never_reads_costs_no_memory_and_can_still_upload():
    bench = Bench(room=2000)
    bench.step(5000)
    assert len(bench.connection._unsent) < 1116
    bench.upload(PROGRAM)
    bench.step(14)
    assert bench.robot.runtime_state == PLAYING
    said = list(bench.lines)
    bench.connection.close()
    assert bench.lines == said  # nobody misses what nobody has ever read


def test_a_bad_program_does_not_take_the_next_one_with_it():
    bench = Bench()
    bench.upload(b'def drill():\nend\n' + PROGRAM)
    assert 'program "drill" was uploaded' in bench.lines[0]
    bench.step(14)
    assert bench.robot.runtime_state == PLAYING


def test_text_without_an_end_is_dropped_and_does_not_grow():
    reader = ScriptReader()
    for _ in range(3):
        with pytest.raises(ScriptError, match='without an "end"'):
            while True:
                reader.feed(b'x' * 1000 + b'\n')
    assert len(reader._buffer) <= LARGEST_PROGRAM
    assert len(reader.feed(b'\n' + PROGRAM)) == 1


def test_the_connection_outlives_text_without_an_end():
    bench = Bench()
    bench.upload(b'x' * (LARGEST_PROGRAM + 1) + b'\n')
    assert 'without an "end"' in bench.lines[0]
    bench.upload(b'\n' + PROGRAM)
    bench.step(14)
    assert bench.robot.runtime_state == PLAYING


def test_an_end_is_found_wherever_the_stream_is_cut():
    program = b'# a comment that makes it long\n' * 10 + PROGRAM
    for cut in range(len(program)):
        reader = ScriptReader()
        programs = reader.feed(program[:cut]) + reader.feed(program[cut:] + b'end\n')
        assert programs == [program.decode(), 'end\n']


@pytest.mark.parametrize(
    'text',
    [
        'def rtde_control():\n# int register offset' + '\n' * 500_000 + 'x',
        'def rtde_control():\n# int register offset' + ' ' * 500_000 + 'x',
        'def rtde_control():\n# int register offset\n' + '2' * 500_000,
        'def ' + 'a' * 500_000,
        ('def ' + ' ' * 1000) * 500,
        '# int register offset ' * 20_000,
    ],
)
def test_no_text_keeps_the_parser_busy(text):
    with pytest.raises(ScriptError):
        parse_upload(text)  # takes milliseconds; hours if it were quadratic
