"""Which run a node belongs to."""

import time
from dataclasses import dataclass

from rclpy.node import Node

from ur5_rl_graph import parameters
from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """The run of a node; its launch file says which."""

    run_identity: str = setting('', 'made anew by every launch; empty = this node was started by hand')
    run_started_s: float = setting(
        0.0, 'monotonic clock of this host when the launch began [s]', low=0.0, high=1e12
    )

    def __post_init__(self) -> None:
        """Checks the ranges."""
        check(self)

    @classmethod
    def of(cls, node: Node) -> 'RunConfig':
        """Returns the run of a node, whose parameters are declared the first time."""
        if not node.has_parameter('run_identity'):
            return parameters.declare(node, cls)
        return cls(**{name: node.get_parameter(name).value for name in ('run_identity', 'run_started_s')})

    def may_be_own(self, run: str) -> bool:
        """Whether a message that names `run` may be of this run; '' on either side says nothing."""
        return run == self.run_identity or not (run and self.run_identity)

    @property
    def age_s(self) -> float:
        """Since the launch of the run began [s]; 0 where there is none."""
        return time.monotonic() - self.run_started_s if self.run_identity else 0.0
