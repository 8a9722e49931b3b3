"""Configuration of the report that whoever ends a run has made: its launch, or virtual time."""

from dataclasses import dataclass

from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class ReportConfig:
    """How much time a report may take. Raises ValueError out of range."""

    report_limit_s: float = setting(
        10.0, 'how long report.html may take at the end of the run, 0 = none is made [s]', low=0.0, high=15.0
    )

    def __post_init__(self) -> None:
        """Checks the ranges."""
        check(self)
