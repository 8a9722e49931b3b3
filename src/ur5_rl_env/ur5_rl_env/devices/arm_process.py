"""The process around the servo, without ROS: one connection to the controller, from first to last.

    python -m ur5_rl_env.devices.arm_process FD JSON      (started by arm_session, which holds the other end)

Whatever ends the connection (cable, stopped program, ur_rtde crashed or hung) ends this process, and the
session starts another. When the session's end of the socket closes, because the driver ended or was killed,
the arm is ramped to zero and the process ends.
"""

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
from functools import partial
from typing import Any

from ur5_rl_env.cell_owner import owner
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.arm_link import ArmLink, deadline
from ur5_rl_env.devices.arm_packets import (
    HOPELESS,
    LONGEST,
    AnswerPacket,
    Packet,
    RequestPacket,
    TextPacket,
    VelocityPacket,
    pack,
    unpack,
)
from ur5_rl_env.devices.arm_servo import Servo
from ur5_rl_env.devices.examination import (
    LinkLostError,
    NobodyThereError,
    UnfitControllerError,
    check_free,
    check_model,
    examine,
)
from ur5_rl_env.guard import Guard, GuardConfig
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_env.readiness import ArmState
from ur5_rl_env.robot_models import MODELS
from ur5_rl_env.watchdog import CommandWatchdog, WatchdogConfig
from ur5_rl_graph.priority import Priority, wake_in_time

EARLIER_S = 0.0001  # the next look for a reading, where the last one found it waiting
AGAIN_S = 0.0003  # the next look, where there was none yet
TURN_S = 1.5  # for a turn of the loop, whose calls of ur_rtde take milliseconds; they may hang for 300 s
CELL_STARTS_S = 10.0
LEAVE_S = 2.0  # what the arm gets to come to rest


class Line:
    """The servo's end of the socket; sending never waits, for a stopped node must not stop the arm's loop."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.setblocking(False)
        self._owed: list[Packet] = []

    def send(self, packet: Packet) -> None:
        """Sends a packet; drops it where the node does not read (its stamps tell).

        Not what is said once, answers and the newest text: it goes before the next packet for which there is
        room.
        """
        if isinstance(packet, TextPacket):
            self._owed = [owed for owed in self._owed if not isinstance(owed, TextPacket)]
        if said_once := isinstance(packet, AnswerPacket | TextPacket):
            self._owed.append(packet)
        with contextlib.suppress(BlockingIOError, ConnectionError):
            while self._owed:
                self._socket.send(pack(self._owed[0]))
                del self._owed[0]
            if not said_once:
                self._socket.send(pack(packet))

    def receive(self, timeout: float) -> list[VelocityPacket | RequestPacket]:
        """Returns what arrived within `timeout` [s], of the velocity commands only the newest.

        Raises:
            EOFError: the node has gone.
        """
        packets: list[VelocityPacket | RequestPacket] = []
        velocity: VelocityPacket | None = None
        if not select.select([self._socket], [], [], max(timeout, 0.0))[0]:
            return packets
        with contextlib.suppress(BlockingIOError):
            while True:
                try:
                    data = self._socket.recv(LONGEST)
                except ConnectionError:
                    data = b''
                if not data:
                    raise EOFError
                packet = unpack(data)
                if isinstance(packet, VelocityPacket):
                    velocity = packet
                elif isinstance(packet, RequestPacket):
                    packets.append(packet)
        return packets if velocity is None else [*packets, velocity]


def connect(line: Line, config: ArmConfig) -> ArmLink:
    """Returns the connection to the controller, tried again and again.

    That the simulated controller of our own run does not listen yet is told after CELL_STARTS_S only: it
    starts together with us.

    Raises:
        EOFError: the node has gone.
        UnfitControllerError: the robot there is another one than this program is made for.
    """
    patient_until = time.monotonic() + (CELL_STARTS_S if config.cell_run else 0.0)
    while True:
        try:
            found = examine(config.robot_ip)
            check_model(found, config.robot_ip, config.robot_model)
            check_owner(config)
            check_free(found, config.robot_ip)
            return ArmLink(config.robot_ip, MODELS[config.robot_model].control_period_s, config.payload)
        except LinkLostError as error:
            if not isinstance(error, NobodyThereError) or time.monotonic() >= patient_until:
                line.send(TextPacket(ArmState.DISCONNECTED, f'{error}{config.retrying}'))
        end = time.monotonic() + config.retry_s
        while (left := end - time.monotonic()) > 0.0:
            for packet in line.receive(left):
                if isinstance(packet, RequestPacket):
                    line.send(AnswerPacket(packet.identity, False, 'no connection to the controller'))


def check_owner(config: ArmConfig) -> None:
    """Makes sure that a simulated controller is that of our own run, whoever listens at its address now.

    Raises:
        LinkLostError: it is not.
    """
    if config.cell_run and (found := owner(config.robot_ip)) != config.cell_run:
        whose = f'run {found}' if found else 'no run that it names'
        raise LinkLostError(
            f'the controller at {config.robot_ip} belongs to {whose}, not to our run {config.cell_run}; '
            'is another one using that address?'
        )


def serve(line: Line, servo: Servo, link: ArmLink) -> None:
    """Runs the connection; returns when the node has gone and the arm is at rest.

    ur_rtde has no call that waits for a reading, so the loop looks for it in phase with its arrival: a little
    earlier each time one was waiting, until it comes too early. A turn that hangs ends the process.
    """
    look_at, waiting = time.monotonic(), False
    leave_at = None
    while leave_at is None or (not servo.resting and time.monotonic() < leave_at):
        with deadline(TURN_S):
            packets: list[VelocityPacket | RequestPacket] = []
            if leave_at is not None:
                time.sleep(max(0.0, look_at - time.monotonic()))
            else:
                try:
                    packets = line.receive(look_at - time.monotonic())
                except EOFError:
                    leave_at = time.monotonic() + LEAVE_S
                    servo.stop()
            for packet in packets:
                if isinstance(packet, VelocityPacket):
                    servo.velocity(packet)
                else:
                    servo.request(packet)
            if time.monotonic() < look_at:
                continue
            reading = link.read()
            if reading is None:
                look_at, waiting = time.monotonic() + AGAIN_S, False
            else:
                look_at = time.monotonic() + link.period_s - (EARLIER_S if waiting else 0.0)
                waiting = True
                servo.tick(reading)
            servo.check()


def _values(found: dict[str, Any]) -> dict[str, Any]:
    """What JSON made of a configuration, its lists tuples again."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}


def main() -> None:
    """Serves one connection; leaves without running destructors (see arm_link)."""
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # Ctrl-C reaches the whole group; the node ends this process
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # of `deadline`
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])
    wake_in_time(Priority.CONTROL)
    line, settings = Line(int(sys.argv[1])), json.loads(sys.argv[2])
    config, guard = ArmConfig(**_values(settings['arm'])), GuardConfig(**_values(settings['guard']))
    watchdog = WatchdogConfig(**_values(settings['watchdog']))
    word = PersonsWord(**settings.get('word', {}))
    code = 0
    try:
        link = connect(line, config)
        limit = CommandWatchdog(watchdog, config.action_cycle_s)
        unslewed = partial(time.clock_gettime_ns, time.CLOCK_MONOTONIC_RAW)
        servo = Servo(link, Guard(guard), limit, config, line.send, word=word, unslewed=unslewed)
        wake_in_time(Priority.SERVO)  # not while it connects, which computes beside another run's servo
        serve(line, servo, link)
        if link.has_program:
            link.end_program()
    except EOFError:
        pass
    except (LinkLostError, UnfitControllerError) as error:
        line.send(TextPacket(ArmState.DISCONNECTED, str(error)))
        code = HOPELESS if isinstance(error, UnfitControllerError) else 0
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
    os._exit(code)


if __name__ == '__main__':
    main()
