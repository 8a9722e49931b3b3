"""Actor, sampler and learner in virtual time: shells around the components that the nodes hold, too."""

from collections import deque
from collections.abc import Callable

import numpy as np

from buffer_sampler import serving
from buffer_sampler.serving import Done, NamedBatch, Serving, Status, UpdatedStep
from run_recorder.recording import Recording
from sac_learner import acting
from sac_learner.acting import Acting
from sac_learner.actor_config import ActorConfig
from sac_learner.learner import SacLearner
from sac_learner.meter import UpdateMeter
from sac_learner.policy import Policy
from sac_learner.weights import PolicyWeights, not_finite
from ur5_rl_env.clock import Clock
from ur5_rl_graph.data import Action, Observation, Transition
from ur5_rl_graph.say import Say, tell
from virtual_time.process import NS, Process
from virtual_time.trace import Trace

IDENTITY = 1
"""Of the only life of a sampler or learner."""


class VirtualActor:
    """`acting.Acting` as nodes/actor.py holds it; each action costs."""

    def __init__(
        self, process: Process, policy: Policy, config: ActorConfig, cost_s: float, trace: Trace
    ) -> None:
        """Makes an actor.

        Args:
            process: of this node.
            policy: acts.
            config: how it explores.
            cost_s: observation to action [s].
            trace: takes spans.
        """
        self.on_action: Callable[[Action], None] = lambda action: None
        self.on_transition: Callable[[Transition], None] | None = None  # nobody listens, as in an evaluation
        self._process, self._cost_s, self._trace = process, cost_s, trace

        def leaves_ns() -> int:
            """When an action leaves that is begun now."""
            return process.local_ns + round(cost_s * NS)

        self.acting = Acting(policy, config, Clock(lambda: leaves_ns() / NS, leaves_ns))

    def receive(self, observation: Observation) -> None:
        """Takes an observation."""
        process = self._process
        process.post(lambda: self._do(self.acting.on_observation(observation, process.local_ns / NS)))

    def receive_weights(self, weights: PolicyWeights, stamp_ns: int) -> None:
        """Takes new weights."""
        self._process.post(lambda: self._do(self.acting.on_weights(weights, stamp_ns)))

    def receive_updated_step(self, step: int) -> None:
        """Takes the sampler's word up to which environment step the updates are done."""
        self._process.post(lambda: self._do(self.acting.on_updated_step(step)))

    def _do(self, outputs: list[acting.Output]) -> None:
        for output in outputs:
            match output:
                case Action():
                    self._trace.add('actor', 'act', *self._process.spend(self._cost_s))
                    self._process.send(lambda action=output: self.on_action(action))
                case Transition() if self.on_transition is None:
                    self._do(self.acting.on_undelivered())
                case Transition():
                    self._process.send(lambda transition=output: self.on_transition(transition))
                case Say():
                    tell('actor', output)


class VirtualSampler:
    """`serving.Serving` as nodes/buffer_sampler.py holds it; each mini-batch costs."""

    def __init__(
        self, process: Process, serving: Serving, cost_s: float, recording: Recording, trace: Trace
    ) -> None:
        """Makes a sampler.

        Args:
            process: of this node.
            serving: what it does.
            cost_s: of one mini-batch [s].
            recording: takes the mean time of one, once a second.
            trace: takes spans.
        """
        self.on_mini_batch: Callable[[NamedBatch], None] | None = None  # nobody listens
        self.on_updated_step: Callable[[int], None] = lambda step: None
        self._process, self._serving = process, serving
        self._cost_s, self._recording, self._trace = cost_s, recording, trace
        self._waiting: deque[Transition] = deque()  # that have come and are not stored yet
        self._triggered = False
        process.post(lambda: self._do(serving.begin()))
        process.every(1.0, lambda: self._on(serving.on_second, self._now_s))

    @property
    def _now_s(self) -> float:
        return self._process.local_ns / NS

    def receive(self, transition: Transition) -> None:
        """Takes a transition."""
        self._waiting.append(transition)
        self._process.post(self._on_transition)

    def receive_done(self, done: Done) -> None:
        """Takes a word of the learner."""
        self._process.post(lambda: self._on(self._serving.on_done, done, self._now_s))

    def _on(self, event: Callable[..., list[serving.Output]], *values: object) -> None:
        self._do(event(*values))
        self._trigger()

    def _on_transition(self) -> None:
        if self._waiting:  # else it was stored before a mini-batch was made
            self._on(self._serving.on_transition, self._waiting.popleft())

    def _trigger(self) -> None:
        """Has a mini-batch made when what has come until the end of the present work is served."""
        if not self._triggered:
            self._triggered = True
            self._process.send(lambda: self._process.post(self._make_mini_batch))

    def _make_mini_batch(self) -> None:
        self._triggered = False
        while self._waiting:
            self._do(self._serving.on_transition(self._waiting.popleft()))
        self._do(self._serving.make(self.on_mini_batch is not None, self._now_s))

    def _do(self, outputs: list[serving.Output]) -> None:
        for output in outputs:
            match output:
                case NamedBatch():
                    self._trace.add('buffer_sampler', 'sample', *self._process.spend(self._cost_s))
                    self._serving.took(self._cost_s)
                    self._process.send(lambda batch=output: self.on_mini_batch(batch))
                    self._trigger()
                case UpdatedStep(step):
                    self._process.send(lambda step=step: self.on_updated_step(step))
                case Status():
                    self._recording.sampling(output.sampling_ms)
                case Say():
                    tell('buffer_sampler', output)


class VirtualLearner:
    """One update for each mini-batch, weights now and then."""

    def __init__(
        self,
        process: Process,
        learner: SacLearner,
        weights_period_s: float,
        cost_s: float,
        recording: Recording,
        trace: Trace,
    ) -> None:
        """Makes a learner.

        Args:
            process: of this node.
            learner: updates.
            weights_period_s: least time between two publications of weights [s].
            cost_s: of one update [s].
            recording: takes a report each second.
            trace: takes spans.
        """
        self.on_weights: Callable[[PolicyWeights, int], None] = lambda *weights: None
        self.on_done: Callable[[Done], None] = lambda done: None
        self._process, self._learner = process, learner
        self._period_ns, self._cost_s = round(weights_period_s * NS), cost_s
        self._recording, self._trace = recording, trace
        self._version, self._published_ns = 0, 0
        self._meter = UpdateMeter(lambda: process.local_ns / NS)
        process.every(1.0, self._report)

    def receive(self, batch: NamedBatch) -> None:
        """Takes a mini-batch."""
        self._process.post(lambda: self._update(batch))

    def begin(self) -> None:
        """Sends the first weights and says that it is there."""
        self.publish_weights()
        done = Done(IDENTITY, self._learner.updates)
        self._process.send(lambda: self.on_done(done))

    def publish_weights(self) -> None:
        """Sends the present weights."""
        self._stop_if_diverged()
        self._version += 1
        self._published_ns = stamp = self._process.local_ns
        weights = PolicyWeights(self._learner.policy_weights(), self._version, self._learner.updates)
        self._process.send(lambda: self.on_weights(weights, stamp))

    def _update(self, batch: NamedBatch) -> None:
        self._learner.update(batch.slot.views)
        self._trace.add('learner', 'update', *self._process.spend(self._cost_s))
        self._meter.add(0.0, self._cost_s)
        done = Done(IDENTITY, self._learner.updates, batch.sampler_id, batch.batch_id)
        self._process.send(lambda: self._recording.updated(done.updates))
        self._process.send(lambda: self.on_done(done))
        if self._process.local_ns - self._published_ns >= self._period_ns:
            self.publish_weights()

    def _stop_if_diverged(self) -> None:
        numbers = {'statistics': np.array([*self._learner.statistics().values()])}
        if wrong := not_finite(numbers | self._learner.policy_weights()):
            raise ValueError(f'learner: {wrong} is not finite after {self._learner.updates} updates')

    def _report(self) -> None:
        self._stop_if_diverged()
        self._recording.learner(
            stamp=self._process.local_ns / NS,
            metrics=self._learner.statistics(),
            updates=self._learner.updates,
            weights_version=self._version,
            **self._meter.read()._asdict(),
        )
