"""A run of a real launch file for the graph tests: starts it, reads its output, ends every process of it."""

import os
import re
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from own_domain import own_domain

from ur5_rl_graph.child import end_with_parent

ROOT = Path(__file__).resolve().parents[1]
MARK = 'UR5_RL_TEST_RUN'


def in_child() -> Callable[[], None]:
    """Returns what the launch does first: it hears the signals that it is sent, and ends when the tests do.

    A background job and nohup have it ignore some; a test process that is killed could not end it.
    """
    end = end_with_parent(signal.SIGINT)

    def prepare() -> None:
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        end()

    return prepare


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


class GraphRun:
    """`ros2 launch` in a process group, a ROS domain and a loopback address of its own."""

    def __init__(
        self, folder: Path, launch_file: str, *arguments: str, hold_port: int = 0, resume: bool = False
    ) -> None:
        """Starts the launch file; its run folder is folder/run, its output folder/output.

        Args:
            folder: of the test.
            launch_file: in launch/.
            arguments: name:=value.
            hold_port: a port of the cell's address that is kept busy during the run; 0 = none.
            resume: goes on with the run in the run folder.
        """
        self.run_folder = folder / 'run'
        self._output = folder / 'output'
        self._mark = uuid.uuid4().hex
        domain = own_domain()
        self.address = f'127.0.1.{domain}'
        self._busy = socket.create_server((self.address, hold_port)) if hold_port else None
        environment = dict(os.environ)
        environment[MARK] = self._mark
        environment['ROS_DOMAIN_ID'] = str(domain)
        command = [
            *('ros2', 'launch', str(ROOT / 'launch' / launch_file)),
            f'{"resume" if resume else "output"}:={self.run_folder}',
            f'cell_address:={self.address}',
            *arguments,
        ]
        self.environment = environment
        with self._output.open('w') as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
                preexec_fn=in_child(),
            )

    def __enter__(self) -> 'GraphRun':
        return self

    def __exit__(self, *_: object) -> None:
        """Ends what is left, whatever the test did."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                pass
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        if self._busy is not None:
            self._busy.close()

    @property
    def output(self) -> str:
        """All that the launch has printed."""
        return self._output.read_text(errors='replace')

    def wait_for(self, pattern: str, timeout_s: float, count: int = 1) -> None:
        """Waits until a pattern has been printed `count` times."""
        self.wait_until(lambda: len(re.findall(pattern, self.output)) >= count, repr(pattern), timeout_s)

    def wait_until(self, condition: Callable[[], bool], what: str, timeout_s: float = 300.0) -> None:
        """Waits until a condition holds, while the launch goes on."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert self.process.poll() is None, f'the launch ended before {what}:\n{self.output}'
            assert time.monotonic() < deadline, f'no {what} within {timeout_s} s:\n{self.output}'
            time.sleep(0.2)

    def end(self, timeout_s: float) -> int:
        """Waits for the end and returns the exit code."""
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f'still running after {timeout_s} s:\n{self.output}') from None

    def left(self) -> list[str]:
        """Returns the command lines of what is there yet."""
        return list(self._command_lines().values())

    def processes(self, name: str = '') -> list[int]:
        """Returns the processes of this run whose command line holds `name`."""
        return [pid for pid, command in self._command_lines().items() if name in command]

    def _command_lines(self) -> dict[int, str]:
        found = {}
        for entry in Path('/proc').iterdir():
            if not entry.name.isdigit():
                continue
            try:
                ours = f'{MARK}={self._mark}'.encode() in (entry / 'environ').read_bytes()
                command = (entry / 'cmdline').read_bytes().replace(b'\0', b' ').decode(errors='replace')
                pending = re.search(r'ShdPnd:\s*(\w+)', (entry / 'status').read_text(errors='replace'))
            except OSError:
                continue
            # One that has been killed may wait for a processor to die on.
            if ours and not int(pending[1], 16) >> (signal.SIGKILL - 1) & 1:
                found[int(entry.name)] = command
        return found

    def shared_memory(self) -> set[Path]:
        """Returns the segments of DDS in /dev/shm that processes of this run have made and locked.

        Ports, and through them segments that are mapped, may be those of any domain.
        """
        pids = set(self.processes())
        locks = re.findall(r'FLOCK +ADVISORY +WRITE (\d+) \S+:(\d+) ', Path('/proc/locks').read_text())
        held = {int(inode) for pid, inode in locks if int(pid) in pids}
        names = [path for path in Path('/dev/shm').glob('fastrtps_*_el') if 'port' not in path.name]
        return {path.with_name(path.name.removesuffix('_el')) for path in names if _inode(path) in held}

    def begun(self, node: str) -> int:
        """Returns how often a node has been started."""
        return len(re.findall(rf'\[{node}-\d+\]: process started', self.output))

    def lost_by_dds(self, node: str) -> int:
        """Returns how often DDS has made a node deaf, or has hung it, so that it was started again."""
        deaf = re.findall(rf'\[{node}-\d+\] error: DDS has taken away', self.output)
        hung = re.findall(rf'\[{node}-\d+\]: process has died \[pid \d+, exit code -14', self.output)
        return len(deaf) + len(hung)

    def kill(self, node: str) -> None:
        """Kills a node as nothing else does: SIGKILL. One that is just being started again is waited for."""
        deadline = time.monotonic() + 60.0
        while not (pids := self.processes(f'/{node} ')):
            assert time.monotonic() < deadline, f'{node} is not running:\n{self.output}'
            time.sleep(0.1)
        for pid in pids:
            with suppress(ProcessLookupError):  # it has just ended by itself
                os.kill(pid, signal.SIGKILL)

    def ros2(self, *arguments: str, timeout_s: float = 240.0) -> str:
        """Returns what a ros2 command prints in the domain of this run.

        One that does not find in time whom it asks, as on a busy machine, or hears nobody, asks again.
        """
        deadline = time.monotonic() + timeout_s
        command = ['ros2', *arguments]
        while True:
            try:
                done = subprocess.run(
                    command, env=self.environment, capture_output=True, text=True, timeout=40
                )
            except subprocess.TimeoutExpired as late:
                assert time.monotonic() < deadline, late
                continue
            if done.returncode == 0:
                return done.stdout
            assert time.monotonic() < deadline, done.stderr


def require_ros() -> None:
    """Skips the tests of a file where the graph is not built."""
    import pytest

    pytest.importorskip('rclpy')
    pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
