"""The topics and services of the environment, as an agent sees them that steps it."""

import dataclasses
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import parameter_value_to_python
from rclpy.parameter_client import AsyncParameterClient
from rclpy.signals import SignalHandlerOptions
from std_srvs.srv import Trigger

from ur5_rl_graph import messages, topics
from ur5_rl_graph.data import Action, Observation
from ur5_rl_graph.sizes import ImageSize
from ur5_rl_gym.ur5_env import Aborted

ENVIRONMENT = 'environment'
HOW = 'start one: ./ur5rl launch environment'
SETTLED_S = 1.0  # without a new node: those that are there, such as another actor, have been discovered


class EnvironmentLink:
    """A node of its own context, which works only while one of the methods here does.

    Args:
        namespace: of the graph.
        timeout_s: how long the environment is awaited [s].

    Raises:
        TimeoutError: it is not there.
    """

    def __init__(self, namespace: str, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._context = Context()
        rclpy.init(args=[], context=self._context, signal_handler_options=SignalHandlerOptions.NO)
        self._node = Node('gymnasium', namespace=namespace, context=self._context, use_global_arguments=False)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._events: deque[Observation | Aborted] = deque()
        self._actions: Any = None  # its publisher is what the environment knows an actor by
        topics.OBSERVATION.subscription(self._node, self._on_observation)
        topics.EPISODE.subscription(self._node, self._on_episode)
        self._reset = topics.RESET_ENVIRONMENT.client(self._node)
        self._parameters = AsyncParameterClient(self._node, ENVIRONMENT)
        try:
            self._wait(
                lambda: self._parameters.services_are_ready() and self._reset.service_is_ready(), 'there'
            )
            self._settle()
            self.shape = self._image_size().observation_shape[:2]
        except BaseException:
            self.close()
            raise

    def next(self, timeout_s: float) -> Observation | Aborted | None:
        """Returns the oldest event not yet returned, waiting for one; None where none came in time."""
        deadline = time.monotonic() + timeout_s
        while not self._events:
            left = deadline - time.monotonic()
            self._executor.spin_once(timeout_sec=max(left, 0.0))
            if left <= 0.0:
                break
        return self._events.popleft() if self._events else None

    def act(self, action: Action) -> None:
        """Sends an action."""
        if not self._actions.get_subscription_count():
            self._wait(lambda: self._actions.get_subscription_count() > 0, 'taking actions')
        self._actions.publish(messages.msg_from_action(action))

    def appear(self) -> None:
        """Shows the environment that there is an actor.

        Raises:
            RuntimeError: there is another one.
        """
        if self._actions is None:
            self._refuse_others()
            self._actions = topics.ACTION.publisher(self._node)

    def disappear(self) -> None:
        """Shows it that there is none."""
        if self._actions is not None:
            self._node.destroy_publisher(self._actions)
            self._actions = None

    def seed(self, seed: int) -> None:
        """Sets the seed of the targets from the next reset on.

        Raises:
            RuntimeError: there is another actor, whose targets they are, or the environment refuses.
        """
        self._refuse_others()
        (result,) = self._answer(
            self._parameters.set_parameters([rclpy.Parameter('seed', value=seed)]), 'answering'
        ).results
        if not result.successful:
            raise RuntimeError(f'{ENVIRONMENT} does not take seed {seed}: {result.reason}')

    def reset(self) -> None:
        """Has the next episode begin; forgets all events until then.

        Raises:
            RuntimeError: there is another actor, whose episode it is, or the environment does not begin.
        """
        self._refuse_others()
        answer = self._answer(self._reset.call_async(Trigger.Request()), 'answering')
        if not answer.success:
            raise RuntimeError(answer.message)
        self._events.clear()

    def close(self) -> None:
        """Disconnects."""
        if self._context.ok():
            self._executor.shutdown()
            self._node.destroy_node()
            rclpy.shutdown(context=self._context)

    def _settle(self) -> None:
        seen, since = None, time.monotonic()
        while time.monotonic() - since < SETTLED_S:
            nodes = sorted(self._node.get_node_names_and_namespaces())
            if nodes != seen:
                seen, since = nodes, time.monotonic()
            self._executor.spin_once(timeout_sec=0.1)

    def _refuse_others(self) -> None:
        others = self._node.count_publishers(topics.ACTION.name) - (self._actions is not None)
        if others:
            raise RuntimeError(
                f'{others} other actor(s) in this graph: launch it without one (./ur5rl launch environment)'
            )

    def _image_size(self) -> ImageSize:
        names = [field.name for field in dataclasses.fields(ImageSize)]
        answer = self._answer(self._parameters.get_parameters(names), 'answering')
        values = map(parameter_value_to_python, answer.values)
        return ImageSize(**dict(zip(names, values, strict=True)))

    def _answer(self, future: Any, what: str) -> Any:
        self._wait(future.done, what)
        return future.result()

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + self._timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f'no environment is {what} after {self._timeout_s:g} s; {HOW}')
            self._executor.spin_once(timeout_sec=0.1)

    def _on_observation(self, message: Any) -> None:
        self._events.append(messages.observation_from_msg(message))

    def _on_episode(self, message: Any) -> None:
        if message.aborted:
            self._events.append(Aborted(message.episode, message.text))
