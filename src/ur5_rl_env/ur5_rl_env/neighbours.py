"""Other runs whose arm_driver is heard in this ROS domain and namespace, from other hosts as a rule."""

import math
from collections.abc import Callable
from enum import Enum

from ur5_rl_env.commander import MAX_RUNS_TOLD

LIVE_S = 10.0  # a status that was sent so long ago is a bag's that is played, or the clock of its host is off
MARGIN_S = 1.0  # ages that differ by less, with the time of a message on the network, count as equal


class Finding(Enum):
    """What an arm/status means for the driver that hears it."""

    NOTHING = 'nothing'  # our own run's, or known already, as one of very many
    IGNORE = 'ignore'  # another run's that no living driver sends, for the first time
    WARN = 'warn'  # another run, clearly younger than ours: it is to go
    YIELD = 'yield'  # another run that is not: ours is to go


class Neighbours:
    """Decides, from the ages of two runs, which is to go. Where neither is clearly older, both go.

    A driver that was started by hand has no run and no age: it hears itself as another one's would be heard,
    and yields to a run only.
    """

    def __init__(self, run: str, age_s: Callable[[], float]) -> None:
        """Starts with none known.

        Args:
            run: identity of our own run, '' = started by hand.
            age_s: returns the age of our own run [s].
        """
        self._run, self._age_s = run, age_s
        self._known: set[str] = set()

    def hear(self, run: str, age_s: float, sent_s_ago: float = 0.0) -> Finding:
        """Takes the run and its age that a status names, and how long ago its stamp says that it was sent."""
        if run == self._run:
            return Finding.NOTHING
        live = 0.0 <= age_s < math.inf and abs(sent_s_ago) <= LIVE_S
        if live and age_s >= self._age_s() - MARGIN_S:
            return Finding.YIELD
        if run in self._known or len(self._known) >= MAX_RUNS_TOLD:
            return Finding.NOTHING
        self._known.add(run)
        return Finding.WARN if live else Finding.IGNORE
