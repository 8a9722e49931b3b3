"""Puts components and processes together: an architecture is who shares a process (thesis 4.2 to 4.4)."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import torch

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.opening import open_replay
from buffer_sampler.past import open_past
from buffer_sampler.serving import Serving
from run_reading.costs import Costs
from run_reading.speed import Speed
from run_recorder.recorder_config import RecorderConfig
from run_recorder.recording import Recording
from sac_learner.actor_config import ActorConfig
from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import load_policy, load_start, save_checkpoint
from sac_learner.learner import SacLearner
from sac_learner.learner_config import LearnerConfig
from sac_learner.policy import Policy
from sac_learner.saved_setting import saved_setting
from ur5_cell.cell_config import SimulatedCameraConfig
from ur5_cell.sensor_delay import DelayConfig, DelayLine
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.target import TargetConfig
from ur5_rl_env.task import TaskConfig
from ur5_rl_env.watchdog import WatchdogConfig
from ur5_rl_graph.allocator import keep_freed_memory
from ur5_rl_graph.architectures import SHARED_PROCESS
from ur5_rl_graph.data import Observation
from ur5_rl_graph.random_streams import Stream, generator
from ur5_rl_graph.say import tell
from ur5_rl_graph.settings import configuration
from ur5_rl_graph.writing import Writing
from virtual_time.agent import IDENTITY, VirtualActor, VirtualLearner, VirtualSampler
from virtual_time.arm import VirtualArm
from virtual_time.environment import Shot, VirtualEnvironment
from virtual_time.ledger import Ledger
from virtual_time.process import NS, Process
from virtual_time.scheduler import EPOCH_NS, Scheduler
from virtual_time.trace import Trace

if TYPE_CHECKING:
    from ur5_cell.simulated_camera import SimulatedCamera  # which needs OpenGL to be imported

ACTION_TIMEOUT_S = 600.0
"""In virtual time an action may take as long as its costs say."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run is made of: the parameters of its setting and task, costs, seed."""

    parameters: dict[str, dict[str, Any]]  # by the name of the node
    costs: Costs
    seed: int
    folder: Path
    title: str
    duration_s: float = 0.0  # after the random steps
    episodes: int = 0  # of an evaluation


class Lab:
    """One run in virtual time. Close it: `close` completes the run folder."""

    def __init__(self, plan: Plan, clock: Callable[[], float] = time.perf_counter) -> None:
        """Makes clock, recording and environment; `clock` [s] tells what they cost this machine.

        Raises:
            ValueError, OSError: a parameter out of range, no off-screen OpenGL, a full disk.
        """
        torch.set_num_threads(1)
        keep_freed_memory()
        self._plan = plan
        self.ledger = Ledger(clock)
        """Where this machine's time goes, from now on."""
        self.scheduler = Scheduler()
        self._ends = ExitStack()
        camera = self._make_camera()  # before anything is written: there may be no OpenGL
        recorder = self._make(
            RecorderConfig,
            'run_recorder',
            run_folder=str(plan.folder),
            title=plan.title,
            duration=plan.duration_s,
            episodes=plan.episodes,
            action_timeout_s=ACTION_TIMEOUT_S,
        )
        self.recording = Recording(recorder)
        self._trace = Trace(self.recording)
        self._processes: dict[str, Process] = {}
        self._agent_config = self._make(AgentConfig, 'learner')
        self.setting = saved_setting(self._agent_config, self._make(TaskConfig, 'learner'))
        """What a checkpoint of this run remembers."""
        self._environment = self._make_environment(camera)
        self.learner: SacLearner | None = None
        """Of a run that learns."""

    def _make(self, config_type: type, node: str, **further: Any) -> Any:
        """The configuration that a node would have."""
        return configuration(self._plan.parameters, node, config_type, **further)

    def _process(self, name: str) -> Process:
        return self._processes.setdefault(name, Process(self.scheduler))

    def _make_camera(self) -> 'SimulatedCamera':
        from ur5_cell.simulated_camera import SimulatedCamera

        noise = generator(self._plan.seed, Stream.PIXEL_NOISE)
        camera = SimulatedCamera(self._make(SimulatedCameraConfig, 'robot_cell'), noise)
        self._ends.callback(camera.close)
        return camera

    def _make_environment(self, camera: 'SimulatedCamera') -> VirtualEnvironment:
        seed = self._plan.seed
        return VirtualEnvironment(
            self.scheduler,
            self._process('environment'),
            self._make(TaskConfig, 'environment'),
            self._make(
                LifecycleConfig,
                'environment',
                seed=seed,
                run_folder='',
                action_timeout_s=ACTION_TIMEOUT_S,
            ),
            self._make(TargetConfig, 'target_monitor'),
            self._make_arm,
            camera,
            DelayLine(self._make(DelayConfig, 'robot_cell'), generator(seed, Stream.SENSOR_DELAY)),
            1e-3 * self._plan.costs.environment_ms,
            self.recording,
            self._trace,
            self.ledger,
        )

    def _make_arm(self, on_state: Callable[[int], None]) -> VirtualArm:
        kinds = ArmConfig, GuardConfig, WatchdogConfig
        arm, guard, watchdog = (self._make(kind, 'arm_driver') for kind in kinds)
        return VirtualArm(self.scheduler, on_state, arm, guard, watchdog, self.ledger)

    def _make_actor(self, process: Process, checkpoint: str = '') -> VirtualActor:
        config = self._make(ActorConfig, 'actor', checkpoint=checkpoint, seed=self._plan.seed)
        policy = Policy(self._make(AgentConfig, 'actor'))
        if checkpoint:
            weights, told = load_policy(Path(checkpoint), self.setting)
            policy.load(weights)
            if told:
                print(told, flush=True)
        cost_s = 1e-3 * self._plan.costs.action_ms
        actor = VirtualActor(process, policy, config, cost_s, self._trace, self.ledger)
        self._ends.callback(actor.close)
        self._environment.on_observation = actor.receive
        actor.on_action = self._environment.on_action
        return actor

    def evaluate(self, checkpoint: Path) -> None:
        """Has a saved policy act without noise, and says where it was trained at another pace.

        Raises:
            ValueError, OSError: no such checkpoint, or one of another setting.
        """
        self._make_actor(self._process('actor'), str(checkpoint))

    def watch(
        self,
        on_shot: Callable[[Shot], object],
        on_observed: Callable[[Observation], object] = lambda observation: None,
    ) -> None:
        """Has `on_shot` called with each camera frame, and `on_observed` with each observation of them."""
        self._environment.on_shot, self._environment.on_observed = on_shot, on_observed

    def train(self, architecture: str, init: str = '', anyway: bool = False, bags: str = '') -> None:
        """Adds the learning nodes, `architecture` says in which processes, and lets them begin.

        Args:
            architecture: which.
            init: checkpoint to start from, '' = none.
            anyway: start from it although it was saved in another setting.
            bags: whose experience it begins with, as `beginning.check` has returned them; '' = none.

        Raises:
            ValueError, OSError: no such checkpoint `init`, or one of another setting; a bag does not fit;
                updates that are neither limited nor take time.
        """
        plan, costs = self._plan, self._plan.costs
        actor_process, sampler_process, learner_process = (
            self._process('shared' if node in SHARED_PROCESS[architecture] else node)
            for node in ('actor', 'buffer_sampler', 'learner')
        )
        actor = self._make_actor(actor_process)
        # The files lose their names at once: whatever ends this process, nothing of them stays on the disk.
        with TemporaryDirectory(prefix='replay_', dir=plan.folder, ignore_cleanup_errors=True) as folder:
            config = self._make(BufferSamplerConfig, 'buffer_sampler', run_folder=folder, seed=plan.seed)
            _check_time_passes(costs, config)
            if bags:
                self._bring(bags, Path(folder))
            replay, found = open_replay(config)
            self._ends.callback(replay.close)
            past, told = open_past(config)
            if past is not None:
                self._ends.callback(past.close)
        for line in [*found, *told]:
            tell('buffer_sampler', line)
        self._serving = Serving(replay, config, IDENTITY, self.now_s, Writing(), past)
        self._ends.callback(self._serving.pool.close)
        sampler = VirtualSampler(
            sampler_process,
            self._serving,
            1e-3 * costs.sampling_ms,
            self.recording,
            self._trace,
            self.ledger,
        )
        learning = self._make(LearnerConfig, 'learner')
        device = 'cpu' if learning.device == 'auto' else learning.chosen_device  # everywhere the same result
        sac = SacLearner(self._agent_config, plan.seed, device, learning.graph, learning.precision)
        if init:
            state, differing = load_start(Path(init), self.setting, anyway)
            sac.start_from(state)
            if differing:
                print(f'starts from {init}, saved in another setting: {differing}', flush=True)
        learner = VirtualLearner(
            learner_process,
            sac,
            learning.weights_period_s,
            1e-3 * costs.gradient_ms,
            self.recording,
            self._trace,
            self.ledger,
        )
        actor.on_transition = sampler.receive
        sampler.on_updated_step = actor.receive_updated_step
        sampler.on_mini_batch = learner.receive
        learner.on_done = sampler.receive_done
        learner.on_weights = actor.receive_weights
        self.learner, self._actor, self._learner = sac, actor, learner

    def _bring(self, bags: str, folder: Path) -> None:
        from offline_learning import beginning  # reads bags with ROS' messages, which else nothing here needs

        beginning.bring(bags, self._plan.parameters, folder)

    def save(self, path: Path) -> bool:
        """Writes the learner's checkpoint; returns whether it could be.

        Raises:
            ValueError: the learner has diverged.
        """
        assert self.learner is not None  # nobody else saves
        learner = self.learner

        def write() -> None:
            path.parent.mkdir(exist_ok=True)
            save_checkpoint(path, learner.get_state(), self.setting)

        with self.ledger.on('recording'):
            return self.recording.writing.attempt(path, write)

    @property
    def lost(self) -> dict[str, int]:
        """What was lost, refused or given up in a run that learns, named as in a run of the graph."""
        lost = {
            'transitions': self._serving.replay.lost,
            **{f'actor: {what}': count for what, count in self._actor.acting.losses.items()},
            **{f'buffer_sampler: {what}': count for what, count in self._serving.losses.items()},
            **{f'learner: {what}': count for what, count in self._learner.learning.losses.items()},
        }
        return self.recording.writing.unwritten | lost | self.recording.figures.lost

    def run(self, each_second: Callable[[], None]) -> None:
        """Goes on until the run is over; once a virtual second that is asked and `each_second` called.

        Raises:
            ValueError: the learner has diverged, or the environment stands still.
        """
        done = []

        def look() -> None:
            with self.ledger.on('recording'):
                self._trace.flush()
                each_second()
                if self.recording.over(self.now_s):
                    done.append(True)
            if waits := self._environment.standstill():
                raise ValueError(f'environment: {waits}')
            self.scheduler.at(self.scheduler.now_ns + NS, look)

        self.scheduler.at(self.scheduler.now_ns + NS, look)
        while not done:
            self.scheduler.step()

    @property
    def now_s(self) -> float:
        """Virtual time [s since the epoch]."""
        return self.scheduler.now_ns / NS

    @property
    def speed(self) -> Speed:
        """How fast it has been until now."""
        return Speed((self.scheduler.now_ns - EPOCH_NS) / NS, self.ledger.seconds())

    def close(self) -> None:
        """Completes the run folder and frees what was opened."""
        with self.ledger.on('recording'):
            self._trace.flush()
            lost = self.lost if self.learner is not None else None
            for remark in self.recording.close(self.now_s, lost=lost):
                print(remark, flush=True)
        self._ends.close()


def _check_time_passes(costs: Costs, config: BufferSamplerConfig) -> None:
    if not (costs.sampling_ms or costs.gradient_ms or config.updates_per_step):
        raise ValueError(
            'sampling_ms and gradient_ms are 0 and so is updates_per_step (no limit): updates without end '
            'would take no time; give one of them more'
        )


@contextmanager
def evaluation_lab(parameters: dict, seed: int, episodes: int) -> Iterator[Lab]:
    """Yields a lab in which a checkpoint is to act; its run folder is of no use to anybody, and goes.

    Args:
        parameters: of all nodes, as of the launch file 'evaluate'.
        seed: of the targets and the noise of the sensors.
        episodes: how many.
    """
    with TemporaryDirectory(prefix='evaluation_') as folder:
        plan = Plan(
            parameters=parameters,
            costs=Costs(),
            seed=seed,
            folder=Path(folder),
            title='evaluation',
            episodes=episodes,
        )
        lab = Lab(plan)
        try:
            yield lab
        finally:
            lab.close()
