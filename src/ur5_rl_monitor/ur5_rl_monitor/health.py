"""How a run is: takes what its messages say and gives one status for each component. No ROS, no clock."""

from collections.abc import Mapping
from typing import Any

from ur5_rl_monitor import device_health, learning_health, lost_counts, storage_health
from ur5_rl_monitor.diagnostics_config import DiagnosticsConfig
from ur5_rl_monitor.heard import Heard
from ur5_rl_monitor.status import Status

SOURCES = ('arm', 'camera', 'cycle', 'episode', 'buffer', 'learner', 'done', 'spans', 'storage')
EPISODES_S = 60.0
"""Episodes of so long count together: there are few in the window of the other counts [s]."""


class Health:
    """Keeps what was heard, by source. Times are monotonic seconds."""

    def __init__(self, limits: DiagnosticsConfig) -> None:
        """Starts with nothing heard."""
        self._limits = limits
        self._heard = {
            source: Heard(max(limits.window_s, EPISODES_S) if source == 'episode' else limits.window_s)
            for source in (*SOURCES, *(lost_counts.SOURCE + node for node in lost_counts.NODES))
        }
        self._lag = storage_health.Lag()

    def take(self, source: str, values: Mapping[str, Any], now: float) -> None:
        """Takes the values of a message, or of a look at the run folder (`storage_health.look`)."""
        heard = self._heard.get(source)
        if heard is None:
            return  # of a node that is none of ours
        if source == 'episode':
            before = heard.newest.get('aborted_in_a_row', 0)
            values = {**values, 'aborted_in_a_row': before + 1 if values['aborted'] else 0}
        elif source == 'spans':  # one component each: what is known of the others stays
            values = {**heard.newest, values['component']: values['dropped']}
        elif source == 'storage':
            cycle = self._heard['cycle'].newest
            newest = (cycle['episode'], cycle['step']) if cycle else ()
            values = {**values, 'behind_s': self._lag.behind_s(newest, values['row'], now)}
        heard.take(values, now)

    def statuses(self, now: float) -> list[Status]:
        """Returns the status of each component that this run has."""
        components = [device_health.arm, device_health.camera, device_health.synchronisation]
        components += [device_health.action_cycle]
        if self._limits.learns:
            components += [learning_health.sampler, learning_health.learner]
        if self._limits.run_folder:
            components += [storage_health.recorder, storage_health.disk]
        return [component(self._heard, self._limits, now) for component in components]
