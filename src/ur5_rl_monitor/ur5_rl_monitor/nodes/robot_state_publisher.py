"""Node robot_state_publisher, where ROS' own package is missing: with its parameters and topics."""

import time

from std_msgs.msg import String

from ur5_rl_graph import parameters, topics
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import time_from_ns
from ur5_rl_graph.node import Node
from ur5_rl_graph.polled import Polled
from ur5_rl_graph.steady import every
from ur5_rl_monitor.robot_tree import RobotTree
from ur5_rl_monitor.state_publisher_config import StatePublisherConfig
from ur5_rl_monitor.transform_messages import message_of


class RobotStatePublisher(Node):
    """Publishes the newest joint state as transforms, with its own stamp, and no more often than asked."""

    def __init__(self) -> None:
        super().__init__('robot_state_publisher')
        config = parameters.declare(self, StatePublisherConfig)
        self._tree = RobotTree(config.robot_description)
        self._prefix = config.frame_prefix
        self._description = topics.ROBOT_DESCRIPTION.publisher(self)
        self._description.publish(String(data=config.robot_description))
        self._static = topics.TF_STATIC.publisher(self)
        now = time_from_ns(time.time_ns())
        self._static.publish(message_of(self._tree.fixed(), now, self._prefix))
        self._moving = topics.TF.publisher(self)
        self._joints = Polled(self, topics.JOINT_STATES)
        every(self, 1.0 / config.publish_frequency, self._publish)

    def _publish(self) -> None:
        state = self._joints.newest()
        if state is None:
            return
        if len(state.name) != len(state.position):
            self.get_logger().warning(
                f'joint_states names {len(state.name)} joints and holds {len(state.position)} positions; '
                'left out',
                throttle_duration_sec=10.0,
            )
            return
        found = self._tree.moving(dict(zip(state.name, state.position, strict=True)))
        self._moving.publish(message_of(found, state.header.stamp, self._prefix))


def main() -> int:
    """Runs the node."""
    return run(RobotStatePublisher)
