"""Node that acts: newest weights, one action for each observation, then the transition."""

import math
import time
from functools import partial
from pathlib import Path
from typing import Any

import torch
from std_msgs.msg import UInt64

from sac_learner.acting import Acting, Output
from sac_learner.actor_config import ActorConfig
from sac_learner.agent_config import AgentConfig
from sac_learner.beat import Beat
from sac_learner.checkpoint import load_policy
from sac_learner.policy import Policy
from sac_learner.saved_setting import saved_setting
from sac_learner.weights import PolicyWeights, weights_from_bytes
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import messages, parameters, topics
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import Action, Transition
from ur5_rl_graph.main import run
from ur5_rl_graph.node import Node
from ur5_rl_graph.priority import wake_in_time
from ur5_rl_graph.say import Say, tell
from ur5_rl_graph.span_publisher import SpanPublisher
from ur5_rl_graph.steady import every

JOIN_PERIOD_S = 0.05
LOADING_S = 0.01
"""What weights may take to be decoded, checked and loaded: the thesis' take some 5 ms."""
TELL_AFTER_S = 5.0


class ActorNode(Node):
    """A shell around `acting.Acting`: decodes what comes, sends what that answers."""

    def __init__(self) -> None:
        """Declares the parameters and connects the actor.

        Raises:
            ValueError, OSError: a parameter out of range, a checkpoint missing or of another setting.
        """
        super().__init__('actor')
        torch.set_num_threads(1)
        config = parameters.declare(self, ActorConfig)
        agent = parameters.declare(self, AgentConfig)
        policy = Policy(agent)
        if config.checkpoint:
            setting = saved_setting(agent, parameters.declare(self, TaskConfig))
            path = Path(config.checkpoint)
            weights, told = load_policy(path, setting)
            policy.load(weights)
            print(f'actor: acts with {path}', flush=True)
            if told:
                print(f'actor: {told}', flush=True)
        self._acting = Acting(policy, config, Clock(time.perf_counter))
        self._spans = SpanPublisher(self, lambda: self._acting.losses)
        self._event_ns = 0  # begin of the present event
        self._actions: Any = None
        self._transitions = topics.TRANSITION.publisher(self)
        self._sampler_spoke, self._waits_since = False, time.monotonic()
        self._beat = Beat()
        self._weights: bytes | None = None  # that wait until the next action has left
        topics.POLICY_WEIGHTS.subscription(self, self._on_weights, raw=True)
        topics.UPDATED_STEP.subscription(self, self._on_updated_step)
        self._joining = every(self, JOIN_PERIOD_S, self._join)
        if not config.awaits_sampler:
            self._take_part()

    def _join(self) -> None:
        """Has the environment see this actor as soon as somebody keeps what it experiences.

        That the sampler's subscription is there is not enough: it overflows while its process starts CUDA.
        """
        if self._actions is not None:
            return
        if self._sampler_spoke and self._transitions.get_subscription_count():
            self._take_part()
        elif self._waits_since + TELL_AFTER_S < time.monotonic():
            self._waits_since = math.inf  # once
            print('actor: waits for the buffer sampler', flush=True)

    def _take_part(self) -> None:
        self._joining.cancel()
        topics.OBSERVATION.subscription(self, self._on_observation)
        self._actions = topics.ACTION.publisher(self)  # last: by it the environment knows that we hear

    def _on_observation(self, message: Any) -> None:
        self._event_ns = time.perf_counter_ns()
        self._beat.observed(1e-9 * self._event_ns)
        try:
            observation = messages.observation_from_msg(message)
        except ValueError as error:
            self._do(self._acting.on_unreadable_observation(message.step, message.episode, error))
            return
        if observation.terminated or observation.truncated:
            self._beat.ended()
        self._do(self._acting.on_observation(observation, 1e-9 * self._event_ns))
        if not self._acting.holds:
            self._after_action()

    def _on_updated_step(self, message: UInt64) -> None:
        self._event_ns = time.perf_counter_ns()
        self._sampler_spoke = True
        self._join()
        outputs = self._acting.on_updated_step(message.data)
        if outputs:
            self._do(outputs)
            self._after_action()

    def _after_action(self) -> None:
        """There is nothing to do until the next observation."""
        if self._weights is not None:
            self._load(self._weights)
        self._spans.publish_if_due()

    def _on_weights(self, data: bytes) -> None:
        """Loads weights at once, but where the arm would wait for it: then behind the action."""
        if self._beat.due(1e-9 * time.perf_counter_ns(), LOADING_S) and not self._acting.holds:
            self._weights = data
        else:
            self._load(data)

    def _load(self, data: bytes) -> None:
        began, self._weights = time.perf_counter_ns(), None
        version = 0
        try:
            message = messages.deserialised(data, topics.POLICY_WEIGHTS.type)
            version = message.version
            arrays = weights_from_bytes(message.safetensors)
        except ValueError as error:
            self._do(self._acting.on_unreadable_weights(version, error))
            return
        weights = PolicyWeights(arrays, message.version, message.updates)
        self._do(self._acting.on_weights(weights, messages.ns_from_time(message.header.stamp)))
        self._spans.add('load', began)

    def _do(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Action():
                    self._actions.publish(messages.msg_from_action(output))
                    self._spans.add('act', self._event_ns)
                case Transition():
                    self._send(output)
                case Say():
                    tell('actor', output)

    def _send(self, transition: Transition) -> None:
        if not self._transitions.get_subscription_count():
            self._do(self._acting.on_undelivered())
            return
        began = time.perf_counter_ns()
        self._transitions.publish(messages.msg_from_transition(transition))
        self._spans.add('transition', began)

    def destroy_node(self) -> None:
        """Says what was lost."""
        if lost := self._acting.lost:
            print(f'actor: {lost}', flush=True)
        super().destroy_node()


def main() -> int:
    """Runs the node, ahead of the learner where that is permitted: the arm waits for it."""
    return run(ActorNode, ready=partial(wake_in_time, on_any_core=True))
