"""What a UR5 controller must do for the unmodified ur_rtde client; the simulated one is driven through it.

Each scenario runs in a child process of its own: the client's constructors hold the interpreter's lock, and a
lost connection can end its process. This file is that child's program, too: `python FILE SCENARIO HOST`.
"""

import os
import signal
import subprocess
import sys
import time

HOME = [1.5707, -2.0, 1.9, -3.0415, -1.5707, 3.1415]
FAULT_PORT = 30099
PERIOD = 0.008  # the newest speedj always wins


def shifted(by):
    return [HOME[0] + by, *HOME[1:]]


def error(q, goal):
    return max(abs(a - b) for a, b in zip(q, goal, strict=True))


def wait_for(condition, what, limit=3.0):
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f'not within {limit} s: {what}'
        time.sleep(0.004)


def connect(host):
    from rtde_control import RTDEControlInterface
    from rtde_receive import RTDEReceiveInterface

    return RTDEControlInterface(host), RTDEReceiveInterface(host)


def dashboard(host):
    from dashboard_client import DashboardClient

    client = DashboardClient(host)
    client.connect()
    return client


def fault(host, line):
    from ur5_rl_env.cell.faults import request

    request(host, FAULT_PORT, line)


def moves(host):
    control, receive = connect(host)
    assert error(receive.getActualQ(), HOME) < 1e-12
    assert receive.getRobotMode() == 7 and receive.getSafetyMode() == 1
    assert error(receive.getActualTCPPose()[:3], [0.109, -0.296, 0.609]) < 1e-3
    assert control.moveJ(shifted(-0.2), 1.05, 5.0)
    wait_for(lambda: error(receive.getActualQ(), shifted(-0.2)) == 0.0, 'the goal, exactly')
    assert control.moveJ(HOME, 1.05, 1.4, True)
    wait_for(lambda: receive.getActualQd()[0] > 0.2, 'asynchronous move')
    assert control.getAsyncOperationProgressEx().isAsyncOperationRunning()
    control.stopJ(3.0)
    wait_for(lambda: not any(receive.getActualQd()), 'rest after stopJ')
    assert error(receive.getActualQ(), HOME) > 0.01
    assert control.moveJ(HOME, 1.05, 5.0, True)
    wait_for(lambda: not control.getAsyncOperationProgressEx().isAsyncOperationRunning(), 'arrival')
    wait_for(lambda: error(receive.getActualQ(), HOME) == 0.0, 'home')
    wait_for(control.isSteady, 'steady')


def speeds(host):
    control, receive = connect(host)
    samples = []
    begin = receive.getTimestamp()
    while receive.getTimestamp() < begin + 0.5:
        assert control.speedJ([0.28, -0.14, 0, 0, 0, 0], 1.4, PERIOD)
        qd = receive.getActualQd()
        assert abs(qd[0] + 2 * qd[1]) < 1e-9  # the joints keep their proportion while they accelerate
        samples.append((receive.getTimestamp(), qd[0]))
        time.sleep(0.004)
    assert receive.getActualQd()[0] == 0.28
    ramp = [(t, v) for t, v in samples if 0.0 < v < 0.28]
    if len(ramp) > 1 and ramp[-1][0] > ramp[0][0]:
        assert abs((ramp[-1][1] - ramp[0][1]) / (ramp[-1][0] - ramp[0][0]) - 1.4) < 0.3
    time.sleep(0.2)
    assert receive.getActualQd()[0] == 0.28  # nobody writes any more, and it goes on
    assert control.speedStop(5.0)
    wait_for(lambda: not any(receive.getActualQd()), 'rest after speedStop')
    control.speedJ([0.1, 0, 0, 0, 0, 0], 1.4, PERIOD)
    wait_for(lambda: any(receive.getActualQd()), 'motion')
    assert not control.moveJ(HOME, 1.0, 1.4)  # moveJ without speedStop: a run-time error of the program
    assert not control.isProgramRunning()
    wait_for(lambda: not any(receive.getActualQd()), 'rest after the program has ended')
    assert control.reuploadScript()
    wait_for(control.isProgramRunning, 'program again')
    assert control.moveJ(HOME, 1.0, 3.0)
    control.stopL(5.0)


def protective_stop(host):
    control, receive = connect(host)
    board = dashboard(host)
    control.speedJ([0.2, 0, 0, 0, 0, 0], 5.0, PERIOD)
    wait_for(lambda: receive.getActualQd()[0] == 0.2, 'motion')
    fault(host, 'protective_stop')
    stopped = time.monotonic()
    wait_for(receive.isProtectiveStopped, 'protective stop seen', 0.5)
    wait_for(lambda: not any(receive.getActualQd()), 'rest', 0.5)
    assert not receive.isEmergencyStopped() and not control.speedJ([0.2, 0, 0, 0, 0, 0], 5.0, PERIOD)
    assert board.safetymode() == 'Safetymode: PROTECTIVE_STOP'
    refused = 0
    while receive.isProtectiveStopped():
        try:
            board.unlockProtectiveStop()
            time.sleep(0.03)
        except RuntimeError:
            refused += 1
            time.sleep(0.2)
    assert refused > 10 and 4.9 < time.monotonic() - stopped < 6.5
    assert not any(receive.getActualQd())
    control.disconnect()
    board.stop()
    control, _ = connect(host)
    assert control.moveJ(HOME, 1.0, 3.0)
    assert control.triggerProtectiveStop() and receive.isProtectiveStopped()


def emergency_stop(host):
    control, receive = connect(host)
    board = dashboard(host)
    fault(host, 'emergency_stop')
    wait_for(receive.isEmergencyStopped, 'emergency stop seen', 0.5)
    assert not control.moveJ(HOME, 1.0, 1.4)
    fault(host, 'release_emergency_stop')
    wait_for(lambda: not receive.isEmergencyStopped(), 'emergency stop released', 0.5)
    board.powerOn()
    board.brakeRelease()
    wait_for(lambda: receive.getRobotMode() == 7, 'running', 0.5)
    assert control.reuploadScript()
    wait_for(control.isProgramRunning, 'program again')
    assert control.moveJ(shifted(-0.05), 1.0, 5.0)


def watchdog(host):
    control, receive = connect(host)
    assert control.setWatchdog(10.0)
    end = time.monotonic() + 0.4
    while time.monotonic() < end:
        assert control.speedJ([0.2, 0, 0, 0, 0, 0], 5.0, PERIOD)
        time.sleep(PERIOD)
    assert receive.getActualQd()[0] == 0.2
    wait_for(lambda: not control.isProgramRunning(), 'watchdog', 1.0)
    wait_for(lambda: not any(receive.getActualQd()), 'rest', 0.5)


def connections(host):
    from rtde_control import RTDEControlInterface
    from rtde_io import RTDEIOInterface

    control, receive = connect(host)
    try:
        RTDEControlInterface(host)
        raise AssertionError('a second control connection was accepted')
    except RuntimeError as refusal:
        assert 'already in use' in str(refusal)
    io = RTDEIOInterface(host)
    io.setStandardDigitalOut(2, True)
    io.setSpeedSlider(0.5)
    wait_for(lambda: receive.getDigitalOutState(2), 'digital output')
    wait_for(lambda: receive.getTargetSpeedFraction() == 0.5, 'speed slider')
    io.disconnect()
    control.speedJ([0.1, 0, 0, 0, 0, 0], 5.0, PERIOD)
    control.disconnect()
    wait_for(lambda: receive.getActualQd()[0] == 0.05, 'motion goes on after disconnect, at the slider')
    assert dashboard(host).running()
    assert control.reconnect()
    assert not any(receive.getActualQd()) and control.moveJ(HOME, 1.0, 3.0)
    receive.disconnect()
    assert receive.reconnect() and receive.isConnected()


def upper_registers(host):
    from rtde_control import RTDEControlInterface
    from rtde_receive import RTDEReceiveInterface

    flags = RTDEControlInterface.FLAG_UPLOAD_SCRIPT | RTDEControlInterface.FLAG_UPPER_RANGE_REGISTERS
    control = RTDEControlInterface(host, 125.0, int(flags))
    assert control.moveJ(shifted(-0.05), 1.0, 3.0)
    receive = RTDEReceiveInterface(host, 25.0, ['timestamp', 'actual_q', 'runtime_state'], False, True)
    wait_for(lambda: error(receive.getActualQ(), shifted(-0.05)) == 0.0, 'the goal')


def cut_off(host):
    from rtde_receive import RTDEReceiveInterface

    receive = RTDEReceiveInterface(host)
    fault(host, 'drop 0.3')
    wait_for(lambda: not receive.isConnected(), 'loss seen', 0.5)
    wait_for(lambda: _reconnected(receive), 'connected again')
    before = receive.getTimestamp()
    wait_for(lambda: receive.getTimestamp() > before, 'data again')
    fault(host, 'silence 0.4')
    time.sleep(0.1)
    before = receive.getTimestamp()
    time.sleep(0.1)
    assert receive.getTimestamp() == before and receive.isConnected()
    wait_for(lambda: receive.getTimestamp() > before + 0.2, 'robot time went on', 1.0)


def _reconnected(receive):
    try:
        return receive.reconnect()
    except RuntimeError:
        return False


def left_moving(host):
    control, receive = connect(host)
    control.speedJ([0.05, 0, 0, 0, 0, 0], 5.0, PERIOD)
    wait_for(lambda: receive.getActualQd()[0] == 0.05, 'motion')
    os.kill(os.getpid(), signal.SIGKILL)


SCENARIOS = {
    each.__name__: each
    for each in (
        moves,
        speeds,
        protective_stop,
        emergency_stop,
        watchdog,
        connections,
        upper_registers,
        cut_off,
        left_moving,
    )
}

if __name__ == '__main__':
    from ur5_rl_env.cell.process import die_with_parent

    die_with_parent()
    SCENARIOS[sys.argv[1]](sys.argv[2])
    sys.stdout.flush()
    os._exit(0)  # no destructors: the client's threads may abort while the robot goes away

import pytest  # noqa: E402  the child above needs no pytest

from ur5_rl_env.cell.controller_process import ControllerProcess, child_environment  # noqa: E402

# Addresses of this process's own: several test runs on one machine do not meet.
HOST, OTHER_HOST = (
    f'127.{i + (os.getpid() >> 16)}.{os.getpid() >> 8 & 255}.{os.getpid() & 255}' for i in (1, 101)
)


def start_scenario(name, host=HOST):
    return subprocess.Popen(
        [sys.executable, __file__, name, host],
        env=child_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def check(controller, child):
    output = child.communicate(timeout=20)[0]
    assert child.returncode == 0, output
    assert controller.exit_code is None
    assert controller.stop() == 0


@pytest.fixture
def controller():
    with ControllerProcess(HOST, fault_port=FAULT_PORT) as process:
        yield process


@pytest.fixture(scope='module', autouse=True)
def long_scenario():
    """The protective stop takes 5 s of waiting, during which the other tests run."""
    with ControllerProcess(OTHER_HOST, fault_port=FAULT_PORT) as process:
        child = start_scenario('protective_stop', OTHER_HOST)
        yield process, child
        child.kill()


@pytest.mark.parametrize(
    'name', [name for name in SCENARIOS if name not in ('left_moving', 'protective_stop')]
)
def test_client(controller, name):
    check(controller, start_scenario(name))


def test_the_arm_goes_on_when_the_client_is_killed_and_the_ring_shows_it(controller):
    assert start_scenario('left_moving').wait(20) == -signal.SIGKILL
    first = controller.ring.latest()
    assert first.qd[0] == pytest.approx(0.05) and first.runtime_state == 2
    while controller.ring.latest().stamp_ns < first.stamp_ns + 100_000_000:
        time.sleep(0.01)
    later = controller.ring.at(first.stamp_ns + 50_000_000)
    assert later.q[0] - first.q[0] == pytest.approx(0.05 * 0.050, abs=1e-6)
    assert abs(time.time_ns() - controller.ring.latest().stamp_ns) < 1_000_000_000


def test_a_busy_port_is_one_clear_line(controller):
    second = run_controller('--host', HOST)
    assert second.returncode == 1
    assert second.stderr.startswith(f'robot controller: port 30004 of {HOST} is busy; end the program')
    assert second.stderr.count('\n') == 1


def test_an_address_off_loopback_is_one_clear_line():
    child = run_controller('--host', '0.0.0.0')
    assert child.returncode == 1
    assert 'host is "0.0.0.0"; the simulated controller listens on loopback only' in child.stderr
    assert child.stderr.count('\n') == 1


def test_the_controller_dies_with_its_parent():
    parent = (
        'import sys, os\n'
        'from ur5_rl_env.cell.controller_process import ControllerProcess\n'
        'ControllerProcess(sys.argv[1])\n'
        'os.kill(os.getpid(), 9)\n'
    )
    with subprocess.Popen(
        [sys.executable, '-c', parent, HOST], env=child_environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        output = process.stdout.read()  # ends when the last holder of the pipe, the controller, is gone
    assert 'steps left out' in output  # it took its leave in order


def test_a_protective_stop_is_seen_and_released(long_scenario):
    check(*long_scenario)


def run_controller(*arguments):
    return subprocess.run(
        [sys.executable, '-m', 'ur5_rl_env.cell.controller', *arguments],
        env=child_environment(),
        capture_output=True,
        text=True,
        timeout=20,
    )
