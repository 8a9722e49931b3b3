"""Reward and guard that are timed where others call them."""

from typing import Any

import numpy as np

from ur5_rl_env.guard import Guard, GuardConfig, Verdict
from ur5_rl_env.reward import Reward
from ur5_rl_env.task import TaskConfig
from virtual_time.ledger import Ledger


class TimedReward(Reward):
    """Books its time."""

    def __init__(self, task: TaskConfig, ledger: Ledger) -> None:
        """As `Reward`."""
        super().__init__(task)
        self._ledger = ledger

    def __call__(self, frame: np.ndarray, joints: np.ndarray) -> float:
        """As `Reward`."""
        with self._ledger.on('reward'):
            return super().__call__(frame, joints)


class TimedGuard(Guard):
    """Books the time of its filter; the rest is the controller's."""

    def __init__(self, config: GuardConfig, ledger: Ledger) -> None:
        """As `Guard`."""
        super().__init__(config)
        self._ledger = ledger

    def filter(self, q: Any, qd: Any, requested: Any) -> Verdict:
        """As `Guard`."""
        with self._ledger.on('guard'):
            return super().filter(q, qd, requested)
