"""Parameters of the network's view."""

from dataclasses import dataclass

from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class NetworkViewConfig:
    """How often and how large what the network sees is drawn."""

    view_period_s: float = setting(
        0.25, 'time between two annotated images; later where the machine is busy [s]', low=0.05, high=60.0
    )
    view_scale: int = setting(
        4, 'each pixel of the camera is drawn so many times as wide and high', low=1, high=8
    )
    checkpoint: str = setting('', 'checkpoint to draw with until weights arrive; empty = none')

    def __post_init__(self) -> None:
        """Checks the ranges."""
        check(self)
