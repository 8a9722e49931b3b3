"""What a UR5 controller must do for the unmodified ur_rtde client.

    python rtde_scenarios.py SCENARIO HOST [BY]

A program of its own, for test_controller_contract.py and test_cell_controller.py: the client's constructors
hold the interpreter's lock, and a lost connection can end its process. BY is how far an arm that a simulator
moves may be from where an ideal one is [rad], [rad/s].
"""

import os
import signal
import sys
import time
from itertools import pairwise

HOME = [1.5707, -2.0, 1.9, -3.0415, -1.5707, 3.1415]
FAULT_PORT = 30099
PERIOD = 0.008  # the newest speedj always wins
BY = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0


def shifted(by):
    return [HOME[0] + by, *HOME[1:]]


def error(q, goal):
    return max(abs(a - b) for a, b in zip(q, goal, strict=True))


def at(receive, goal):
    return error(receive.getActualQ(), goal) <= BY


def at_rest(receive):
    return max(map(abs, receive.getActualQd())) <= BY


def turns(receive, rate):
    return abs(receive.getActualQd()[0] - rate) <= BY


def wait_for(condition, what, limit=20.0):
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
    from ur5_cell.faults import request

    request(host, FAULT_PORT, line)


def moves(host):
    control, receive = connect(host)
    assert error(receive.getActualQ(), HOME) < 1e-12 + BY
    assert receive.getRobotMode() == 7 and receive.getSafetyMode() == 1
    assert error(receive.getActualTCPPose()[:3], [0.109, -0.296, 0.609]) < 1e-3
    assert control.moveJ(shifted(-0.2), 1.05, 5.0)
    wait_for(lambda: at(receive, shifted(-0.2)), 'the goal, exactly')
    assert control.moveJ(HOME, 0.1, 1.4, True)  # 2 s
    wait_for(lambda: receive.getActualQd()[0] > 0.05, 'asynchronous move')
    assert control.getAsyncOperationProgressEx().isAsyncOperationRunning()
    control.stopJ(3.0)
    wait_for(lambda: at_rest(receive), 'rest after stopJ')
    assert error(receive.getActualQ(), HOME) > 0.01
    assert control.moveJ(HOME, 1.05, 5.0, True)
    wait_for(lambda: not control.getAsyncOperationProgressEx().isAsyncOperationRunning(), 'arrival')
    wait_for(lambda: at(receive, HOME), 'home')
    wait_for(control.isSteady, 'steady')


def speeds(host):
    control, receive = connect(host)
    samples = []  # (time, angle, velocity), each of one packet

    def accelerated():
        assert control.speedJ([0.28, -0.14, 0, 0, 0, 0], 0.28, PERIOD)  # for a second
        now, q, qd = receive.getTimestamp(), receive.getActualQ(), receive.getActualQd()
        assert (
            abs(qd[0] + 2 * qd[1]) < 1e-9 + 3 * BY
        )  # the joints keep their proportion while they accelerate
        if receive.getTimestamp() == now:
            samples.append((now, q[0], qd[0]))
        return turns(receive, 0.28)

    wait_for(accelerated, 'the velocity')
    for (before, _, slower), (after, _, faster) in pairwise(samples):
        assert faster - slower <= 0.28 * (after - before) + 1e-9 + 2 * BY
    ramp = [(q - HOME[0], rate) for _, q, rate in samples if BY < rate < 0.28 - BY]
    assert ramp
    for way, rate in ramp:  # whatever steps a busy machine has left out, in which the arm stands still
        assert abs(rate**2 - 2 * 0.28 * way) <= 1e-9 + 4 * 0.28 * BY + BY**2
    time.sleep(0.2)
    assert turns(receive, 0.28)  # nobody writes any more, and it goes on
    assert control.speedStop(5.0)
    wait_for(lambda: at_rest(receive), 'rest after speedStop')
    control.speedJ([0.1, 0, 0, 0, 0, 0], 1.4, PERIOD)
    wait_for(lambda: not at_rest(receive), 'motion')
    assert not control.moveJ(HOME, 1.0, 1.4)  # moveJ without speedStop: a run-time error of the program
    assert not control.isProgramRunning()
    wait_for(lambda: at_rest(receive), 'rest after the program has ended')
    assert control.reuploadScript()
    wait_for(control.isProgramRunning, 'program again')
    assert control.moveJ(HOME, 1.0, 3.0)
    control.stopL(5.0)


def protective_stop(host):
    control, receive = connect(host)
    board = dashboard(host)
    control.speedJ([0.2, 0, 0, 0, 0, 0], 5.0, PERIOD)
    wait_for(lambda: receive.getActualQd()[0] == 0.2, 'motion')
    stopped = time.monotonic()
    fault(host, 'protective_stop')
    wait_for(receive.isProtectiveStopped, 'protective stop seen')
    wait_for(lambda: not any(receive.getActualQd()), 'rest')
    wait_for(lambda: not control.isProgramRunning(), 'end of the program')  # each object has its own stream
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
    assert refused and time.monotonic() - stopped > 4.9
    assert not any(receive.getActualQd())
    control.disconnect()
    board.stop()
    control, _ = connect(host)
    assert control.moveJ(HOME, 1.0, 3.0)
    control.triggerProtectiveStop()  # True or False, by which it sees first: done, or the program's end
    wait_for(receive.isProtectiveStopped, 'protective stop of its own')


def emergency_stop(host):
    control, receive = connect(host)
    board = dashboard(host)
    fault(host, 'emergency_stop')
    wait_for(receive.isEmergencyStopped, 'emergency stop seen')
    assert not control.moveJ(HOME, 1.0, 1.4)
    fault(host, 'release_emergency_stop')
    wait_for(lambda: not receive.isEmergencyStopped(), 'emergency stop released')
    board.powerOn()
    board.brakeRelease()
    wait_for(lambda: receive.getRobotMode() == 7, 'running')
    assert control.reuploadScript()
    wait_for(control.isProgramRunning, 'program again')
    assert control.moveJ(shifted(-0.05), 1.0, 5.0)


def watchdog(host, tries=3):
    control, receive = connect(host)
    assert control.setWatchdog(1.0)
    written = time.monotonic()
    end = written + 1.5  # longer than its time
    while time.monotonic() < end or receive.getActualQd()[0] != 0.2:
        before, written = written, time.monotonic()
        if not control.speedJ([0.2, 0, 0, 0, 0, 0], 5.0, PERIOD):
            assert written - before > 0.9 and tries > 1, 'the watchdog has ended a program that was fed'
            control.disconnect()
            return watchdog(host, tries - 1)  # the machine kept this client for so long
        time.sleep(PERIOD)
    wait_for(lambda: not control.isProgramRunning(), 'watchdog')
    wait_for(lambda: not any(receive.getActualQd()), 'rest')


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
    wait_for(lambda: not any(receive.getActualQd()), 'rest after connecting again')
    assert control.moveJ(HOME, 1.0, 3.0)
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
    wait_for(lambda: not receive.isConnected(), 'loss seen')
    wait_for(lambda: _reconnected(receive), 'connected again')
    before = receive.getTimestamp()
    wait_for(lambda: receive.getTimestamp() > before, 'data again')
    seen = [receive.getTimestamp()]

    def went_on():
        seen.append(receive.getTimestamp())
        return seen[-1] > seen[0] + 1.0

    fault(host, 'silence 0.6')
    wait_for(went_on, 'robot time went on')
    assert max(b - a for a, b in pairwise(seen)) > 0.4 and receive.isConnected()


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


if __name__ == '__main__':
    from ur5_cell.die_with_parent import die_with_parent

    die_with_parent()
    globals()[sys.argv[1]](sys.argv[2])
    sys.stdout.flush()
    os._exit(0)  # no destructors: the client's threads may abort while the robot goes away
