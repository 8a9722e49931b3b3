"""Starting and ending the real graph, for benchmarks that measure it."""

import json
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from ur5_rl_env.run_parameters import setting_file
from ur5_rl_graph import parameter_file, settings
from ur5_rl_graph.child import end_with_parent

ROOT = Path(__file__).resolve().parents[1]
STOP_S = 30.0
PLANNED_MS = 40.0
STARTING_S = 180.0  # allowed for start and random steps


class Graph:
    """A launch file that runs while the context lasts. Every process of it ends with the context."""

    def __init__(self, launch_file: str, log: Path, **arguments: str | float | int):
        """Names the launch file, relative to the root, where its output goes, and its arguments."""
        if shutil.which('ros2') is None:
            raise SystemExit('error: no ros2 command; run this by ./ur5rl bench')
        named = [f'{name}:={value}' for name, value in arguments.items()]
        self._command = ['ros2', 'launch', str(ROOT / launch_file), *named]
        self._log = log
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> 'Graph':
        """Starts the launch file."""
        with self._log.open('ab') as log:
            self._process = subprocess.Popen(
                self._command,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C reaches the benchmark alone, which then ends the graph
                preexec_fn=end_with_parent(signal.SIGTERM),
            )
        return self

    def __exit__(self, *error: object) -> None:
        """Ends it as Ctrl-C does, harder if that does not help."""
        for number, patience in ((signal.SIGINT, STOP_S), (signal.SIGTERM, STOP_S), (signal.SIGKILL, None)):
            if self._process.poll() is None:
                self._process.send_signal(number)
                try:
                    self._process.wait(patience)
                except subprocess.TimeoutExpired:
                    continue

    def check(self) -> None:
        """Raises SystemExit with the end of the output if the launch has ended."""
        if self._process.poll() is not None:
            raise SystemExit(f'error: the graph ended by itself:\n{self.tail()}')

    def wait(self, limit_s: float) -> int:
        """Waits until the launch ends by itself and returns its exit code; SystemExit after `limit_s`."""
        try:
            return self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise SystemExit(f'error: the graph still runs after {limit_s:.0f} s:\n{self.tail()}') from None

    def tail(self) -> str:
        """Returns the last lines of its output."""
        return '\n'.join(self._log.read_text(encoding='utf-8', errors='replace').splitlines()[-20:])


def busy_learner(name: str, chosen: dict, **arguments: str | float | int) -> tuple[Path, Graph]:
    """Returns a new folder, and Async-SAC-2 with the setting and the random steps of the options.

    Its run is `folder/run`.
    """
    nodes = parameter_file.read(setting_file(chosen['setting']))
    settings.give(nodes, {parameter_file.EVERY_NODE: {'random_steps': chosen['random_steps']}})
    folder = Path(tempfile.mkdtemp(prefix=f'ur5rl_{name}_'))
    setting = folder / 'setting.yaml'
    parameter_file.write(setting, nodes)
    return folder, Graph(
        'launch/async_sac_2.launch.py',
        folder / 'output.log',
        setting=setting,
        output=folder / 'run',
        cell_address=chosen['address'],
        **arguments,
    )


def report(title: str, rows: dict[str, float | str], **figures: float) -> None:
    """Prints a table and, as the last line, the figures as one flat JSON object."""
    print(title)
    width = max(map(len, rows))
    for name, value in rows.items():
        print(f'  {name:{width}}  {value}')
    print(json.dumps(figures))
