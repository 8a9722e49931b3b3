"""Gazebo behind the controller: it integrates joint velocities and films; ros_gz_bridge carries both."""

import threading
import time

from rclpy.node import Node
from std_msgs.msg import Float64

from ur5_cell.controller_process import ControllerProcess
from ur5_cell.gazebo_relay import GazeboRelay
from ur5_rl_graph import topics
from ur5_rl_graph.messages import image_from_msg, ns_from_time
from ur5_rl_graph.polled import Polled

TURN_S = 0.004
"""Between two looks at what has come: half a control period."""
START_S = 60.0
"""What Gazebo gets to begin: its first start draws slowly."""


class GazeboSimulator:
    """Carries messages between the bridge and the controller, in a thread of its own."""

    def __init__(self, node: Node, relay: GazeboRelay, films: bool) -> None:
        """Connects `node` to the bridge's topics; to those of the camera only where it `films`."""
        self._relay = relay
        self._joints = Polled(node, topics.GAZEBO_JOINT_STATES)
        self._images = Polled(node, topics.GAZEBO_IMAGE) if films else None
        self._velocities = [topic.publisher(node) for topic in topics.GAZEBO_VELOCITIES]
        self._disc = [topic.publisher(node) for topic in (topics.GAZEBO_DISC_RIGHT, topics.GAZEBO_DISC_UP)]

    def start_controller(self, address: str, fault_port: int, arguments: list[str]) -> ControllerProcess:
        """Returns the controller with Gazebo's arm, which begins where that is.

        Raises:
            OSError: no joint state has come in START_S.
        """
        end = time.monotonic() + START_S
        while not self._relay.rings[0].written:
            if time.monotonic() > end:
                raise OSError(
                    f'robot_cell: no joint states from Gazebo in {START_S:.0f} s; '
                    'do gz sim and ros_gz_bridge run?'
                )
            time.sleep(0.01)
            self._take_joints()
        return ControllerProcess(
            address, fault_port=fault_port, simulated_by=self._relay.rings, arguments=arguments
        )

    def run(self, controller: ControllerProcess, stop: threading.Event) -> None:
        """Relays until `stop` is set; then the arm is told to stand."""
        while not stop.wait(TURN_S):
            self._take_joints()
            self._film()
            if (velocities := self._relay.command()) is not None:
                _send(self._velocities, velocities)
                _send(self._disc, self._relay.disc() or ())
        _send(self._velocities, (0.0,) * len(self._velocities))

    def losses(self) -> dict[str, int]:
        """Returns what came of Gazebo and could not be used, by kind."""
        return {'frames without a time': self._relay.untimed, 'messages refused': self._relay.refused}

    def _take_joints(self) -> None:
        for message in self._joints.all():
            self._relay.on_joint_states(
                ns_from_time(message.header.stamp), message.name, message.position, message.velocity
            )

    def _film(self) -> None:
        if self._images is None:
            return
        for message in self._images.all():
            self._relay.on_picture(ns_from_time(message.header.stamp), image_from_msg(message))
        self._relay.deliver()


def _send(publishers: list, values: tuple[float, ...]) -> None:
    for publisher, value in zip(publishers, values, strict=False):
        publisher.publish(Float64(data=value))
