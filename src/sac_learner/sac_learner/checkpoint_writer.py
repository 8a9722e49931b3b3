"""Writes checkpoints beside the learner: serialising and waiting for the disk takes it no time."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from sac_learner.checkpoint import save_checkpoint
from ur5_rl_graph.writing import Writing


class CheckpointWriter:
    """One thread, one file. Methods are the learner's own; none of them but `finish` waits.

    Attributes:
        path: of the file.
        written: path of the file since it holds a state of this learner, '' before.
    """

    def __init__(self, path: Path, setting: dict[str, Any], writing: Writing | None = None) -> None:
        """Takes the file, the setting that the states belong to, and who tells of failures."""
        self.path, self._setting = path, setting
        self._writing = writing or Writing()
        self._thread = ThreadPoolExecutor(1, 'checkpoint')
        self._pending: Future | None = None
        self.written = ''

    @property
    def busy(self) -> bool:
        """Whether a state is being written."""
        return self._pending is not None and not self._pending.done()

    @property
    def refusal(self) -> str:
        """Why the newest state was not fit to be written (it is not finite); '' where nothing is wrong."""
        error = None if self._pending is None or self.busy else self._pending.exception()
        return str(error or '')

    def begin(self, state: dict[str, np.ndarray]) -> None:
        """Begins to write a state, which nobody may change any more."""
        self._pending = self._thread.submit(self._write, state)

    def finish(self) -> bool:
        """Waits for what was begun; returns whether the newest state is on the disk."""
        return self._pending is not None and not self._pending.exception() and self._pending.result()

    def close(self) -> None:
        """Ends the thread after what was begun."""
        self._thread.shutdown()

    @property
    def unwritten(self) -> int:
        """States that could not be written."""
        return sum(self._writing.unwritten.values())

    def _write(self, state: dict[str, np.ndarray]) -> bool:
        if not self._writing.attempt(self.path, lambda: self._save(state)):
            return False
        self.written = str(self.path)
        return True

    def _save(self, state: dict[str, np.ndarray]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        save_checkpoint(self.path, state, self._setting)
