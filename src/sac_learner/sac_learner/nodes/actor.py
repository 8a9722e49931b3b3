"""Node that acts: newest weights, one action for each observation, then the transition."""

import sys
import time
from pathlib import Path

import numpy as np
import torch
from rclpy.node import Node
from std_msgs.msg import UInt64

from sac_learner.action_gate import ActionGate
from sac_learner.actor_config import ActorConfig
from sac_learner.adder import Adder
from sac_learner.age import Age
from sac_learner.checkpoint import load_policy
from sac_learner.config import AgentConfig
from sac_learner.exploration import RandomPolicy
from sac_learner.policy import Policy
from sac_learner.saved_setting import saved_setting
from sac_learner.weights import weights_from_bytes
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import messages, parameters, topics
from ur5_rl_graph.data import Action, Observation, Transition
from ur5_rl_graph.main import run
from ur5_rl_graph.priority import wake_in_time
from ur5_rl_graph.random_streams import Stream, generator
from ur5_rl_graph.span_publisher import SpanPublisher


class ActorNode(Node):
    """Answers each observation at once; weights and transitions come after.

    Where actions wait for updates, the transition goes first, and the sampler's word lets the action go.
    """

    def __init__(self) -> None:
        """Declares the parameters and connects the actor.

        Raises:
            ValueError, OSError: a parameter out of range, a checkpoint missing or of another setting.
        """
        super().__init__('actor')
        torch.set_num_threads(1)
        self._config = parameters.declare(self, ActorConfig)
        agent = parameters.declare(self, AgentConfig)
        self._policy = Policy(agent)
        if self._config.checkpoint:
            setting = saved_setting(agent, parameters.declare(self, TaskConfig))
            self._policy.load(load_policy(Path(self._config.checkpoint), setting))
            print(f'actor: acts with {self._config.checkpoint}', flush=True)
        self._seed(0)
        self._spans = SpanPublisher(self, self._losses)
        self._adder = Adder()
        self._gate = ActionGate()
        self._held: Observation | None = None  # the one whose action waits
        self._has_policy = bool(self._config.checkpoint)
        self._version, self._updates, self._age = 0, 0, Age()  # of the weights
        self._refused = self._unanswered = self._answered = self._given_up = 0
        frames = np.zeros(agent.image_shape, np.uint8)
        self._policy.act(frames, np.zeros(15, np.float32), self._rng)  # the first call is slow
        self._actions = topics.ACTION.publisher(self)
        self._transitions = topics.TRANSITION.publisher(self)
        topics.POLICY_WEIGHTS.subscription(self, self._on_weights)
        topics.UPDATED_STEP.subscription(self, self._on_updated_step)
        topics.OBSERVATION.subscription(self, self._on_observation)

    def _seed(self, total_steps: int) -> None:
        """Seeds the noise; an actor that comes back after `total_steps` does not repeat itself."""
        self._rng = generator(self._config.seed, Stream.EXPLORATION, total_steps)
        self._random = RandomPolicy(self._rng, self._config.random_hold_steps)

    def _on_observation(self, message: object) -> None:
        received_ns = time.perf_counter_ns()
        if not self._answered and message.total_steps:
            self._seed(message.total_steps)
        self._give_up_held()
        try:
            observation = messages.observation_from_msg(message)
            transition = self._adder.transition_to(observation)
        except ValueError as error:
            self._refuse_observation(message, error)
            return
        if not self._gate.guarded:
            self._answer(observation, received_ns)
            self._send(transition)
            self._spans.publish_if_due()  # nothing to do until the next observation
            return
        self._send(transition)
        if self._gate.open or observation.truncated or observation.terminated:
            self._answer(observation, received_ns)
            self._spans.publish_if_due()
        else:
            self._held = observation

    def _on_updated_step(self, message: UInt64) -> None:
        self._gate.announced(message.data)
        if self._held is not None and self._gate.open:
            observation, self._held = self._held, None
            self._answer(observation, time.perf_counter_ns())
            self._spans.publish_if_due()

    def _give_up_held(self) -> None:
        """Another observation came: the environment has not waited for the action."""
        if self._held is None:
            return
        self._held = None
        self._gate.give_up()
        self._given_up += 1

    def _answer(self, observation: Observation, received_ns: int) -> None:
        """Acts, except at the end of an episode, and remembers what was done."""
        done = observation.terminated or observation.truncated
        try:
            action = None if done else self._act(observation, received_ns)
        except ValueError as error:
            self._refuse_observation(observation, error)
            return
        self._adder.acted(observation, action)

    def _send(self, transition: Transition | None) -> None:
        if transition is None:
            return
        if not self._transitions.get_subscription_count():
            self._adder.undelivered()
            return
        began = time.perf_counter_ns()
        self._transitions.publish(messages.msg_from_transition(transition))
        self._spans.add('transition', began)
        self._gate.sent(transition.total_steps)

    def _explores(self, total_steps: int) -> bool:
        """True in the random steps, and after them as long as the learner is not there yet.

        An actor that comes back in the middle of a run waits for the latched weights instead.
        """
        if self._updates > 0:
            return False
        return total_steps < self._config.random_steps or (not self._has_policy and self._answered > 0)

    def _act(self, observation: Observation, received_ns: int) -> np.ndarray | None:
        """Publishes and returns the action; None where there is no policy yet: the arm stands."""
        random = self._explores(observation.total_steps)
        if not random and not self._has_policy:
            self._unanswered += 1
            if self._unanswered == 1:
                print('actor: no weights yet; is the learner running?', file=sys.stderr, flush=True)
            return None
        if random:
            action = self._random.act(observation.step)
        else:
            rng = None if self._config.deterministic else self._rng
            action = self._policy.act(observation.frames, observation.proprio, rng)
        now = time.time_ns()
        answer = Action(
            episode=observation.episode,
            step=observation.step,
            action=action,
            random=random,
            weights_version=self._version,
            weights_updates=self._updates,
            weights_age_s=self._age.seconds,
            inference_ms=1e-6 * (time.perf_counter_ns() - received_ns),
            stamp_ns=now,
        )
        self._actions.publish(messages.msg_from_action(answer))
        self._spans.add('act', received_ns)
        self._answered += 1
        return action

    def _on_weights(self, message: object) -> None:
        began = time.perf_counter_ns()
        try:
            self._policy.load(weights_from_bytes(message.safetensors))
        except ValueError as error:
            self._refuse(f'weights version {message.version}: {error}; acting on version {self._version}')
            return
        if message.updates < self._updates:
            print(
                f'actor: the learner went back from update {self._updates} to {message.updates}: '
                f'{self._updates - message.updates} updates were lost with it',
                flush=True,
            )
        self._has_policy = True
        self._version, self._updates = message.version, message.updates
        self._age.arrived(messages.ns_from_time(message.header.stamp))
        self._spans.add('load', began)

    def _refuse_observation(self, observation: object, error: ValueError) -> None:
        self._refuse(f'observation {observation.step} of episode {observation.episode}: {error}')

    def _refuse(self, what: str) -> None:
        self._refused += 1
        print(f'actor: refused ({self._refused} so far): {what}', file=sys.stderr, flush=True)

    def _losses(self) -> dict[str, int]:
        return {
            'observations without a predecessor': self._adder.gaps,
            'messages refused': self._refused,
            'observations unanswered': self._unanswered,
            'given up while their action waited for updates': self._given_up,
        }

    def destroy_node(self) -> None:
        """Says what was lost."""
        losses = self._losses()
        if any(losses.values()):
            print('actor: ' + ', '.join(f'{count} {what}' for what, count in losses.items()), flush=True)
        super().destroy_node()


def main() -> int:
    """Runs the node, ahead of the learner where that is permitted: the arm waits for it."""
    wake_in_time(on_any_core=True)
    return run(ActorNode)
