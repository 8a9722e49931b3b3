"""What nodes have lost, refused or left out, in the status of the component that they belong to."""

from collections.abc import Mapping
from typing import Any

from ur5_rl_monitor.diagnostics_config import DiagnosticsConfig
from ur5_rl_monitor.heard import Heard
from ur5_rl_monitor.status import Findings

SOURCE = 'losses of '
"""Before the name of a node: where `Heard` keeps its counts."""
NODES = ('actor', 'buffer_sampler', 'camera', 'learner', 'robot_cell', 'run_recorder')
"""Nodes that tell of losses (`loss_publisher`)."""


def tell(
    nodes: tuple[str, ...],
    heard: Mapping[str, Heard],
    limits: DiagnosticsConfig,
    now: float,
    found: Findings,
) -> dict[str, Any]:
    """Returns the counts of some nodes by name; one that has grown within the window is a warning."""
    values: dict[str, Any] = {}
    for node in nodes:
        source = heard[SOURCE + node]
        for name, count in source.newest.items():
            values[f'{node}: {name}'] = count
            grown = source.grown(name, now)
            found.warn(grown, f'{node}: {name}: {grown} in {limits.window_s:.0f} s; its lines say why')
    return values
