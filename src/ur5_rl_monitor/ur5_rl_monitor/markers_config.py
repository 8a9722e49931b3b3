"""Parameters of scene_markers; the bounds that it draws are the guard's own."""

from dataclasses import dataclass

from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class MarkersConfig:
    """How much is drawn, and how often."""

    markers_frequency: float = setting(10.0, 'markers are published so often [Hz]', low=0.5, high=25.0)
    path_s: float = setting(5.0, 'so much of the way of the tool is drawn [s]', low=0.5, high=60.0)

    def __post_init__(self) -> None:
        """Checks the ranges."""
        check(self)
