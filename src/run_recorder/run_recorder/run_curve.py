"""The learning curve of a run as it grows, and its picture at the end."""

import contextlib
from pathlib import Path

import numpy as np

from run_reading import learning_curve
from ur5_rl_graph.pictures import attempt


class RunCurve:
    """Takes the finished episodes of a run in their order; a pause in it is no longer than a reset."""

    def __init__(self, folder: Path, longest_s: float, random_steps: int, title: str) -> None:
        """Starts without episodes.

        Args:
            folder: of the run.
            longest_s: that two steps of a run in order may lie apart [s].
            random_steps: that the run begins with.
            title: of the picture.
        """
        self.returns: list[float] = []
        self.ended_s = 0.0
        """When the newest episode ended [s since the epoch]."""
        self._steps: list[int] = []  # of the run at their ends
        self._at_s: list[float] = []  # of the run, the random steps included, at their ends
        self._path = folder / 'learning_curve.png'
        self._drawing = folder / 'learning_curve.drawing'
        self._longest_s, self._random_steps, self._title = longest_s, random_steps, title

    def add(self, end_s: float, episode_return: float, total_steps: float, duration_s: float) -> None:
        """Adds an episode that ended at `end_s` [s since the epoch] after `total_steps` of the run."""
        gap_s = min(max(end_s - self.ended_s, 0.0), duration_s + self._longest_s)
        self._at_s.append(self._at_s[-1] + gap_s if self._at_s else 0.0)
        self.ended_s = end_s
        self.returns.append(episode_return)
        self._steps.append(int(total_steps))

    @property
    def learned(self) -> np.ndarray:
        """(N,) returns of the episodes after the random steps."""
        ended = zip(self.returns, self._steps, strict=True)
        return np.asarray([value for value, steps in ended if steps > self._random_steps])

    def draw(self) -> str:
        """Draws the picture; returns '' or a line that says why there is none.

        A file is there while it draws: what kills a recorder then must not do it again.
        """
        if not self.returns:
            return ''
        if self._drawing.exists():
            return f'warning: {self._path} was not drawn: the recorder died as it was drawn before'
        said = attempt(self._draw, self._path)
        self.forget_drawing()
        return said

    def forget_drawing(self) -> None:
        """Lets the next one draw, whatever became of the last."""
        with contextlib.suppress(OSError):
            self._drawing.unlink(missing_ok=True)

    def _draw(self, path: Path) -> None:
        self._drawing.touch()
        random = sum(steps <= self._random_steps for steps in self._steps)
        minutes = np.asarray(self._at_s) / 60.0
        learning_curve.draw(path, minutes, np.asarray(self.returns), random, self._title)
