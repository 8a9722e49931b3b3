"""What target_monitor shows: the target of a seed, and since when it moves (thesis 3.1, 3.3).

A new target stands. Its motion begins with observation 0 of the episode, whose time comes later, by another
way (`target_start`), and perhaps to another life of the node: whatever the order of the words, and however
often they are said, the same seed and start give the same place at the same time.
"""

from dataclasses import replace

import numpy as np

from ur5_rl_env.target import ShownTarget, TargetConfig, TargetMotion, TargetPoint
from ur5_rl_graph.clock import Clock, offset_ns, read

LAST_NS = 1 << 62
"""The latest begin of a motion [ns since the epoch], in the year 2116; messages hold up to twice that."""


class TargetBoard:
    """The target of the moment. It moves by the monotonic clock: the system's may be set meanwhile.

    Attributes:
        target_id: grows with every new target, across restarts, too.
        seed: of the target.
    """

    def __init__(self, config: TargetConfig, seed: int, clock: Clock) -> None:
        """Shows the target of `seed`."""
        self._config, self._clock = config, clock
        self.target_id = 0
        self.draw(seed)

    def draw(self, seed: int) -> TargetPoint:
        """Shows the target of `seed`, standing; returns where."""
        motion = TargetMotion.draw(self._config, np.random.default_rng(seed))
        self.seed, self._shown = seed, ShownTarget(motion)
        self.target_id = max(self._clock.stamp(), self.target_id + 1)
        return motion.start

    def begin(self, seed: int, start_stamp: int) -> None:
        """Takes when the motion of the target of `seed` begins [ns since the epoch]; 0 = it stands.

        Raises:
            ValueError: that is no time; the target stays as it is.
        """
        if not 0 <= start_stamp <= LAST_NS:
            raise ValueError(
                f'target_start: start_stamp is {start_stamp}; allowed is 0 to {LAST_NS} ns since the epoch'
            )
        if seed != self.seed:  # this node is new, or has missed the call
            self.draw(seed)
        start_ns = start_stamp - offset_ns(self._clock) if start_stamp else None
        self._shown = replace(self._shown, start_ns=start_ns)

    def look(self) -> tuple[TargetPoint, int, int]:
        """Returns where the target is, the present and its start [ns since the epoch]; 0 = it stands."""
        (now_s, stamp), start = read(self._clock), self._shown.start_ns
        now = round(1e9 * now_s)
        return self._shown.at(now), stamp, 0 if start is None else stamp + start - now
