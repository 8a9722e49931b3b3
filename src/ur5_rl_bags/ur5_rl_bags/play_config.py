"""Parameters of the player."""

from dataclasses import dataclass

from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class PlayConfig:
    """Which bag is shown, and how fast."""

    bag: str = setting('', 'folder of a bag, or of a run that holds one')
    bag_namespace: str = setting('', 'of the robot in it; empty = the only one')
    rate: float = setting(1.0, 'so many times as fast as it was', low=0.01, high=100.0)
    loop: bool = setting(False, 'again and again')
    start_offset: float = setting(0.0, 'what comes before is left out [s]', low=0.0, high=1e7)
    clock_hz: float = setting(40.0, 'so often a second the time of the bag is told', low=1.0, high=1000.0)

    def __post_init__(self) -> None:
        """Checks the ranges."""
        check(self)
