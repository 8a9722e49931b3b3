"""Which episode comes next and how many steps the run has taken, across restarts of the environment.

A file of two numbers in the run folder, replaced as a whole at the start of each episode: an episode number
is never used twice, and a restart forgets at most the steps of the episode that it broke.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ur5_rl_graph import run_files
from ur5_rl_graph.whole_file import read_values, write_json
from ur5_rl_graph.writing import Writing


class Progress:
    """Episode number and total steps, on disk if the run has a folder."""

    def __init__(self, run_folder: str = '', clock: Callable[[], float] = time.monotonic) -> None:
        """Reads what an earlier life of the environment left in `run_folder` ('' = keep nothing).

        Args:
            run_folder: of the run.
            clock: monotonic time [s].

        Raises:
            ValueError: the file there is damaged.
        """
        self.episode = 0
        """Number of the newest episode that was started, 0 = none."""
        self.total_steps = 0
        self._path = Path(run_folder) / run_files.ENVIRONMENT if run_folder else None
        self._lines: list[str] = []
        self._writing = Writing(self._lines.append, clock)
        if self._path is None or not self._path.exists():
            return
        try:
            kept = read_values(self._path, {'episode': int, 'total_steps': int})
        except ValueError as error:
            raise ValueError(f'{error}; delete it to count episodes from 1 again') from None
        self.episode, self.total_steps = kept['episode'], kept['total_steps']

    def start_episode(self, total_steps: int) -> list[str]:
        """Notes the beginning of the next episode: `episode` is its number then.

        Returns:
            Lines to say: the file cannot be written, and numbers would repeat after a restart; it is again.
        """
        self.episode += 1
        self.total_steps = total_steps
        if self._path is not None:
            self._writing.attempt(self._path, partial(self._write, self._path), count=0)
        lines = self._lines.copy()
        self._lines.clear()
        return lines

    def _write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, {'episode': self.episode, 'total_steps': self.total_steps})
