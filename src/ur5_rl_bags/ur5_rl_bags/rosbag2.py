"""The real `ros2 bag record` and `play`: where rosbag2 is installed, nothing of ours records or plays."""

import importlib.util
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ur5_rl_bags.bag_config import MB
from ur5_rl_graph.child import end_with_parent


def available() -> bool:
    """Whether `ros2 bag` is rosbag2's."""
    return importlib.util.find_spec('rosbag2_py') is not None and shutil.which('ros2') is not None


def free_folder(folder: Path) -> Path:
    """Returns `folder`, or the first of folder_1, folder_2, ... that is not there: rosbag2 makes its own."""
    number, free = 0, folder
    while free.exists():
        number += 1
        free = folder.with_name(f'{folder.name}_{number}')
    return free


def command(folder: Path, topics: Sequence[str], file_mb: int, notes: dict[str, str]) -> list[str]:
    """Returns the command line.

    Args:
        folder: of the bag, which is not there.
        topics: absolute names.
        file_mb: a file that is larger is closed [MB].
        notes: what metadata.yaml is to say of the recording.
    """
    return [
        *('ros2', 'bag', 'record', '--storage', 'mcap', '--output', str(folder)),
        *('--storage-preset-profile', 'zstd_fast', '--max-bag-size', str(file_mb * MB)),
        '--disable-keyboard-controls',
        *('--custom-data', *(f'{name}={value}' for name, value in notes.items())),
        *('--topics', *topics),
    ]


def play_command(
    folder: Path, topics: Sequence[str], rate: float, loop: bool, start_offset_s: float, clock_hz: float
) -> list[str]:
    """Returns the command line that plays some topics of a bag, and its time on /clock."""
    return [
        *('ros2', 'bag', 'play', str(folder), '--rate', f'{rate:g}', '--start-offset', f'{start_offset_s:g}'),
        *(['--loop'] if loop else []),
        *('--clock', f'{clock_hz:g}', '--disable-keyboard-controls', '--topics', *topics),
    ]


def start(words: Sequence[str]) -> subprocess.Popen:
    """Starts it; it ends when this process does, however that ends."""
    return subprocess.Popen(words, stdin=subprocess.DEVNULL, preexec_fn=end_with_parent(signal.SIGINT))
