"""Node that draws what the network sees, for a person: beside the graph, never in the path of an action."""

import sys
from collections import deque
from pathlib import Path

import torch
from sensor_msgs.msg import Image

from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import load_policy
from sac_learner.saved_setting import saved_setting
from sac_learner.weights import weights_from_bytes
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import messages, parameters, topics
from ur5_rl_graph.data import STACK
from ur5_rl_graph.main import run
from ur5_rl_graph.node import Node
from ur5_rl_graph.polled import Polled
from ur5_rl_graph.steady import every
from ur5_rl_monitor.network_view import NetworkView
from ur5_rl_monitor.network_view_config import NetworkViewConfig


class NetworkViewNode(Node):
    """Looks at the newest three camera images some times a second, as long as somebody watches.

    What comes in between is passed over. It has no real-time priority, and takes weights only to draw them.
    """

    def __init__(self) -> None:
        """Declares the parameters and connects.

        Raises:
            ValueError, OSError: a parameter out of range, a checkpoint missing or of another setting.
        """
        super().__init__('network_view')
        torch.set_num_threads(1)
        config = parameters.declare(self, NetworkViewConfig)
        agent = parameters.declare(self, AgentConfig)
        task = parameters.declare(self, TaskConfig)
        self._view = NetworkView(agent, task, config.view_scale)
        if config.checkpoint:
            weights, _ = load_policy(Path(config.checkpoint), saved_setting(agent, task))
            self._view.load(weights, Path(config.checkpoint).name)
        self._drawn = 0
        self._refused: dict[str, int] = {}  # messages, by what they are
        self._said: set[str] = set()  # what is refused at present
        self._images = Polled(self, topics.IMAGE, depth=STACK)
        self._newest: deque[Image] = deque(maxlen=STACK)
        self._weights = Polled(self, topics.POLICY_WEIGHTS)
        self._pictures = topics.NETWORK_VIEW.publisher(self)
        every(self, config.view_period_s, self._look)

    def _look(self) -> None:
        if not self._pictures.get_subscription_count():
            return
        self._take_weights()
        new = self._images.all()
        self._newest.extend(new)
        if not new or len(self._newest) < STACK:
            return  # a camera that gives nothing new: what was drawn last stays
        try:
            picture = self._view.picture([messages.image_from_msg(message) for message in self._newest])
        except ValueError as error:
            self._newest.clear()
            self._refuse('images', str(error))
            return
        self._said.discard('images')
        header = self._newest[-1].header
        stamp = messages.ns_from_time(header.stamp)
        self._pictures.publish(messages.msg_from_image(picture, stamp, header.frame_id))
        self._drawn += 1

    def _take_weights(self) -> None:
        message = self._weights.newest()
        if message is None:
            return
        try:
            told = f'weights {message.version}, update {message.updates}'
            self._view.load(weights_from_bytes(message.safetensors), told)
        except ValueError as error:
            self._refuse('weights', f'version {message.version}: {error}; goes on drawing with those before')
            return
        self._said.discard('weights')

    def _refuse(self, what: str, why: str) -> None:
        """Counts; one line until what comes is good again, not four a second."""
        self._refused[what] = self._refused.get(what, 0) + 1
        if what not in self._said:
            self._said.add(what)
            print(
                f'network_view: {what} refused, as all like them from now on: {why}',
                file=sys.stderr,
                flush=True,
            )

    def destroy_node(self) -> None:
        """Says what was drawn and what was not."""
        refused = ''.join(f', {count} times {what} refused' for what, count in self._refused.items())
        print(f'network_view: {self._drawn} pictures{refused}', flush=True)
        super().destroy_node()


def main() -> int:
    """Runs the node."""
    return run(NetworkViewNode)
