"""Which topics are recorded."""

from rcl_interfaces.msg import ParameterEvent
from rclpy.qos import qos_profile_parameter_events

from ur5_rl_graph import topics
from ur5_rl_graph.topics import Topic

PARAMETER_EVENTS = Topic('/parameter_events', ParameterEvent, qos_profile_parameter_events)
"""What nodes say of their parameters, at their start and when one is set."""

FOR_REPLAY = (
    'joint_states',
    'arm/status',
    'arm/velocity_command',
    'arm/executed_command',
    'robot_description',
    'camera/image_raw',
    'camera/camera_info',
    'target',
    'target_start',
    'action',
    'transition',
    'episode',
    'cycle_timing',
    'spans',
    'buffer_status',
    'learner_status',
    'monitor/reward',
    'monitor/episode_return',
    'monitor/cycle_ms',
    'monitor/updates_per_s',
    'monitor/temperature',
    'monitor/entropy',
    'environment/journal',
    'tf',
    'tf_static',
)
"""Names of what `record:=true` records, as far as the graph has it: whatever a replay or a picture of the run
needs; neither what follows from it (observations) nor what only learning needs (mini-batches, weights)."""


def selected(record: str, declared: tuple[Topic, ...] = topics.TOPICS) -> tuple[Topic, ...]:
    """Returns the topics to record.

    Args:
        record: 'true' or 'all'.
        declared: those of the graph.
    """
    own = declared if record == 'all' else [topic for topic in declared if topic.name in FOR_REPLAY]
    return (*own, PARAMETER_EVENTS)
