"""Actor, sampler and learner in virtual time: shells around the components that the nodes hold, too."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from buffer_sampler import serving
from buffer_sampler.serving import Done, NamedBatch, Serving, Status, UpdatedStep
from run_recorder.recording import Recording
from sac_learner import acting, learning
from sac_learner.acting import Acting
from sac_learner.actor_config import ActorConfig
from sac_learner.learner import SacLearner
from sac_learner.learning import BatchName, Learning, Updated
from sac_learner.policy import Policy
from sac_learner.weights import PolicyWeights
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import Action, Observation, Transition
from ur5_rl_graph.say import End, Say, tell
from virtual_time.ledger import Ledger
from virtual_time.process import NS, Process
from virtual_time.trace import Trace

IDENTITY = 1
"""Of the only life of a sampler or learner."""


class VirtualActor:
    """`acting.Acting` as nodes/actor.py holds it; each action costs."""

    def __init__(
        self,
        process: Process,
        policy: Policy,
        config: ActorConfig,
        cost_s: float,
        trace: Trace,
        ledger: Ledger,
    ) -> None:
        """Makes an actor.

        Args:
            process: of this node.
            policy: acts.
            config: how it explores.
            cost_s: observation to action [s].
            trace: takes spans.
            ledger: where the time goes.
        """
        self.on_action: Callable[[Action], None] = lambda action: None
        self.on_transition: Callable[[Transition], None] | None = None  # nobody listens, as in an evaluation
        self._process, self._cost_s, self._trace, self._ledger = process, cost_s, trace, ledger

        def leaves_ns() -> int:
            """When an action leaves that is begun now."""
            return process.local_ns + round(cost_s * NS)

        self.acting = Acting(policy, config, Clock(lambda: leaves_ns() / NS, leaves_ns))

    def receive(self, observation: Observation) -> None:
        """Takes an observation."""
        process = self._process
        process.post(lambda: self._on(self.acting.on_observation, observation, process.local_ns / NS))

    def receive_weights(self, weights: PolicyWeights, stamp_ns: int) -> None:
        """Takes new weights."""
        self._process.post(lambda: self._on(self.acting.on_weights, weights, stamp_ns))

    def receive_updated_step(self, step: int) -> None:
        """Takes the sampler's word up to which environment step the updates are done."""
        self._process.post(lambda: self._on(self.acting.on_updated_step, step))

    def close(self) -> None:
        """Says what was lost."""
        if lost := self.acting.lost:
            tell('actor', Say('info', lost))

    def _on(self, event: Callable[..., list[acting.Output]], *values: object) -> None:
        with self._ledger.on('acting'):
            outputs = event(*values)
        self._do(outputs)

    def _do(self, outputs: list[acting.Output]) -> None:
        for output in outputs:
            match output:
                case Action():
                    self._trace.add('actor', 'act', *self._process.spend(self._cost_s))
                    self._process.send(partial(self.on_action, output))
                case Transition() if (heard := self.on_transition) is not None:
                    self._process.send(partial(heard, output))
                case Transition():
                    self._do(self.acting.on_undelivered())
                case Say():
                    tell('actor', output)


class VirtualSampler:
    """`serving.Serving` as nodes/buffer_sampler.py holds it; each mini-batch costs."""

    def __init__(
        self,
        process: Process,
        serving: Serving,
        cost_s: float,
        recording: Recording,
        trace: Trace,
        ledger: Ledger,
    ) -> None:
        """Makes a sampler.

        Args:
            process: of this node.
            serving: what it does.
            cost_s: of one mini-batch [s].
            recording: takes the mean time of one, once a second.
            trace: takes spans.
            ledger: where the time goes.
        """
        self.on_mini_batch: Callable[[NamedBatch], None] | None = None  # nobody listens
        self.on_updated_step: Callable[[int], None] = lambda step: None
        self._process, self._serving = process, serving
        self._cost_s, self._recording, self._trace, self._ledger = cost_s, recording, trace, ledger
        self._waiting: deque[Transition] = deque()  # that have come and are not stored yet
        self._triggered = False
        process.post(lambda: self._take(serving.begin))
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
        self._take(event, *values)
        self._trigger()

    def _take(self, event: Callable[..., list[serving.Output]], *values: object) -> None:
        with self._ledger.on('sampling'):
            outputs = event(*values)
        self._do(outputs)

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
            self._take(self._serving.on_transition, self._waiting.popleft())
        self._take(self._serving.make, self.on_mini_batch is not None, self._now_s)

    def _do(self, outputs: list[serving.Output]) -> None:
        for output in outputs:
            match output:
                case NamedBatch():
                    self._trace.add('buffer_sampler', 'sample', *self._process.spend(self._cost_s))
                    self._serving.took(self._cost_s)
                    assert self.on_mini_batch is not None  # else none is made
                    self._process.send(partial(self.on_mini_batch, output))
                    self._trigger()
                case UpdatedStep(step):
                    self._process.send(partial(self.on_updated_step, step))
                case Status():
                    self._recording.sampling(output.sampling_ms)
                case Say():
                    tell('buffer_sampler', output)


class ModelledClock:
    """What `DeviceClock` is to a device: work takes the time that a table says."""

    def __init__(self, process: Process, cost_s: float) -> None:
        """Takes who works, and for how long [s]."""
        self._process, self._cost_s = process, cost_s
        self._ended: list[tuple[Any, float, float]] = []

    @contextmanager
    def measure(self, tag: object) -> Iterator[None]:
        """Takes the time of what is called in it."""
        yield
        start_ns, _ = self._process.spend(self._cost_s)
        self._ended.append((tag, start_ns / NS, self._cost_s))

    def finished(self) -> list[tuple[Any, float, float]]:
        """Tag, begin and time [s] of each work since this was last asked."""
        ended, self._ended = self._ended, []
        return ended


class VirtualLearner:
    """`learning.Learning` as nodes/learner.py holds it; each update costs."""

    def __init__(
        self,
        process: Process,
        learner: SacLearner,
        weights_period_s: float,
        cost_s: float,
        recording: Recording,
        trace: Trace,
        ledger: Ledger,
    ) -> None:
        """Makes a learner, which begins at once.

        Args:
            process: of this node.
            learner: updates.
            weights_period_s: least time between two publications of weights [s].
            cost_s: of one update [s].
            recording: takes a report each second.
            trace: takes spans.
            ledger: where the time goes.
        """
        self.on_weights: Callable[[PolicyWeights, int], None] = lambda *weights: None
        self.on_done: Callable[[Done], None] = lambda done: None
        self._process, self._recording, self._trace, self._ledger = process, recording, trace, ledger
        clock = ModelledClock(process, cost_s)
        self.learning = Learning(learner, clock, weights_period_s, IDENTITY, lambda: process.local_ns)
        process.every(1.0, lambda: self._on(self.learning.on_second))
        process.post(lambda: self._on(self.learning.begin))

    def receive(self, batch: NamedBatch) -> None:
        """Takes a mini-batch."""
        self._process.post(lambda: self._update(batch))

    def _update(self, batch: NamedBatch) -> None:
        if not self.learning.is_mine(batch.learner_id):
            return
        now_s = self._process.local_ns / NS
        name = BatchName(batch.sampler_id, batch.batch_id, batch.slot.index)
        self._on(self.learning.on_mini_batch, name, batch.slot.views, now_s, now_s)
        self._on(self.learning.publish_if_due)

    def _on(self, event: Callable[..., list[learning.Output]], *values: object) -> None:
        with self._ledger.on('updates'):
            outputs = event(*values)
        self._do(outputs)

    def _do(self, outputs: list[learning.Output]) -> None:
        for output in outputs:
            match output:
                case Updated(_, _, began_s, seconds):
                    self._trace.add('learner', 'update', round(began_s * NS), round(seconds * NS))
                case Done():
                    self._process.send(partial(self._recording.updated, output.updates))
                    self._process.send(partial(self.on_done, output))
                case PolicyWeights():
                    self._process.send(partial(self.on_weights, output, self._process.local_ns))
                case learning.Status():
                    with self._ledger.on('recording'):
                        self._recording.learner(stamp=self._process.local_ns / NS, **output._asdict())
                case Say():
                    tell('learner', output)
                case End(_, text):
                    raise ValueError(f'learner: {text}')
