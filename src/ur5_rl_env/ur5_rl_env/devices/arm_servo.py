"""The servo process of the arm driver: guard, watchdog and the 125 Hz stream to the controller. No ROS here.

    python -m ur5_rl_env.devices.arm_servo FD JSON      (started by arm_session, which holds the other end)

One process is one connection to the controller. Whatever ends it (connection lost, program stopped, ur_rtde
crashed or hung) is repaired by a new process, which the session starts. When the session's end of the socket
closes, because the driver ended or was killed, the arm is ramped to zero and the process ends.
"""

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time

from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.arm_link import MODES, RUNNING, SAFETY_NORMAL, ArmLink, LinkLostError, Reading, probe
from ur5_rl_env.devices.arm_move import Move
from ur5_rl_env.devices.arm_packets import (
    LONGEST,
    AnswerPacket,
    ArmState,
    ExecutedPacket,
    Request,
    RequestPacket,
    StatePacket,
    TextPacket,
    VelocityPacket,
    pack,
    unpack,
)
from ur5_rl_env.guard import Guard, GuardConfig, checked_request
from ur5_rl_env.watchdog import CommandWatchdog, WatchdogConfig

PERIOD_S = 0.008
EARLIER_S = 0.0001
LATE_POLL_S = 0.0003  # a packet that is not there yet is looked for again so soon
SILENCE_S = 1.0  # of the controller, after which the connection counts as lost
PAUSE_S = 0.05  # of the controller, in which nothing is sent: what would be, is out of date when it is read
REST = 1e-3  # [rad/s] a joint slower than this rests


class Servo:
    """What one connection does: from commands, requests and readings to speedJ, movej and reports.

    Args:
        link: ArmLink, or an object like it.
        report: called with each packet for the node.
        clock: monotonic time [ns].
    """

    def __init__(
        self, link, guard: Guard, watchdog: CommandWatchdog, arm: ArmConfig, acceleration, report, clock
    ):
        self._link, self._guard, self._watchdog, self._arm = link, guard, watchdog, arm
        self._acceleration, self._report, self._clock = acceleration, report, clock
        self._requested = (0.0,) * 6
        self._stamp_ns = 0  # of the newest command
        self._send_ms = 0.0
        self._driving = False  # the controller holds a speedJ target
        self._commanded = False  # the newest target came from a fresh command
        self._move = None  # Move under way
        self._move_identity = 0
        self._stops = []  # numbers of stop requests to answer at rest
        self._reading = None
        self._read_at = 0  # monotonic [ns]
        self._was_protective = False
        self._rejected = self._interventions = self._trips = self._protective_stops = 0
        self._outside = False
        self._text = ''

    @property
    def resting(self) -> bool:
        """True when the arm neither moves nor is about to."""
        at_rest = self._reading is None or max(map(abs, self._reading.target_qd)) < REST
        return at_rest and self._move is None

    def velocity(self, packet: VelocityPacket) -> None:
        """Takes a velocity command and acts on it at once."""
        try:
            requested = checked_request(packet.velocity)
        except ValueError as error:
            self._rejected += 1
            print(f'arm: {error}; not executed', file=sys.stderr, flush=True)
            return
        if not self._watchdog.accept(packet.stamp_ns, time.time_ns(), self._clock()):
            self._rejected += 1
            return
        self._requested, self._stamp_ns = requested, packet.stamp_ns
        if self._move is not None or not self._in_control():
            self._watchdog.drop()  # ignored, and not remembered for when the arm is ready again
            return
        if self._clock() - self._read_at < PAUSE_S * 1e9:
            self._drive()
            self._send_ms = (time.time_ns() - packet.stamp_ns) * 1e-6

    def request(self, packet: RequestPacket) -> None:
        """Takes a request; its answer is reported when it is done."""
        if packet.request is Request.UNLOCK:
            self._unlock(packet.identity)
        elif packet.request is Request.STOP:
            self.stop()
            self._stops.append(packet.identity)
        elif not self._in_control():
            self._answer(packet.identity, False, f'the arm cannot move: {self._text}')
        elif self._move is not None:
            self._answer(packet.identity, False, 'the arm is already on its way home')
        else:
            self._watchdog.drop()
            self._move = Move(self._link, self._arm)
            self._move_identity = packet.identity

    def stop(self) -> None:
        """Drops the command or the move; the arm comes to rest."""
        self._watchdog.drop()
        self._commanded = False
        if self._move is not None:
            self._move.cancel()

    def tick(self, reading: Reading) -> None:
        """Acts on a new reading, once per control step, and reports the arm's state."""
        self._reading, self._read_at = reading, self._clock()
        self._protective_stop_seen(reading)
        if self._may_start(reading):
            self._link.start_program(self._watchdog.limit_s)
            self._reading = reading = reading._replace(playing=True)
        if self._in_control():
            if self._move is None:
                self._drive()
            else:
                self._advance_move(reading)
        elif self._move is not None:
            self._end_move(False, f'the arm stopped on its way: {self._describe(reading)[1]}')
        if self._stops and self.resting:
            for identity in self._stops:
                self._answer(identity, True, 'the arm is at rest')
            self._stops.clear()
        self._report_state(reading)

    def check(self) -> None:
        """Called between readings.

        Raises:
            LinkLostError: the controller is silent, or our program on it has ended.
        """
        silence = (self._clock() - self._read_at) * 1e-9
        if silence > SILENCE_S:
            raise LinkLostError(f'the controller at {self._arm.robot_ip} has been silent for {silence:.1f} s')
        reading = self._reading
        if (
            reading
            and self._link.has_program
            and not reading.playing
            and reading.safety_mode in SAFETY_NORMAL
        ):
            raise LinkLostError('our program on the controller has ended; starting it again')

    def _in_control(self) -> bool:
        reading = self._reading
        return bool(
            reading and self._link.has_program and reading.playing and reading.safety_mode in SAFETY_NORMAL
        )

    def _may_start(self, reading) -> bool:
        normal = reading.robot_mode == RUNNING and reading.safety_mode in SAFETY_NORMAL
        return normal and not self._link.has_program

    def _drive(self):
        """Sends what the guard makes of the newest command, or brakes where there is none."""
        reading = self._reading
        if self._watchdog.fresh(self._clock()):
            verdict = self._guard.filter(reading.target_q, reading.target_qd, self._requested)
            velocity, self._outside = verdict.velocity, verdict.outside
            self._interventions += verdict.intervened
            self._driving = self._commanded = True
        elif self._driving:
            velocity = self._guard.brake()
            if self._commanded:
                self._trips += max(map(abs, reading.target_qd)) > REST
                self._commanded = False
        else:
            self._link.keep_alive()
            self._outside = self._guard.outside(reading.target_q)
            return
        self._link.speed(velocity, self._acceleration)
        self._report(ExecutedPacket(time.time_ns(), self._stamp_ns if self._commanded else 0, velocity))

    def _advance_move(self, reading):
        if self._driving:  # first to rest: a move on top of a speed motion is a program error
            if not self.resting_now(reading):
                self._link.speed(self._guard.brake(), self._acceleration)
                return
            self._link.end_speed()
            self._driving = self._commanded = False
        done = self._move.step(reading, self._clock() * 1e-9)
        if done is not None:
            self._end_move(*done)

    @staticmethod
    def resting_now(reading) -> bool:
        """True when the controller commands no motion."""
        return max(map(abs, reading.target_qd)) < REST

    def _end_move(self, ok, text):
        self._move = None
        self._answer(self._move_identity, ok, text)

    def _unlock(self, identity):
        if self._reading is None or not self._reading.protective_stop:
            self._answer(identity, False, 'there is no protective stop to release')
            return
        try:
            self._link.unlock()
        except ValueError as error:
            self._answer(identity, False, f'the controller refuses: {error}')
        else:
            self._answer(identity, True, 'protective stop released')

    def _protective_stop_seen(self, reading):
        if reading.protective_stop and not self._was_protective:
            self._protective_stops += 1
            self._watchdog.drop()
        self._was_protective = reading.protective_stop

    def _answer(self, identity, ok, text):
        self._report(AnswerPacket(identity, ok, text))

    def _report_state(self, reading):
        state, text = self._describe(reading)
        if text != self._text:
            self._text = text
            self._report(TextPacket(state, text))
        self._report(
            StatePacket(
                reading.capture_ns,
                reading.q,
                reading.qd,
                state,
                reading.robot_mode,
                reading.safety_mode,
                self._rejected,
                self._interventions,
                self._trips,
                self._protective_stops,
                self._send_ms,
            )  # fmt: skip
        )

    def _describe(self, reading) -> tuple[ArmState, str]:
        """The state and its words: cause and remedy."""
        if reading.emergency_stop:
            return ArmState.EMERGENCY_STOP, 'emergency stop; release the button, power on, and start again'
        if reading.protective_stop:
            return (
                ArmState.PROTECTIVE_STOP,
                'protective stop; look for the cause, then call arm/unlock after 5 s',
            )
        if reading.safety_mode not in SAFETY_NORMAL:
            return ArmState.DISCONNECTED, f'safety mode {reading.safety_mode}; clear it on the pendant'
        if reading.robot_mode != RUNNING:
            mode = MODES.get(reading.robot_mode, reading.robot_mode)
            return ArmState.DISCONNECTED, f'robot mode {mode}; power the arm on and release its brakes'
        if not self._in_control():
            return ArmState.DISCONNECTED, 'our program does not run on the controller yet'
        if self._move is not None:
            return ArmState.MOVING_HOME, 'moving home'
        if self._outside:
            where = self._guard.violation(reading.target_q) or 'the arm is back at its bounds'
            return (
                ArmState.OUT_OF_BOUNDS,
                f'{where.split(" is ")[0]} is out of bounds; commands drive it back slowly',
            )
        if self._commanded:
            return ArmState.READY, 'ready'
        return ArmState.HOLDING, 'holding: no fresh velocity command'


class Line:
    """The servo's end of the socket; sending never waits, for a stopped node must not stop the arm's loop."""

    def __init__(self, descriptor: int):
        self._socket = socket.socket(fileno=descriptor)
        self._socket.setblocking(False)

    def send(self, packet) -> None:
        """Sends a packet; drops it where the node does not read (it will know by the stamps)."""
        with contextlib.suppress(BlockingIOError, ConnectionError):
            self._socket.send(pack(packet))

    def receive(self, timeout: float) -> list:
        """Returns what arrived within `timeout` [s], of the velocity commands only the newest.

        Raises:
            EOFError: the node has gone.
        """
        packets, velocity = [], None
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
                else:
                    packets.append(packet)
        return packets if velocity is None else [*packets, velocity]


def wait_for_controller(line: Line, arm: ArmConfig) -> ArmLink:
    """Returns the connection to the controller, tried again and again. EOFError: the node has gone."""
    while True:
        try:
            probe(arm.robot_ip)
            return ArmLink(arm.robot_ip)
        except LinkLostError as error:
            hint = 'is the robot on and on this network?'
            line.send(
                TextPacket(ArmState.DISCONNECTED, f'{error}; {hint} trying again every {arm.retry_s:.1f} s')
            )
        end = time.monotonic() + arm.retry_s
        while (left := end - time.monotonic()) > 0.0:
            for packet in line.receive(left):
                if isinstance(packet, RequestPacket):
                    line.send(
                        AnswerPacket(packet.identity, False, 'there is no connection to the controller')
                    )


def serve(line: Line, servo: Servo, link: ArmLink) -> None:
    """Runs the connection; returns when the node has gone and the arm is at rest.

    The readings' arrival is found by polling in phase with it: each time a packet is there at once the next
    look is a little earlier, until one has to wait for it.
    """
    next_poll, at_once = time.monotonic(), False
    leaving = None
    while leaving is None or (not servo.resting and time.monotonic() < leaving):
        try:
            packets = line.receive(next_poll - time.monotonic()) if leaving is None else _sleep(next_poll)
        except EOFError:
            packets, leaving = [], time.monotonic() + 2.0
            servo.stop()
        for packet in packets:
            (servo.velocity if isinstance(packet, VelocityPacket) else servo.request)(packet)
        if time.monotonic() < next_poll:
            continue
        reading = link.read()
        next_poll = time.monotonic() + LATE_POLL_S
        if reading:
            next_poll += PERIOD_S - LATE_POLL_S - (EARLIER_S if at_once else 0.0)
        at_once = reading is not None
        if reading:
            servo.tick(reading)
        servo.check()


def _sleep(until) -> list:
    time.sleep(max(0.0, until - time.monotonic()))
    return []


def main() -> None:
    """Serves one connection; leaves without running destructors (see arm_link)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the node ends this process
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    line, settings = Line(int(sys.argv[1])), json.loads(sys.argv[2])
    arm, guard, watchdog = (
        kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in settings[name].items()})
        for name, kind in (('arm', ArmConfig), ('guard', GuardConfig), ('watchdog', WatchdogConfig))
    )
    with contextlib.suppress(OSError):
        os.nice(-10)  # the arm's loop before a learner's, where this is allowed
    with contextlib.suppress(EOFError):
        link = wait_for_controller(line, arm)
        servo = Servo(
            link,
            Guard(guard),
            CommandWatchdog(watchdog),
            arm,
            guard.acceleration,
            line.send,
            time.monotonic_ns,
        )
        try:
            serve(line, servo, link)
            if link.has_program:
                link.end_program()
        except LinkLostError as error:
            line.send(TextPacket(ArmState.DISCONNECTED, str(error)))
    os._exit(0)


if __name__ == '__main__':
    main()
