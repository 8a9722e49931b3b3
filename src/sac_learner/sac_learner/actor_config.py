"""Parameters of the actor."""

from dataclasses import dataclass

from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class ActorConfig:
    """How the actor explores."""

    random_steps: int = setting(1000, 'environment steps of the initial random policy', low=0, high=1_000_000)
    random_hold_steps: int = setting(1, 'steps that a random action is held', low=1, high=1000)
    deterministic: bool = setting(False, 'act without exploration noise')
    checkpoint: str = setting('', 'checkpoint to act with until weights arrive; empty = an untrained network')
    awaits_sampler: bool = setting(False, 'act only when a buffer sampler hears what is experienced')
    seed: int = setting(0, 'seed of the exploration', low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        """Checks the ranges."""
        check(self)
