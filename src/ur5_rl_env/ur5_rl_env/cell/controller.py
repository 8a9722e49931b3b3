"""A simulated UR5 (CB3) controller on loopback: RTDE (30004), script port (30003) and dashboard (29999).

    python -m ur5_rl_env.cell.controller --host 127.0.0.1

A process of its own, one thread: sockets are served until the next control step is due, then arm, program and
output packets advance by one step of 8 ms. The ur_rtde client connects to it unmodified. It must not share a
process with a client, since ur_rtde's constructors hold the interpreter's lock.
"""

import argparse
import contextlib
import os
import select
import signal
import sys
import time

from ur5_rl_env.cell import faults
from ur5_rl_env.cell.connections import (
    ConnectionLost,
    DashboardConnection,
    LineConnection,
    RtdeConnection,
    ScriptConnection,
)
from ur5_rl_env.cell.joint_state_ring import JointState, JointStateRing
from ur5_rl_env.cell.lateness import Lateness
from ur5_rl_env.cell.listening import (
    DASHBOARD_PORT,
    RTDE_PORT,
    SCRIPT_PORT,
    BindError,
    listen,
    loopback_address,
)
from ur5_rl_env.cell.process import OrphanError, die_with_parent
from ur5_rl_env.cell.robot import Robot
from ur5_rl_env.cell.robot_config import RobotConfig
from ur5_rl_env.task import HOME_JOINTS
from ur5_rl_graph.priority import Priority, wake_in_time

END_S = 4.0  # what control clients get to leave after SIGTERM
CATCH_UP_STEPS = 5  # steps made up for after a delay; what is later than that is left out
OFFSET_STEPS = 125  # steps between two looks at how system and monotonic time differ


def system_offset():
    """System time minus monotonic time [ns], from the tightest of a few readings.

    Two single readings would be off by however long the process was set aside between them.
    """
    readings = []
    for _ in range(5):
        before, system, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
        readings.append((after - before, system - (before + after) // 2))
    return min(readings)[1]


class RobotController:
    """The robot, its ports, and the loop that keeps them going.

    Args:
        host: loopback address.
        config: RobotConfig.
        ring: JointStateRing to write the arm's states to, or None.
        fault_port: port for fault commands (faults.py), or None.
        run_identity: the run that it belongs to; '' = started by hand.
        log: called with one line for everything a pendant would show.

    Raises:
        BindError: not a loopback address, or a port is busy.
    """

    def __init__(
        self, host='127.0.0.1', *, config=None, ring=None, fault_port=None, run_identity='', log=print
    ):
        self.robot = Robot(config or RobotConfig(), log)
        self.lateness = Lateness()
        self.skipped_steps = 0
        self._end_at = None  # monotonic [ns], once it is to end
        self.run_identity = run_identity
        self._host = loopback_address(host)
        self._ring = ring
        self._log = log
        self._ports = {
            RTDE_PORT: RtdeConnection,
            SCRIPT_PORT: ScriptConnection,
            DASHBOARD_PORT: DashboardConnection,
        }
        self._listeners = {}  # socket -> class of its connections
        self._connections = set()
        self._fault_listener = listen(self._host, fault_port) if fault_port is not None else None
        self._fault_connections = set()
        self._silent_until = self._closed_until = 0  # monotonic [ns]
        self._system_offset = system_offset()
        self.faults = {
            'protective_stop': lambda: self.robot.protective_stop('fault port'),
            'emergency_stop': self.robot.emergency_stop,
            'release_emergency_stop': self.robot.release_emergency_stop,
        }
        self.timed_faults = {'silence': self._be_silent, 'drop': self._drop}
        try:
            self._open_ports()
        except BindError:
            self.close()
            raise

    def end(self, *_):
        """End when the clients that control the arm have gone, END_S later at most; at once if told again."""
        now = time.monotonic_ns()
        self._end_at = now if self._end_at is not None else now + round(END_S * 1e9)

    @property
    def _over(self):
        if self._end_at is None:
            return False
        return not self._control_clients() or time.monotonic_ns() >= self._end_at

    def _control_clients(self):
        return sum(connection.controls for connection in self._connections)

    def run(self, parent=None):
        """Serve until `end`, or until `parent` (process id) is not this process's parent any more."""
        period = round(self.robot.period * 1e9)
        deadline = time.monotonic_ns() + period
        while not self._over and parent in (None, os.getppid()):
            while (wait := deadline - time.monotonic_ns()) > 0 and not self._over:
                self._serve(wait * 1e-9)
            now = time.monotonic_ns()
            self.lateness.add(now - deadline)
            if now - deadline > period // 8:
                self._serve(0.0)  # what came in while this process was set aside
            self._step(deadline)
            deadline += period
            if (missed := (now - deadline) // period) > CATCH_UP_STEPS:
                # The process was stopped or starved: the arm has stood still, time goes on from here.
                self.skipped_steps += missed
                self._log(f'{missed} control steps left out after a delay of {missed * period * 1e-6:.0f} ms')
                deadline += missed * period

    def close(self):
        """Close all ports and connections."""
        if left := self._control_clients():
            self._log(f'{left} clients still control the arm: their connections are closed')
        self._close_ports()
        for connection in (*self._fault_connections, self._fault_listener):
            if connection is not None:
                connection.close()

    def _step(self, deadline):
        self.robot.step()
        if self._ring is not None:
            robot = self.robot
            if robot.steps % OFFSET_STEPS == 0:
                self._system_offset = system_offset()
            stamp = deadline + self._system_offset
            motion = robot.motion
            modes = (robot.robot_mode, robot.safety_mode, robot.runtime_state)
            self._ring.write(JointState(stamp, deadline, motion.q, motion.qd, *modes))
        if not self._listeners and time.monotonic_ns() >= self._closed_until:
            self._open_ports()
            self._log('ports are open again')
        if time.monotonic_ns() >= self._silent_until:
            for connection in tuple(self._connections):
                self._attempt(connection, connection.after_step)

    def _serve(self, timeout):
        """Take what arrives within `timeout` [s]; returns after the first event."""
        watched = list(self._fault_connections)
        if self._fault_listener is not None:
            watched.append(self._fault_listener)
        if time.monotonic_ns() >= self._silent_until:
            watched += [*self._listeners, *self._connections]
        for ready in select.select(watched, (), (), timeout)[0]:
            if ready in self._listeners:
                self._accept(ready, self._connections, self._listeners[ready])
            elif ready is self._fault_listener:
                self._accept(ready, self._fault_connections, self._fault_connection)
            elif ready.fileno() >= 0:  # a fault command served just before may have closed it
                self._attempt(ready, ready.receive)

    def _accept(self, listener, connections, make):
        try:
            sock, _ = listener.accept()
        except OSError:
            return  # the client has changed its mind
        try:
            connections.add(make(sock, self.robot, self._log))
        except (ConnectionLost, OSError):
            sock.close()

    def _fault_connection(self, sock, robot, log):
        return LineConnection(sock, robot, log, lambda line: faults.carry_out(self, line))

    def _attempt(self, connection, action):
        try:
            action()
        except ConnectionLost as reason:
            if str(reason):
                self._log(f'connection closed: {reason}')
            connection.close()
            if connection.controls:
                self._log('control client closed its connection')
            self._connections.discard(connection)
            self._fault_connections.discard(connection)

    def _open_ports(self):
        for port, make in self._ports.items():
            self._listeners[listen(self._host, port)] = make

    def _close_ports(self):
        # Listeners too: a client of which only the connection is cut reconnects at once and may crash.
        for each in (*self._listeners, *self._connections):
            each.close()
        self._listeners, self._connections = {}, set()

    def _be_silent(self, seconds):
        self._silent_until = time.monotonic_ns() + round(seconds * 1e9)

    def _drop(self, seconds):
        self._closed_until = time.monotonic_ns() + round(seconds * 1e9)
        self._close_ports()


def parse_arguments(arguments):
    """Command line of the controller, as an argparse.Namespace."""
    parser = argparse.ArgumentParser(prog='ur5_rl_env.cell.controller', description=__doc__.splitlines()[0])
    parser.add_argument(
        '--host', default='127.0.0.1', help='loopback address, 127.x.y.z (default %(default)s)'
    )
    parser.add_argument(
        '--shared-state',
        metavar='RING',
        help='joint state ring: inherited descriptor, or /proc/<pid>/fd/<fd>',
    )
    parser.add_argument('--fault-port', type=int, help='port of the same address that takes fault commands')
    parser.add_argument(
        '--start-joints',
        type=float,
        nargs=6,
        default=HOME_JOINTS,
        metavar='RAD',
        help='joint angles at power-up',
    )
    parser.add_argument('--program-after-protective-stop', choices=('ended', 'paused'), default='ended')
    parser.add_argument('--watchdog-action', choices=('stop', 'protective_stop'), default='stop')
    parser.add_argument('--run-identity', default='', help='the run that it belongs to')
    parser.add_argument('--parent', type=int, help='process id of the parent; ends with it')
    return parser.parse_args(arguments)


def main(arguments=None):
    """Run a controller until SIGINT, SIGTERM or the end of the parent; returns the exit code."""
    options = parse_arguments(arguments)
    try:
        parent = die_with_parent(options.parent)
        config = RobotConfig(
            start_joints=tuple(options.start_joints),
            program_after_protective_stop=options.program_after_protective_stop,
            watchdog_action=options.watchdog_action,
        )
        ring = JointStateRing.attach(options.shared_state) if options.shared_state else None
        controller = RobotController(
            options.host,
            config=config,
            ring=ring,
            fault_port=options.fault_port,
            run_identity=options.run_identity,
            log=_print_line,
        )
    except (BindError, OrphanError, OSError, ValueError) as error:
        print(f'robot controller: {error}', file=sys.stderr)
        return 1
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, controller.end)
    _print_line(f'listening on {options.host}, {wake_in_time(Priority.ROBOT)} scheduling')
    try:
        controller.run(parent)
    except BindError as error:  # another program took a port while `drop` had it closed
        print(f'robot controller: {error}', file=sys.stderr)
        return 1
    finally:
        controller.close()
        _print_line(f'ended; {controller.lateness}, {controller.skipped_steps} steps left out')
    return 0


def _print_line(text):
    with contextlib.suppress(BrokenPipeError):  # the robot does not stop because nobody reads
        print(f'robot controller: {text}', flush=True)


if __name__ == '__main__':
    sys.exit(main())
