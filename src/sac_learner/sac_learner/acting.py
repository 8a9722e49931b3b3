"""What an actor does, without ROS: observations and weights in; actions, transitions and lines out.

Pure: events come in as method calls, each returns what the shell has to send or say, in this order.
"""

from collections import Counter

import numpy as np

from sac_learner.action_gate import ActionGate
from sac_learner.actor_config import ActorConfig
from sac_learner.adder import Adder
from sac_learner.age import Age
from sac_learner.exploration import RandomPolicy
from sac_learner.policy import Policy
from sac_learner.weights import PolicyWeights
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import PROPRIO, Action, Observation, Transition
from ur5_rl_graph.random_streams import Stream, generator
from ur5_rl_graph.say import Say, counted

Output = Action | Transition | Say


class Acting:
    """Answers each observation at once; its transition comes after.

    Where actions wait for updates, the transition goes first, and the sampler's word lets the action go. A
    transition that the shell finds nobody to take is told back (`on_undelivered`).
    """

    def __init__(self, policy: Policy, config: ActorConfig, clock: Clock) -> None:
        """Makes an actor that has seen nothing.

        Args:
            policy: acts; it has the weights of `config.checkpoint` where that names one.
            config: how it explores.
            clock: says when an action leaves.
        """
        self._policy, self._config, self._clock = policy, config, clock
        self._seed(0)
        self._adder = Adder()
        self._gate = ActionGate()
        self._held: Observation | None = None  # the one whose action waits
        self._has_policy = bool(config.checkpoint)
        self._version, self._updates = 0, 0
        self._age = Age(clock)  # of the weights
        self._unanswered = self._answered = self._given_up = 0
        self._refused: Counter[str] = Counter()
        frames = np.zeros(policy.config.image_shape, np.uint8)
        policy.act(frames, np.zeros(PROPRIO, np.float32), self._noise)  # the first call is slow

    def _seed(self, total_steps: int) -> None:
        """Seeds the noise; an actor that comes back after `total_steps` does not repeat itself."""
        rng = generator(self._config.seed, Stream.EXPLORATION, total_steps)
        self._noise = None if self._config.deterministic else rng
        self._random = RandomPolicy(rng, self._config.random_hold_steps)

    @property
    def holds(self) -> bool:
        """Whether an action waits for updates."""
        return self._held is not None

    # --- events ---

    def on_observation(self, observation: Observation, received_s: float) -> list[Output]:
        """Takes an observation that came at `received_s` of the clock."""
        if not self._answered and observation.total_steps:
            self._seed(observation.total_steps)
        self._give_up_held()
        try:
            transition = self._adder.transition_to(observation)
        except ValueError as error:
            return self._refuse_observation(observation.step, observation.episode, error)
        if not self._gate.guarded:
            return self._answer(observation, received_s) + self._sent(transition)
        sent = self._sent(transition)
        if self._gate.open or observation.truncated or observation.terminated:
            return sent + self._answer(observation, received_s)
        self._held = observation
        return sent

    def on_unreadable_observation(self, step: int, episode: int, error: ValueError) -> list[Output]:
        """Takes the news that an observation came which cannot be read."""
        self._give_up_held()
        return self._refuse_observation(step, episode, error)

    def on_undelivered(self) -> list[Output]:
        """Takes the shell's word that the newest transition reached nobody: nothing waits for it."""
        self._adder.undelivered()
        self._gate.give_up()
        return self._release()

    def on_updated_step(self, step: int) -> list[Output]:
        """Takes the sampler's word up to which environment step the updates are done; ANY_STEP = all."""
        self._gate.announced(step)
        return self._release()

    def on_weights(self, weights: PolicyWeights, stamp_ns: int) -> list[Output]:
        """Takes new weights that were published at `stamp_ns` of the system clock."""
        try:
            self._policy.load(weights.arrays)
        except ValueError as error:
            return self.on_unreadable_weights(weights.version, error)
        lost = self._updates - weights.updates
        went_back = f'the learner went back from update {self._updates} to {weights.updates}: '
        self._has_policy = True
        self._version, self._updates = weights.version, weights.updates
        self._age.arrived(stamp_ns)
        return [Say('info', f'{went_back}{lost} updates were lost with it')] if lost > 0 else []

    def on_unreadable_weights(self, version: int, error: ValueError) -> list[Output]:
        """Takes the news that weights came which cannot be used."""
        return self._refuse('weights', f'version {version}: {error}; acting on version {self._version}')

    @property
    def losses(self) -> dict[str, int]:
        """What no message counts."""
        return {
            'observations without a predecessor': self._adder.gaps,
            'messages refused': self._refused.total(),
            'observations unanswered': self._unanswered,
            'given up while their action waited for updates': self._given_up,
        }

    @property
    def lost(self) -> str:
        """One line on what was lost, '' where nothing was."""
        losses = self.losses
        return counted(losses) if any(losses.values()) else ''

    # --- what they have in common ---

    def _sent(self, transition: Transition | None) -> list[Output]:
        if transition is None:
            return []
        self._gate.sent(transition.total_steps)
        return [transition]

    def _give_up_held(self) -> None:
        """Another observation came: the environment has not waited for the action."""
        if self._held is None:
            return
        self._held = None
        self._gate.give_up()
        self._given_up += 1

    def _release(self) -> list[Output]:
        """Answers the observation whose action waits, if it need not wait any longer."""
        if self._held is None or not self._gate.open:
            return []
        observation, self._held = self._held, None
        return self._answer(observation, self._clock.now())

    def _explores(self, total_steps: int) -> bool:
        """True in the random steps, and after them as long as the learner is not there yet.

        An actor that comes back in the middle of a run waits for the latched weights instead.
        """
        if self._updates > 0:
            return False
        return total_steps < self._config.random_steps or (not self._has_policy and self._answered > 0)

    def _answer(self, observation: Observation, received_s: float) -> list[Output]:
        """Acts and remembers what was done. At the end of an episode, and without a policy, nothing is."""
        if observation.terminated or observation.truncated:
            self._adder.acted(observation, None)
            return []
        random = self._explores(observation.total_steps)
        if not random and not self._has_policy:
            self._adder.acted(observation, None)
            self._unanswered += 1
            first = self._unanswered == 1
            return [Say('warning', 'no weights yet; is the learner running?')] if first else []
        try:
            if random:
                values = self._random.act(observation.step)
            else:
                values = self._policy.act(observation.frames, observation.proprio, self._noise)
        except ValueError as error:
            return self._refuse_observation(observation.step, observation.episode, error)
        self._adder.acted(observation, values)
        self._answered += 1
        action = Action(
            episode=observation.episode,
            step=observation.step,
            action=values,
            random=random,
            weights_version=self._version,
            weights_updates=self._updates,
            weights_age_s=self._age.seconds,
            inference_ms=1e3 * (self._clock.now() - received_s),
            stamp_ns=self._clock.stamp(),
        )
        return [action]

    def _refuse_observation(self, step: int, episode: int, error: ValueError) -> list[Output]:
        return self._refuse('observation', f'{step} of episode {episode}: {error}')

    def _refuse(self, kind: str, what: str) -> list[Output]:
        """Counts what is refused; tells the first ten of a kind and each hundredth: 25 may come a second."""
        self._refused[kind] += 1
        if self._refused[kind] > 10 and self._refused[kind] % 100:
            return []
        return [Say('warning', f'refused ({self._refused.total()} so far): {kind} {what}')]
