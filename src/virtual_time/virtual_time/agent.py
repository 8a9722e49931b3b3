"""Actor, sampler and learner in virtual time: shells around the components that the nodes hold, too."""

from collections import deque
from collections.abc import Callable

import numpy as np

from buffer_sampler.rate_governor import RateGovernor
from buffer_sampler.replay import Replay
from buffer_sampler.sampler import MiniBatchSampler
from buffer_sampler.slots import batch_bytes, batch_views
from run_recorder.recording import Recording
from sac_learner import acting
from sac_learner.acting import Acting
from sac_learner.actor_config import ActorConfig
from sac_learner.learner import SacLearner
from sac_learner.meter import UpdateMeter
from sac_learner.policy import Policy
from sac_learner.weights import PolicyWeights, not_finite
from ur5_rl_env.clock import Clock
from ur5_rl_graph.data import ANY_STEP, Action, MiniBatch, Observation, Transition
from ur5_rl_graph.say import Say, tell
from ur5_rl_graph.writing import Writing
from virtual_time.process import NS, Process
from virtual_time.trace import Trace


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
    """Stores transitions and keeps the slots filled as far as the governor lets it."""

    def __init__(
        self,
        process: Process,
        replay: Replay,
        sampler: MiniBatchSampler,
        governor: RateGovernor,
        crop: tuple[int, int],
        slots: int,
        error_band: int,
        cost_s: float,
        recording: Recording,
        trace: Trace,
    ) -> None:
        """Makes a sampler.

        Args:
            process: of this node.
            replay: the buffer.
            sampler: draws mini-batches from it.
            governor: says how many.
            crop: height and width of the cropped images [pixel].
            slots: mini-batches that sampling may be ahead of learning.
            error_band: updates that may be owed.
            cost_s: of one mini-batch [s].
            recording: takes the time of one, once a second.
            trace: takes spans.
        """
        self.on_mini_batch: Callable[[MiniBatch, int], None] = lambda batch, slot: None
        self.on_updated_step: Callable[[int], None] = lambda step: None
        self._process, self._replay, self._sampler, self._governor = process, replay, sampler, governor
        size = batch_bytes(sampler.batch_size, *crop)
        self._slots = [batch_views(bytearray(size), 0, sampler.batch_size, *crop) for _ in range(slots)]
        self._free = list(range(slots))
        self._cost_s, self._recording, self._trace = cost_s, recording, trace
        self._updates = 0
        self._learner = False  # whether one is there
        self._working = False
        self._waiting: deque[Transition] = deque()  # that have come and are not stored yet
        self._received_step = 0  # the environment's count in the newest transition
        self._announced: int | None = None
        self._error_band = error_band
        self._writing = Writing()
        self._made = 0  # mini-batches in this second
        self._refused, self._refusal = 0, ''
        process.post(self._announce)
        process.every(1.0, self._on_second)

    def receive(self, transition: Transition) -> None:
        """Takes a transition."""
        self._waiting.append(transition)
        self._process.post(self._on_transition)

    def _on_transition(self) -> None:
        if self._waiting:  # else it was stored before a mini-batch was made
            self._store(self._waiting.popleft())
            self._go_on()

    def _store(self, transition: Transition) -> None:
        self._received_step = transition.total_steps
        try:
            self._writing.attempt(self._replay.folder, lambda: self._append(transition))
        except ValueError as error:
            self._refuse(str(error))

    def _append(self, transition: Transition) -> None:
        if not self._replay.append(transition):
            self._refuse('frames that it names never came or were overwritten')

    def _refuse(self, why: str) -> None:
        self._refused, self._refusal = self._refused + 1, why

    def _on_second(self) -> None:
        if self._refused:
            print(f'buffer_sampler: {self._refused} transitions not stored: {self._refusal}', flush=True)
            self._refused = 0
        mean_s = self._cost_s if self._made else 0.0
        self._recording.sampling(1e3 * mean_s)
        self._made = 0

    def receive_learner(self, updates: int) -> None:
        """Takes a learner's first word, with the updates that it has done."""

        def work() -> None:
            self._learner = True
            self._governor.begin(self._replay.total_steps, updates)
            self._updates = updates
            self._give_up_debt()
            self._go_on()

        self._process.post(work)

    def receive_done(self, slot: int, updates: int) -> None:
        """Takes the learner's word that it has finished with a slot."""

        def work() -> None:
            self._free.append(slot)
            self._updates = updates
            self._give_up_debt()
            self._go_on()

        self._process.post(work)

    def _give_up_debt(self) -> None:
        known = self._governor.given_up
        if self._governor.give_up(self._replay.total_steps, self._updates) and not known:
            print(
                f'buffer_sampler: learning is {self._error_band} updates behind (error_band): what '
                'the steps earn beyond that is given up',
                flush=True,
            )

    def _announce(self) -> None:
        """Tells the actor for which step the updates are done. Before the first learner nothing is owed."""
        if self._learner and not self._governor.settled(self._replay.total_steps, self._updates):
            return
        step = self._received_step if self._governor.waits else ANY_STEP
        if step != self._announced:
            self._announced = step
            self._process.send(lambda: self.on_updated_step(step))

    def _go_on(self) -> None:
        """Announces; plans the next mini-batch."""
        self._announce()
        if not self._learner or not len(self._replay):
            return
        steps, in_flight = self._replay.total_steps, len(self._slots) - len(self._free)
        if self._free and not self._working and self._governor.allows(steps, self._updates, in_flight):
            self._working = True
            self._process.send(lambda: self._process.post(self._make_mini_batch))

    def _make_mini_batch(self) -> None:
        """A piece of work of its own: transitions and the learner's words are served in between."""
        self._working = False
        while self._waiting:
            self._store(self._waiting.popleft())
            self._announce()
        slot = self._free.pop(0)
        self._sampler.sample_into(self._slots[slot])
        self._trace.add('buffer_sampler', 'sample', *self._process.spend(self._cost_s))
        self._made += 1
        self._process.send(lambda: self.on_mini_batch(self._slots[slot], slot))
        self._go_on()


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
        self.on_begun: Callable[[int], None] = lambda updates: None
        self.on_done: Callable[[int, int], None] = lambda slot, updates: None
        self._process, self._learner = process, learner
        self._period_ns, self._cost_s = round(weights_period_s * NS), cost_s
        self._recording, self._trace = recording, trace
        self._version, self._published_ns = 0, 0
        self._meter = UpdateMeter(lambda: process.local_ns / NS)
        process.every(1.0, self._report)

    def receive(self, batch: MiniBatch, slot: int) -> None:
        """Takes a mini-batch."""
        self._process.post(lambda: self._update(batch, slot))

    def begin(self) -> None:
        """Sends the first weights and says that it is there."""
        self.publish_weights()
        updates = self._learner.updates
        self._process.send(lambda: self.on_begun(updates))

    def publish_weights(self) -> None:
        """Sends the present weights."""
        self._stop_if_diverged()
        self._version += 1
        self._published_ns = stamp = self._process.local_ns
        weights = PolicyWeights(self._learner.policy_weights(), self._version, self._learner.updates)
        self._process.send(lambda: self.on_weights(weights, stamp))

    def _update(self, batch: MiniBatch, slot: int) -> None:
        self._learner.update(batch)
        self._trace.add('learner', 'update', *self._process.spend(self._cost_s))
        self._meter.add(0.0, self._cost_s)
        updates = self._learner.updates
        self._process.send(lambda: self._recording.updated(updates))
        self._process.send(lambda: self.on_done(slot, updates))
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
