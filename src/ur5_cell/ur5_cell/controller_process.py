"""The simulated controller as a child process, as the robot cell and the tests start it."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ur5_cell
import ur5_rl_env
import ur5_rl_graph
from ur5_cell import faults
from ur5_cell.joint_state_ring import JointStateRing


class ControllerFailed(RuntimeError):
    """The controller did not start; its own message says why."""


class ControllerProcess:
    """A running controller (controller.py) and the ring it writes its joint states to.

    It is ready to be connected to when the constructor returns. It ends with `stop()`, with the `with` block
    of this object, or with the thread that made it.

    Args:
        host: loopback address, 127.x.y.z.
        fault_port: port of that address for fault commands, or None.
        simulated_by: joint state rings of a simulator that moves the arm (MeasuredArm), or None.
        arguments: more of the controller's command line, such as ('--watchdog-action', 'protective_stop').
        start_timeout: time allowed for starting [s].
        **popen: passed to subprocess.Popen, such as stdout.

    Raises:
        ControllerFailed: it ended at once (a busy port, say), or was not ready in time.
    """

    program: tuple[str, ...] = ('-m', 'ur5_cell.controller')

    def __init__(
        self,
        host: str = '127.0.0.1',
        *,
        fault_port: int | None = None,
        simulated_by: Sequence[JointStateRing] | None = None,
        arguments: Sequence[str] = (),
        start_timeout: float = 15.0,
        **popen: Any,  # whatever Popen takes
    ) -> None:
        self.host = host
        self.ring = JointStateRing.create()
        self._fault_port = fault_port
        command = [sys.executable, *self.program, '--host', host]
        command += ['--shared-state', str(self.ring.fd), '--parent', str(os.getpid()), *arguments]
        if fault_port is not None:
            command += ['--fault-port', str(fault_port)]
        handed_over = [self.ring.fd]
        if simulated_by is not None:
            rings = [ring.fd for ring in simulated_by]
            command += ['--simulated-by', *map(str, rings)]
            handed_over += rings
        # Its own session: Ctrl-C on the terminal must not end the robot before the nodes have stopped it.
        self._process = subprocess.Popen(
            command, pass_fds=handed_over, env=child_environment(), start_new_session=True, **popen
        )
        try:
            self._await_start(start_timeout)
        except BaseException:  # an interrupt, too: nobody else knows of the process yet
            self._process.kill()
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """Process id of the controller."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs, then its exit code (negative: the signal that ended it)."""
        return self._process.poll()

    def fault(self, line: str) -> None:
        """Carry out a fault command (faults.py), such as 'protective_stop' or 'silence 3'.

        Raises:
            OSError: the controller does not answer.
            ValueError: it does not know the command.
        """
        assert self._fault_port is not None  # who sends a fault has asked for the port
        faults.request(self.host, self._fault_port, line)

    def stop(self, timeout: float = 6.0) -> int:
        """End the controller when its clients have gone, as SIGTERM does; after `timeout` [s] with SIGKILL.

        Its ring is closed, too, and shows the last joint states.

        Returns:
            Its exit code.
        """
        self._process.terminate()
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            self.ring.close()

    def __enter__(self) -> 'ControllerProcess':
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _await_start(self, timeout: float) -> None:
        end = time.monotonic() + timeout
        while not self.ring.written:
            if (code := self._process.poll()) is not None:
                raise ControllerFailed(
                    f'the robot controller on {self.host} ended with exit code {code}; '
                    'the line it printed says why'
                )
            if time.monotonic() > end:
                raise ControllerFailed(
                    f'the robot controller on {self.host} did not start in {timeout:.0f} s'
                )
            time.sleep(0.01)


def child_environment() -> dict[str, str]:
    """This environment, in which the child finds the packages that are imported here."""
    files = (ur5_cell.__file__, ur5_rl_env.__file__, ur5_rl_graph.__file__)
    roots = [str(Path(file).parents[1]) for file in files]
    inherited = os.environ.get('PYTHONPATH')
    return {**os.environ, 'PYTHONPATH': os.pathsep.join([*roots, inherited] if inherited else roots)}
