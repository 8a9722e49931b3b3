"""A simulated controller of a UR5 or UR5e on loopback: RTDE (30004), script port (30003), dashboard (29999).

    python -m ur5_cell.controller --host 127.0.0.1

A process of its own, one thread: sockets are served until the next control step is due, then arm, program and
output packets advance by one step of 8 or 2 ms. The ur_rtde client connects to it unmodified. It must not
share a process with a client, since ur_rtde's constructors hold the interpreter's lock.
"""

import argparse
import contextlib
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType

from ur5_cell import faults
from ur5_cell.clients import Clients, Make
from ur5_cell.connections import DashboardConnection, LineConnection, Log, ScriptConnection
from ur5_cell.die_with_parent import OrphanError, die_with_parent
from ur5_cell.joint_state_ring import JointState, JointStateRing, StaleJointState
from ur5_cell.lateness import Lateness
from ur5_cell.limited_log import LimitedLog
from ur5_cell.loopback import DASHBOARD_PORT, RTDE_PORT, SCRIPT_PORT, BindError, loopback_address
from ur5_cell.realtime_stream import RealtimeStream
from ur5_cell.robot import Robot
from ur5_cell.robot_config import RobotConfig
from ur5_cell.rtde_connection import RtdeConnection
from ur5_cell.simulated_arm import Arm, IdealArm, MeasuredArm, Screen
from ur5_cell.step_clock import StepClock
from ur5_rl_env.kinematics import kinematics_of
from ur5_rl_env.robot_models import MODELS, UR5
from ur5_rl_graph.priority import Priority, wake_in_time

SERVING_SHARE = 0.5  # of a period, at most: priority of real time must not take the processor from others
END_S = 4.0  # what control clients get to leave after SIGTERM


class RobotController:
    """The robot, its ports, and the loop that keeps them going.

    Args:
        host: loopback address.
        config: of the arm; None = the defaults.
        arm: what moves; None = an ideal one.
        ring: to write the arm's states to, or None.
        fault_port: port for fault commands (faults.py), or None.
        run_identity: the run that it belongs to; '' = started by hand.
        log: called with one line for everything a pendant would show.

    Raises:
        BindError: not a loopback address, or a port is busy.
    """

    def __init__(
        self,
        host: str = '127.0.0.1',
        *,
        config: RobotConfig | None = None,
        arm: Arm | None = None,
        ring: JointStateRing | None = None,
        fault_port: int | None = None,
        run_identity: str = '',
        log: Log = print,
    ) -> None:
        config = config or RobotConfig()
        second = round(1.0 / config.period)  # in control steps
        self._robot_log, self._client_log = (LimitedLog(log, steps=second) for _ in range(2))
        self.robot = Robot(config, self._robot_log, arm)
        self.lateness = Lateness()
        self.skipped_steps = 0
        self._end_at: int | None = None  # monotonic [ns], once it is to end
        self.run_identity = run_identity
        self.host = loopback_address(host)
        self._ring = ring
        self._log = log
        self._silent_until = self._closed_until = 0  # monotonic [ns]
        self.faults: dict[str, Callable[[], None]] = {
            'protective_stop': lambda: self.robot.protective_stop('fault port'),
            'emergency_stop': self.robot.emergency_stop,
            'release_emergency_stop': self.robot.release_emergency_stop,
        }
        self.timed_faults: dict[str, Callable[[float], None]] = {
            'silence': self._be_silent,
            'drop': self._drop,
        }
        self._clients = Clients(self.host, self._ports(), self._client_log)
        self._fault_clients: Clients | None = None
        if fault_port is not None:
            self._listen_for_faults(fault_port)

    def end(self, *_: object) -> None:
        """End when the clients that control the arm have gone, END_S later at most; at once if told again."""
        now = time.monotonic_ns()
        self._end_at = now if self._end_at is not None else now + round(END_S * 1e9)

    @property
    def _over(self) -> bool:
        if self._end_at is None:
            return False
        return not self._clients.controlling or time.monotonic_ns() >= self._end_at

    def run(self, parent: int | None = None) -> None:
        """Serve until `end`, or until `parent` (process id) is not this process's parent any more."""
        period = round(self.robot.period * 1e9)
        clock = StepClock(period, time.monotonic_ns())
        while not self._over and parent in (None, os.getppid()):
            deadline = clock.due
            self._await(deadline, period)
            now = time.monotonic_ns()
            self.lateness.add(now - deadline)
            if now - deadline > period // 8:
                self._serve(0.0, now + period // 8)  # what came in while this process was set aside
            self._step(deadline)
            if missed := clock.step(now):
                self.skipped_steps += missed
                self.robot.left_out_steps += missed
                self._robot_log(
                    f'{missed} control steps left out after a delay of {missed * period * 1e-6:.0f} ms'
                )

    def _await(self, deadline: int, period: int) -> None:
        """Serve clients until `deadline`, for SERVING_SHARE of the period at most; floods have to wait."""
        left, last = round(SERVING_SHARE * period), period // 16
        while (wait := deadline - time.monotonic_ns()) > 0 and not self._over:
            if left > 0 or wait <= last:  # the last moments also for a command that came meanwhile
                left -= self._serve(wait * 1e-9, deadline)
            else:
                time.sleep((wait - last) * 1e-9)

    def close(self) -> None:
        """Close all ports and connections."""
        if left := self._clients.controlling:
            self._log(f'{left} clients still control the arm: their connections are closed')
        for clients in (self._clients, self._fault_clients):
            if clients is not None:
                clients.close()
        self._robot_log.close()
        self._client_log.close()

    def _step(self, deadline: int) -> None:
        self.robot.step()
        if self._ring is not None:
            robot = self.robot
            self._ring.write(JointState(deadline, tuple(robot.q), tuple(robot.qd), robot.runtime_state))
        if not self._clients.is_open and time.monotonic_ns() >= self._closed_until:
            self._clients.open()
            self._log('ports are open again')
        if not self._silent:
            self._clients.after_step()
        if self._fault_clients is not None:
            self._fault_clients.after_step()
        self._robot_log.step()
        self._client_log.step()

    def _serve(self, timeout: float, until: int) -> int:
        """Take what arrives within `timeout` [s]; returns after the first event.

        However much has arrived, clients get their turns one after the other only until the monotonic time
        `until` [ns]; those that got none are the first the next time.

        Returns:
            Time that it took after something had arrived [ns].
        """
        groups = [] if self._fault_clients is None else [self._fault_clients]
        if not self._silent:
            groups.append(self._clients)
        watched = [each for group in groups for each in group.watched()]
        arrived = select.select(watched, (), (), timeout)[0]
        begin = now = time.monotonic_ns()
        for ready in arrived:
            for group in groups:
                group.give_turn(ready)
            now = time.monotonic_ns()
            if now >= until:
                break
        return now - begin

    def _ports(self) -> dict[int, Make]:
        robot = self.robot
        stream = RealtimeStream(robot)
        return {
            RTDE_PORT: lambda sock, log: RtdeConnection(sock, robot, log),
            SCRIPT_PORT: lambda sock, log: ScriptConnection(sock, robot, log, stream),
            DASHBOARD_PORT: lambda sock, log: DashboardConnection(sock, robot, log),
        }

    def _listen_for_faults(self, port: int) -> None:
        def make(sock: socket.socket, log: Log) -> LineConnection:
            return LineConnection(sock, self.robot, log, lambda line: faults.carry_out(self, line))

        try:
            self._fault_clients = Clients(self.host, {port: make}, self._client_log)
        except BindError:
            self.close()
            raise

    @property
    def _silent(self) -> bool:
        return time.monotonic_ns() < self._silent_until

    def _be_silent(self, seconds: float) -> None:
        self._silent_until = time.monotonic_ns() + round(seconds * 1e9)

    def _drop(self, seconds: float) -> None:
        self._closed_until = time.monotonic_ns() + round(seconds * 1e9)
        self._clients.close()


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Command line of the controller."""
    parser = argparse.ArgumentParser(prog='ur5_cell.controller', description=__doc__.splitlines()[0])
    parser.add_argument(
        '--host', default='127.0.0.1', help='loopback address, 127.x.y.z (default %(default)s)'
    )
    parser.add_argument(
        '--shared-state',
        metavar='RING',
        help='joint state ring: inherited descriptor, or /proc/<pid>/fd/<fd>',
    )
    parser.add_argument('--fault-port', type=int, help='port of the same address that takes fault commands')
    parser.add_argument('--robot-model', choices=tuple(MODELS), default=UR5.name)
    parser.add_argument(
        '--start-joints',
        type=float,
        nargs=6,
        default=(),
        metavar='RAD',
        help='joint angles at power-up (default: home)',
    )
    parser.add_argument(
        '--screen',
        type=float,
        nargs=5,
        metavar='M',
        help='centre x, y, z in base_link, width and height of the screen that the camera can run into',
    )
    parser.add_argument(
        '--simulated-by',
        nargs=2,
        metavar='RING',
        help='joint state rings of a simulator that moves the arm: its measurements, our commands',
    )
    parser.add_argument('--program-after-protective-stop', choices=('ended', 'paused'), default='ended')
    parser.add_argument('--watchdog-action', choices=('stop', 'protective_stop'), default='stop')
    parser.add_argument('--run-identity', default='', help='the run that it belongs to')
    parser.add_argument('--parent', type=int, help='process id of the parent; ends with it')
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a controller until SIGINT, SIGTERM or the end of the parent; returns the exit code."""
    options = parse_arguments(arguments)
    try:
        parent = die_with_parent(options.parent)
        config = RobotConfig(
            robot_model=options.robot_model,
            start_joints=tuple(options.start_joints),
            program_after_protective_stop=options.program_after_protective_stop,
            watchdog_action=options.watchdog_action,
        )
        ring = JointStateRing.attach(options.shared_state) if options.shared_state else None
        controller = RobotController(
            options.host,
            config=config,
            arm=arm_of(options, config),
            ring=ring,
            fault_port=options.fault_port,
            run_identity=options.run_identity,
            log=print_line,
        )
    except (BindError, OrphanError, OSError, ValueError, StaleJointState) as error:
        print(f'robot controller: {error}', file=sys.stderr)
        return 1
    return serve(controller, parent)


def serve(controller: RobotController, parent: int | None = None) -> int:
    """Keep a controller going until SIGINT, SIGTERM or the end of the parent; returns the exit code."""
    _on_end_signals(controller.end)
    print_line(f'listening on {controller.host}, {wake_in_time(Priority.ROBOT)} scheduling')
    try:
        controller.run(parent)
    except BindError as error:  # another program took a port while `drop` had it closed
        print(f'robot controller: {error}', file=sys.stderr)
        return 1
    finally:
        _on_end_signals(signal.SIG_IGN)  # one more, while the interpreter ends, would be the exit code
        controller.close()
        print_line(f'ended; {controller.lateness}, {controller.skipped_steps} steps left out')
    return 0


def arm_of(options: argparse.Namespace, config: RobotConfig) -> Arm:
    """The arm that the command line names: a simulator's, or an ideal one."""
    if options.simulated_by:
        measured, commanded = map(JointStateRing.attach, options.simulated_by)
        return MeasuredArm(measured, commanded)
    if not options.screen:
        return IdealArm(config.start_joints)
    x, y, z, width, height = options.screen
    screen = Screen((x, y, z), width, height, kinematics_of(config.robot_model))
    return IdealArm(config.start_joints, screen)


def _on_end_signals(action: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, action)


def print_line(text: str) -> None:
    """Tell a person one line of what a pendant would show."""
    with contextlib.suppress(BrokenPipeError):  # the robot does not stop because nobody reads
        print(f'robot controller: {text}', flush=True)


if __name__ == '__main__':
    sys.exit(main())
