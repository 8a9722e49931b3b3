"""What the health of a run takes from each message of the graph."""

from collections.abc import Callable
from typing import Any

from ur5_rl_graph import topics
from ur5_rl_graph.messages import ns_from_time
from ur5_rl_monitor import lost_counts
from ur5_rl_monitor.health import Health

PLAIN = bool | int | float | str
SOURCES = {
    topics.ARM_STATUS.name: 'arm',
    topics.CYCLE_TIMING.name: 'cycle',
    topics.EPISODE.name: 'episode',
    topics.BUFFER_STATUS.name: 'buffer',
    topics.MINI_BATCH_DONE.name: 'done',
    topics.SPANS.name: 'spans',
    topics.CAMERA_INFO.name: 'camera',
    topics.LEARNER_STATUS.name: 'learner',
    topics.LOSSES.name: '',
}
"""Sources of `Health`, by the topics that tell of them; losses tell of the node that they name."""


def hear(
    health: Health, topic: str, message: Any, now: float, age_s: Callable[[str], float | None] | None = None
) -> None:
    """Gives the health of a run what a message says.

    Args:
        health: takes it.
        topic: its name, one of `SOURCES`.
        message: of it.
        now: monotonic time [s].
        age_s: gives the age of a checkpoint by its path [s], None where it is not there; None where files are
            those of another time.
    """
    source, values = SOURCES[topic], _values(message)
    if topic == topics.CAMERA_INFO.name:
        values = {'stamp_s': 1e-9 * ns_from_time(message.header.stamp)}
    elif topic == topics.LEARNER_STATUS.name:
        values |= {'metric_names': message.metric_names, 'metric_values': message.metric_values}
        if age_s is not None:
            values['checkpoint_age_s'] = age_s(message.checkpoint)
    elif topic == topics.LOSSES.name:
        source = lost_counts.SOURCE + message.name
        values = {pair.key: int(pair.value) for pair in message.values if pair.value.isdecimal()}
    health.take(source, values, now)


def _values(message: Any) -> dict[str, Any]:
    """Returns the plain fields of a message by name."""
    fields = {name: getattr(message, name) for name in message.get_fields_and_field_types()}
    return {name: value for name, value in fields.items() if isinstance(value, PLAIN)}
