"""The simulated controller driven by the unmodified ur_rtde client, and as a process among others.

How its arm moves is in test/gazebo/test_cell_controller.py, which also asks Gazebo's.
"""

import math
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from ur5_cell import controller as controller_module
from ur5_cell.controller_process import ControllerFailed, ControllerProcess, child_environment
from ur5_cell.joint_state_ring import JointState, JointStateRing
from ur5_cell.robot_config import RobotConfig

sys.path.insert(0, str(Path(__file__).parent))
from own_address import own_address

SCENARIOS = Path(__file__).with_name('rtde_scenarios.py')
FAULT_PORT = 30099  # as in the scenarios

LONG = ('protective_stop', 'connections', 'watchdog')  # they wait more than they work
SHORT = ('emergency_stop', 'upper_registers', 'cut_off')


HOST = own_address('contract', 0)


def start_scenario(name, host=HOST):
    return subprocess.Popen(
        [sys.executable, SCENARIOS, name, host],
        env=child_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def check(controller, child):
    output = child.communicate(timeout=60)[0]
    assert child.returncode == 0, output
    assert controller.exit_code is None
    assert controller.stop() == 0


@pytest.fixture
def controller():
    with ControllerProcess(HOST, fault_port=FAULT_PORT) as process:
        yield process


@pytest.fixture(scope='module', autouse=True)
def long_scenarios():
    """Controllers and clients of the long scenarios, which run during the other tests."""
    running = {}
    for number, name in enumerate(LONG, start=1):
        process = ControllerProcess(own_address('contract', number), fault_port=FAULT_PORT)
        running[name] = (process, start_scenario(name, own_address('contract', number)))
    yield running
    for process, child in running.values():
        child.kill()
        process.stop()


@pytest.mark.parametrize('name', SHORT)
def test_client(controller, name):
    check(controller, start_scenario(name))


def test_the_arm_goes_on_when_the_client_is_killed_and_the_ring_shows_it(controller):
    begun = time.monotonic_ns()
    assert start_scenario('left_moving').wait(60) == -signal.SIGKILL
    first = controller.ring.latest()
    assert first.qd[0] == pytest.approx(0.05) and first.runtime_state == 2
    while (later := controller.ring.latest()).q[0] < first.q[0] + 0.005:  # 0.1 s
        assert time.monotonic_ns() < begun + 60 * 10**9
        time.sleep(0.01)
    assert later.qd == first.qd and later.runtime_state == 2
    assert begun < first.monotonic_ns < later.monotonic_ns <= time.monotonic_ns()


def test_nonsense_on_any_port_ends_that_connection_only(controller):
    for port in (30004, 30003, 29999, FAULT_PORT):
        with socket.create_connection((HOST, port), 2.0) as connection:
            connection.sendall(b'\x00\x01' + bytes(range(256)) * 40)
    with socket.create_connection((HOST, 30004), 2.0) as connection:
        connection.sendall(b'\x00\x05V\x00\x02')
        assert connection.recv(16) == b'\x00\x04V\x01'
    with pytest.raises(ValueError, match='"jump" is none of protective_stop'):
        controller.fault('jump')


def test_the_real_time_stream_of_the_process(controller):
    with socket.create_connection((HOST, 30003), 2.0) as connection, connection.makefile('rb') as stream:
        packets = [stream.read(1116) for _ in range(100)]
    sizes, times = zip(*(struct.unpack_from('>id', packet) for packet in packets), strict=True)
    assert sizes == (1116,) * 100
    apart = [(after - before) / 0.008 for before, after in pairwise(times)]
    steps = [round(each) for each in apart]
    assert apart == pytest.approx(steps, abs=1e-6) and min(steps) > 0
    assert math.gcd(*steps) == 1  # a busy machine leaves steps out, and others each time


def test_a_busy_port_is_one_clear_line(controller):
    second = run_controller('--host', HOST)
    assert second.returncode == 1
    assert second.stderr.startswith(f'robot controller: port 30004 of {HOST} is busy; end the program')
    assert second.stderr.count('\n') == 1


def rings_of_this_process():
    links = [Path(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd')]
    return [link for link in links if link.is_symlink() and 'joint_states' in os.readlink(link)]


def test_a_controller_that_has_ended_or_never_began_leaves_no_descriptor(controller):
    before = rings_of_this_process()
    with pytest.raises(ControllerFailed, match='ended with exit code 1'):
        ControllerProcess(HOST)
    assert rings_of_this_process() == before
    controller.stop()
    controller.stop()
    assert len(rings_of_this_process()) == len(before) - 2  # mmap has one of its own


def test_the_ring_of_a_controller_that_has_ended_shows_where_the_arm_was_last():
    with ControllerProcess(HOST) as process:
        first = process.ring.latest()
    last = process.ring.latest()
    assert last.q == first.q and last.monotonic_ns >= first.monotonic_ns and process.ring.written
    assert process.ring.at(last.monotonic_ns) == last


def test_an_address_off_loopback_is_one_clear_line():
    child = run_controller('--host', '0.0.0.0')
    assert child.returncode == 1
    assert 'host is "0.0.0.0"; the simulated controller listens on loopback only' in child.stderr
    assert child.stderr.count('\n') == 1


def test_the_controller_dies_with_its_parent():
    parent = (
        'import sys, os\n'
        'from ur5_cell.controller_process import ControllerProcess\n'
        'ControllerProcess(sys.argv[1])\n'
        'os.kill(os.getpid(), 9)\n'
    )
    with subprocess.Popen(
        [sys.executable, '-c', parent, HOST], env=child_environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        output = process.stdout.read()  # ends when the last holder of the pipe, the controller, is gone
    assert 'steps left out' in output  # it took its leave in order


def test_a_simulated_arm_is_where_its_simulator_measures_it_and_gets_its_commands():
    measured, commanded = JointStateRing.create(), JointStateRing.create()
    elsewhere = (1.6, -1.9, 1.8, -3.0, -1.6, 3.1)
    measured.write(JointState(time.monotonic_ns(), elsewhere, (0.0,) * 6, 0))
    with ControllerProcess(HOST, simulated_by=(measured, commanded)) as process:
        told, sent = process.ring.latest(), commanded.latest()
        assert told.q == pytest.approx(elsewhere) and sent.q == pytest.approx(elsewhere)
        assert sent.qd == pytest.approx((0.0,) * 6, abs=1e-9)
    for ring in (measured, commanded):
        ring.close()


def test_a_simulator_that_has_measured_nothing_is_one_clear_line():
    rings = JointStateRing.create(), JointStateRing.create()
    paths = [f'/proc/{os.getpid()}/fd/{ring.fd}' for ring in rings]
    child = run_controller('--host', HOST, '--simulated-by', *paths)
    assert (child.returncode, child.stderr.count('\n')) == (1, 1)
    assert 'no joint state has been written yet' in child.stderr
    for ring in rings:
        ring.close()


def test_the_screen_that_the_arm_can_run_into_is_an_argument():
    options = controller_module.parse_arguments('--screen -0.1 0.9 0.6 0.5 0.3'.split())
    arm = controller_module.arm_of(options, RobotConfig())
    screen = arm._screen
    assert (screen.centre, screen.width, screen.height) == ((-0.1, 0.9, 0.6), 0.5, 0.3)
    assert controller_module.arm_of(controller_module.parse_arguments([]), RobotConfig())._screen is None


@pytest.mark.parametrize('name', LONG)
def test_client_for_longer(long_scenarios, name):
    check(*long_scenarios[name])


def run_controller(*arguments):
    return subprocess.run(
        [sys.executable, '-m', 'ur5_cell.controller', *arguments],
        env=child_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
