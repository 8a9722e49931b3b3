"""Whatever bytes and numbers a client sends: the controller lives and its state stays finite."""

import random
import struct
import sys
from math import isfinite
from pathlib import Path

import pytest

from ur5_rl_env.robot_models import UR5

sys.path.insert(0, str(Path(__file__).parent))
from fake_socket import FakeSocket

from ur5_cell.connections import ConnectionLost, DashboardConnection, ScriptConnection
from ur5_cell.realtime_stream import RealtimeStream
from ur5_cell.registers import INPUT_TYPES
from ur5_cell.robot import NORMAL, PLAYING, STOPPED, Robot
from ur5_cell.robot_config import RobotConfig
from ur5_cell.rtde_connection import RtdeConnection
from ur5_cell.rtde_outputs import OUTPUT_TYPES, make_sampler
from ur5_cell.rtde_protocol import TYPES, encode
from ur5_cell.script_port import Upload

COMMANDS = (0, 1, 9, 15, 17, 31, 33, 34, 35, 37, 43, 47, 58, 255, 3, -1, 2**31 - 1)
NUMBERS = (
    *(0.0, -0.0, 1.0, -1.0, 0.008, 5e-324, -5e-324, 1e-300, 1e300, 1.7e308, -1.7e308),
    *(float('inf'), -float('inf'), float('nan'), 40.0, 40.1, 1e9, 3.14, 6.28),
)
SAMPLE = make_sampler(list(OUTPUT_TYPES))


def start(robot):
    """Power, no safety stop, a new program."""
    robot.release_emergency_stop()
    while robot.release_protective_stop() > 0.0:
        robot.steps += 100
    robot.set_power(True)
    robot.release_brakes()
    robot.load(Upload(0, 0))
    for _ in range(14):
        robot.step()


def check(robot):
    motion = robot.motion
    assert all(map(isfinite, (*motion.q, *motion.qd, *motion.qdd, robot.speed_fraction)))
    assert max(map(abs, motion.q)) < 7.0 and max(map(abs, motion.qd)) < 4.0


@pytest.mark.parametrize('seed', range(10))
def test_any_numbers_in_the_registers(seed):
    rng = random.Random(seed)
    lines = []
    robot = Robot(RobotConfig(), lines.append)
    for _ in range(150):
        if robot.runtime_state != PLAYING or robot.safety_mode != NORMAL:
            start(robot)
        home = [*UR5.home, *(rng.choice(NUMBERS) for _ in range(3))]
        numbers = home if rng.random() < 0.3 else [rng.choice(NUMBERS) for _ in range(9)]
        fields = {f'input_double_register_{i}': number for i, number in enumerate(numbers)}
        fields['input_int_register_0'] = rng.choice(COMMANDS)
        fields['input_int_register_1'] = rng.choice((0, 1, -1))
        fields['speed_slider_mask'] = rng.choice((0, 1, 2**32 - 1))
        fields['speed_slider_fraction'] = rng.choice(NUMBERS)
        robot.write_inputs(fields)
        for _ in range(rng.choice((1, 2, 30))):
            robot.step()
            check(robot)
    assert len(lines) > 60  # it was not refused from the start


@pytest.mark.parametrize('frequency', [5e-324, 1e-300, 1e300, -1.0, 0.0])
def test_a_watchdog_of_any_frequency(frequency):
    robot = Robot(RobotConfig(), lambda line: None)
    start(robot)
    robot.write_inputs({'input_int_register_0': 35, 'input_double_register_0': frequency})
    for _ in range(3):
        robot.step()
    assert robot.runtime_state == (STOPPED if frequency > 125.0 else PLAYING)


@pytest.mark.parametrize(
    ('fields', 'said'),
    [
        ({'speed_slider_mask': 1}, None),
        ({'speed_slider_mask': 1, 'speed_slider_fraction': float('nan')}, 'speed_slider_fraction is nan'),
        ({'speed_slider_mask': 1, 'speed_slider_fraction': float('inf')}, 'speed_slider_fraction is inf'),
        ({'standard_digital_output_mask': 255}, None),
        ({'tool_digital_output_mask': 255, 'tool_digital_output': 255}, None),
        ({'standard_analog_output_mask': 255}, None),
        ({'standard_analog_output_mask': 1, 'standard_analog_output_0': float('nan')}, 'output_0 is nan'),
        ({'standard_analog_output_mask': 2, 'standard_analog_output_1': 1e300}, None),
    ],
)
def test_io_fields_without_their_values_or_without_sense(fields, said):
    lines = []
    robot = Robot(RobotConfig(), lines.append)
    robot.write_inputs(fields)
    robot.step()
    assert [said in line for line in lines] == ([True] if said else [])
    assert 0.01 <= robot.speed_fraction <= 1.0
    assert all(0.0 <= output.fraction <= 1.0 for output in robot.io.analog)
    assert robot.io.digital < 1 << 18
    assert len(SAMPLE(robot)) == sum(TYPES[kind][1] for kind in OUTPUT_TYPES.values())


def rtde_bytes(rng):
    """Something that begins like RTDE more often than not."""
    kind = rng.choice(b'VvOISPUMX')
    names = ','.join(
        rng.choice([*OUTPUT_TYPES, *INPUT_TYPES, '', 'nonsense']) for _ in range(rng.randrange(9))
    )
    payload = rng.choice(
        [
            b'',
            rng.randbytes(rng.randrange(40)),
            struct.pack('>H', rng.randrange(4)),
            names.encode(),
            struct.pack('>d', rng.choice(NUMBERS)) + names.encode(),
            bytes((rng.randrange(4),)) + rng.randbytes(rng.choice((1, 4, 8, 48, 68))),
        ]
    )
    packet = encode(kind, payload)
    if rng.random() < 0.05:
        packet = packet[: rng.randrange(len(packet) + 1)]
    if rng.random() < 0.02:
        packet = struct.pack('>H', rng.choice((0, 1, 2, 65535))) + packet[2:]
    return packet


def script_bytes(rng):
    return rng.choice(
        [
            b'def rtde_control():\n# int register offset\n0\n# float register offset\n24\nend\n',
            b'end\n',
            b'def x():\n',
            b'# int register offset\n' + b'9' * 400,
            rng.randbytes(rng.randrange(200)),
        ]
    )


def dashboard_bytes(rng):
    words = (
        'quit',
        'stop',
        'play',
        'pause',
        'power on',
        'power off',
        'brake release',
        'load',
        'popup',
        '\xff',
    )
    line = f'{rng.choice(words)}{rng.choice(("", " ", " x"))}\n'.encode()
    return rng.choice([line, rng.randbytes(rng.randrange(60))])


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize('make_bytes', [rtde_bytes, script_bytes, dashboard_bytes])
def test_any_bytes_from_any_number_of_clients(seed, make_bytes):
    rng = random.Random(seed)
    robot = Robot(RobotConfig(), lambda line: None)
    stream = RealtimeStream(robot)
    make = {
        rtde_bytes: lambda sock: RtdeConnection(sock, robot, lambda line: None),
        script_bytes: lambda sock: ScriptConnection(sock, robot, lambda line: None, stream),
        dashboard_bytes: lambda sock: DashboardConnection(sock, robot, lambda line: None),
    }[make_bytes]
    clients = []
    for _ in range(300):
        if len(clients) < 5:
            sock = FakeSocket(rng.choice((None, 0, 100, 5000)))
            clients.append((sock, make(sock)))
        sock, connection = rng.choice(clients)
        sock.arrived += b''.join(make_bytes(rng) for _ in range(rng.randrange(5)))
        try:
            while sock.arrived and connection.wants_input:
                connection.receive()
            robot.step()
            for _, each in clients:
                each.after_step()
        except ConnectionLost:
            connection.close()
            clients.remove((sock, connection))
        if rng.random() < 0.02 and clients:
            clients.pop()[1].close()  # gone in the middle of everything
        check(robot)
