"""The random policy of the initial steps (thesis 5.3)."""

import numpy as np

from ur5_rl_graph.data import JOINTS


class RandomPolicy:
    """Uniform actions in [-1, 1], each held for a number of steps.

    With the arm's acceleration limit of 1.4 rad/s^2 an action that changes at every step of 40 ms hardly
    moves the arm; holding it does. The thesis draws a new one at each step (`hold_steps` 1).
    """

    def __init__(self, rng: np.random.Generator, hold_steps: int) -> None:
        """Takes the random generator and the number of steps (at least 1) that an action is held."""
        self._rng = rng
        self._hold_steps = hold_steps
        self._action: np.ndarray = np.zeros(JOINTS, np.float32)

    def act(self, step: int) -> np.ndarray:
        """Returns the action (5,) float32 for step `step` of an episode."""
        if step % self._hold_steps == 0:
            self._action = self._rng.uniform(-1.0, 1.0, JOINTS).astype(np.float32)
        return self._action
