"""Runs the stand-in's ros2 as a process of its own, so that a real `launch` beside it is never shadowed."""

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path

_STANDIN = Path(__file__).resolve().parent.parent
ROS2 = _STANDIN / 'bin' / 'ros2'
_HEADER = """
import sys
from launch import *
from launch.actions import *
from launch.event_handlers import *
from launch.events import Shutdown
from launch.substitutions import *

def python(code, **kwargs):
    return ExecuteProcess(cmd=[sys.executable, '-S', '-c', code], output='screen', name='py', **kwargs)

def shell(code, **kwargs):
    return ExecuteProcess(cmd=['sh', '-c', code], output='screen', name='sh', **kwargs)

def at_exit(action):
    return RegisterEventHandler(OnProcessExit(on_exit=lambda event, context: [action]))
"""


def write_launch_file(path: Path, entities: str, before: str = '') -> Path:
    """A launch file with these entities (Python text); the helpers python() and shell() make processes."""
    path.write_text(
        f'{_HEADER}{before}\ndef generate_launch_description():\n    return LaunchDescription([{entities}])\n'
    )
    return path


def import_stand_in(module: str):
    """A module of the stand-in, without leaving its `launch` on the path of the other tests."""
    folder = str(_STANDIN / 'python')
    sys.path.append(folder)
    try:
        return importlib.import_module(module)
    finally:
        sys.path.remove(folder)


def _plain_signals() -> None:
    """Undoes what a background job or nohup has set: the launch must hear the signals that it is sent."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGTSTP):
        signal.signal(number, signal.SIG_DFL)


class Launch:
    """A running `ros2 ...`; leaving the block checks that none of its processes is left."""

    def __init__(self, *arguments, tmp_path: Path, **environment) -> None:
        self._marker = f'STANDIN_TEST={uuid.uuid4()}'
        name, value = self._marker.split('=')
        environment = {**os.environ, 'ROS_LOG_DIR': str(tmp_path / 'log'), name: value, **environment}
        command = [sys.executable, str(ROS2), *map(str, arguments)]
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=_plain_signals,
        )
        self.lines = []

    def __enter__(self):
        return self

    def __exit__(self, *exception) -> None:
        if exception[0] is not None:  # a launch that is killed leaves what it has started
            self._kill()
        self.finish()
        left = self.wait_until(lambda: not self.pids())
        assert left, f'processes left: {self.pids()}'

    def wait_for(self, text: str, limit_s: float = 120.0) -> str:
        """Read lines up to the one that contains the text; what is late is killed, and the test fails."""
        overdue = threading.Timer(limit_s, self._kill)
        overdue.start()
        try:
            for line in self.process.stdout:
                self.lines.append(line.rstrip('\n'))
                if text in line:
                    return self.lines[-1]
        finally:
            overdue.cancel()
        raise AssertionError(f'no line with {text!r} in {self.lines}')

    def _kill(self) -> None:
        for pid in self.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def finish(self, limit_s: float = 600.0) -> int:
        """Read everything, give the exit code; what is later than the limit is killed."""
        if not self.process.stdout.closed:
            overdue = threading.Timer(limit_s, self._kill)
            overdue.start()
            self.lines += self.process.stdout.read().splitlines()
            overdue.cancel()
            self.process.stdout.close()
        return self.process.wait(timeout=20)

    def signal(self, number: int = signal.SIGINT) -> None:
        self.process.send_signal(number)

    def pids(self) -> list[int]:
        """All live processes that carry this launch's environment."""
        found = []
        for folder in Path('/proc').iterdir():
            try:
                if folder.name.isdigit() and self._marker.encode() in (folder / 'environ').read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    @staticmethod
    def wait_until(condition, limit_s: float = 5.0) -> bool:
        end = time.monotonic() + limit_s
        while not (done := condition()) and time.monotonic() < end:
            time.sleep(0.02)
        return bool(done)


def demo_package(prefix: Path, talker: str) -> None:
    """An installed package `demo` whose executable `talker` is this script."""
    index = prefix / 'share/ament_index/resource_index/packages'
    for folder in (index, prefix / 'lib/demo'):
        folder.mkdir(parents=True)
    (index / 'demo').touch()
    (prefix / 'lib/demo/talker').write_text(talker)
    (prefix / 'lib/demo/talker').chmod(0o755)


def run(*arguments, tmp_path: Path, **environment) -> tuple[int, list[str]]:
    """Exit code and lines of a whole run."""
    with Launch(*arguments, tmp_path=tmp_path, **environment) as launch:
        code = launch.finish()
    return code, launch.lines


def outputs(lines: list[str], label: str) -> list[str]:
    """What the processes with this label printed."""
    return [line.split('] ', 1)[1] for line in lines if line.startswith(f'[{label}-')]
