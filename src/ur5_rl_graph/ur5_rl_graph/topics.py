"""Every topic and service of the graph: name, type and quality of service, once.

Names are relative, so that a namespace makes a second robot.
"""

from dataclasses import dataclass
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import Float32, Float64, String, UInt64
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import MarkerArray

from ur5_rl_interfaces import msg, srv

NEWEST = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.BEST_EFFORT
)  # sensors and set-points: an old one is worth nothing
RECENT = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=250, reliability=ReliabilityPolicy.BEST_EFFORT
)  # joint states: those of the last two seconds, since an image may be as old
STREAM = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=50, reliability=ReliabilityPolicy.RELIABLE
)  # experience: none is lost as long as both ends live
LATCHED = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)  # state that a restarted node needs at once

REMEMBERED = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=250,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)  # a journal: who comes late finds its beginning


# rclpy waits for one or two events of every publisher and subscription besides its messages, in Python, at
# every turn of the executor; the two ends of a topic get their QoS from here and cannot disagree.
_NO_PUBLISHER_EVENTS = PublisherEventCallbacks(use_default_callbacks=False)
_NO_SUBSCRIPTION_EVENTS = SubscriptionEventCallbacks(use_default_callbacks=False)


@dataclass(frozen=True)
class Topic:
    """A topic of the graph."""

    name: str
    type: type
    qos: QoSProfile

    def publisher(self, node: Node) -> Any:
        """Returns a publisher of this topic on `node`."""
        return node.create_publisher(self.type, self.name, self.qos, event_callbacks=_NO_PUBLISHER_EVENTS)

    def subscription(self, node: Node, callback: Any, **kwargs: Any) -> Any:
        """Returns a subscription to this topic on `node`."""
        return node.create_subscription(
            self.type, self.name, callback, self.qos, event_callbacks=_NO_SUBSCRIPTION_EVENTS, **kwargs
        )


def take(subscription: Subscription) -> Any | None:
    """Returns the next message that waits at a subscription, None where none does; no callback is called."""
    taken = take_with_info(subscription)
    return None if taken is None else taken[0]


def take_with_info(subscription: Subscription) -> tuple[Any, dict[str, Any]] | None:
    """As `take`, with what the middleware says of the message."""
    with subscription.handle:
        return subscription.handle.take_message(subscription.msg_type, False)


@dataclass(frozen=True)
class Service:
    """A service of the graph."""

    name: str
    type: type

    def server(self, node: Node, callback: Any, **kwargs: Any) -> Any:
        """Returns a server of this service on `node`."""
        return node.create_service(self.type, self.name, callback, **kwargs)

    def client(self, node: Node, **kwargs: Any) -> Any:
        """Returns a client of this service on `node`."""
        return node.create_client(self.type, self.name, **kwargs)


JOINT_STATES = Topic('joint_states', JointState, RECENT)
ARM_STATUS = Topic('arm/status', msg.ArmStatus, LATCHED)
VELOCITY_COMMAND = Topic('arm/velocity_command', msg.VelocityCommand, NEWEST)
EXECUTED_COMMAND = Topic('arm/executed_command', msg.ExecutedCommand, NEWEST)
IMAGE = Topic('camera/image_raw', Image, NEWEST)
CAMERA_INFO = Topic('camera/camera_info', CameraInfo, NEWEST)
TARGET = Topic('target', msg.TargetState, LATCHED)
TARGET_START = Topic('target_start', msg.TargetStart, LATCHED)

OBSERVATION = Topic('observation', msg.Observation, STREAM)
ACTION = Topic('action', msg.Action, STREAM)
TRANSITION = Topic('transition', msg.Transition, STREAM)
MINI_BATCH = Topic('mini_batch', msg.MiniBatch, STREAM)
MINI_BATCH_DONE = Topic('mini_batch_done', msg.MiniBatchDone, LATCHED)
POLICY_WEIGHTS = Topic('policy_weights', msg.PolicyWeights, LATCHED)
UPDATED_STEP = Topic('updated_step', UInt64, LATCHED)

EPISODE = Topic('episode', msg.Episode, STREAM)
CYCLE_TIMING = Topic('cycle_timing', msg.CycleTiming, STREAM)
JOURNAL = Topic('environment/journal', msg.Journal, REMEMBERED)
SPANS = Topic('spans', msg.Spans, STREAM)
LOSSES = Topic('losses', DiagnosticStatus, STREAM)
BUFFER_STATUS = Topic('buffer_status', msg.BufferStatus, LATCHED)
LEARNER_STATUS = Topic('learner_status', msg.LearnerStatus, LATCHED)

ROBOT_DESCRIPTION = Topic('robot_description', String, LATCHED)
TF = Topic('tf', TFMessage, STREAM)
TF_STATIC = Topic('tf_static', TFMessage, LATCHED)
MARKERS = Topic('markers', MarkerArray, STREAM)
STATIC_MARKERS = Topic('markers_static', MarkerArray, LATCHED)

MONITOR_REWARD = Topic('monitor/reward', Float32, STREAM)
MONITOR_RETURN = Topic('monitor/episode_return', Float32, STREAM)
MONITOR_CYCLE = Topic('monitor/cycle_ms', Float32, STREAM)
MONITOR_UPDATE_RATE = Topic('monitor/updates_per_s', Float32, STREAM)
MONITOR_TEMPERATURE = Topic('monitor/temperature', Float32, STREAM)
MONITOR_ENTROPY = Topic('monitor/entropy', Float32, STREAM)

# 0.7 MB in many fragments: best effort loses most of them on a busy machine.
NETWORK_VIEW = Topic('monitor/network_view', Image, LATCHED)
DIAGNOSTICS = Topic('/diagnostics', DiagnosticArray, STREAM)  # REP 107: one for all robots of a domain

# Gazebo behind the simulated cell, through ros_gz_bridge, whose subscriptions are reliable.
GAZEBO_JOINT_STATES = Topic('gazebo/joint_states', JointState, RECENT)
GAZEBO_IMAGE = Topic('gazebo/image', Image, NEWEST)
GAZEBO_VELOCITIES = (
    Topic('gazebo/shoulder_pan_joint/velocity', Float64, STREAM),
    Topic('gazebo/shoulder_lift_joint/velocity', Float64, STREAM),
    Topic('gazebo/elbow_joint/velocity', Float64, STREAM),
    Topic('gazebo/wrist_1_joint/velocity', Float64, STREAM),
    Topic('gazebo/wrist_2_joint/velocity', Float64, STREAM),
    Topic('gazebo/wrist_3_joint/velocity', Float64, STREAM),
)  # in the order of JOINT_NAMES
GAZEBO_DISC_RIGHT = Topic('gazebo/disc/right', Float64, STREAM)
GAZEBO_DISC_UP = Topic('gazebo/disc/up', Float64, STREAM)

MOVE_HOME = Service('arm/move_home', Trigger)
STOP_ARM = Service('arm/stop', Trigger)
UNLOCK_ARM = Service('arm/unlock', Trigger)
NEW_TARGET = Service('target_monitor/new_target', srv.NewTarget)
CELL_PROTECTIVE_STOP = Service('cell/protective_stop', Trigger)  # simulation only, as the next two
CELL_EMERGENCY_STOP = Service('cell/emergency_stop', Trigger)
CELL_RELEASE_EMERGENCY_STOP = Service('cell/release_emergency_stop', Trigger)
START_ENVIRONMENT = Service('environment/start', Trigger)
STOP_ENVIRONMENT = Service('environment/stop', Trigger)
RESET_ENVIRONMENT = Service('environment/reset', Trigger)
SAVE_BUFFER = Service('buffer_sampler/save', Trigger)
SAVE_CHECKPOINT = Service('learner/save_checkpoint', Trigger)

TOPICS = (
    *(value for value in list(globals().values()) if isinstance(value, Topic)),
    *GAZEBO_VELOCITIES,
)
SERVICES = tuple(value for value in list(globals().values()) if isinstance(value, Service))
