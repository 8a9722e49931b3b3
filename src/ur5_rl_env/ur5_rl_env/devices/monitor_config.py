"""Configuration of the monitor that shows targets."""

from dataclasses import dataclass

from ur5_rl_env.target import TargetConfig
from ur5_rl_graph.config import setting


@dataclass(frozen=True, kw_only=True)
class MonitorConfig(TargetConfig):
    """Where targets are shown, and which is the first."""

    display: str = setting('', "X display of the monitor, such as ':0'; '' shows nothing (simulation)")
    display_place: str = setting(
        '', "WIDTHxHEIGHT+X+Y of the monitor on that display [pixel]; '' = all of it"
    )
    seed: int = setting(0, 'seed of the first target', low=0, high=2**31 - 1)
