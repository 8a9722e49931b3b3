"""Which run a node belongs to."""

from dataclasses import dataclass

from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """The run of a node; its launch file says which."""

    run_identity: str = setting('', 'made anew by every launch; empty = this node was started by hand')

    def __post_init__(self) -> None:
        """Checks the ranges."""
        check(self)
