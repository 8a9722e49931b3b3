"""Puts components and processes together: an architecture is who shares a process (thesis 4.2 to 4.4)."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.rate_governor import RateGovernor
from buffer_sampler.replay import Replay
from buffer_sampler.sampler import MiniBatchSampler
from run_recorder.config import RecorderConfig
from run_recorder.recording import Recording
from sac_learner.actor_config import ActorConfig
from sac_learner.allocator import keep_freed_memory
from sac_learner.checkpoint import load_checkpoint, load_policy
from sac_learner.config import AgentConfig
from sac_learner.learner import SacLearner
from sac_learner.learner_config import LearnerConfig
from sac_learner.policy import Policy
from ur5_rl_env.cell.cell_config import SimulatedCameraConfig
from ur5_rl_env.cell.sensor_delay import DelayConfig, DelayLine
from ur5_rl_env.cell.simulated_camera import SimulatedCamera
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.target import TargetConfig
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.architectures import SHARED_PROCESS
from virtual_time.agent import VirtualActor, VirtualLearner, VirtualSampler
from virtual_time.costs import Costs
from virtual_time.environment import VirtualEnvironment
from virtual_time.process import NS, Process
from virtual_time.scheduler import Scheduler
from virtual_time.settings import make
from virtual_time.trace import Trace


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run is made of: the parameters of its setting and task, costs, seed."""

    parameters: dict[str, Any]
    costs: Costs
    seed: int
    folder: Path
    title: str
    duration_s: float = 0.0  # after the random steps
    episodes: int = 0  # of an evaluation


class Lab:
    """One run in virtual time. Close it: `close` completes the run folder."""

    def __init__(self, plan: Plan) -> None:
        """Makes clock, recording and environment.

        Raises:
            ValueError, OSError: a parameter out of range, no off-screen OpenGL, a full disk.
        """
        torch.set_num_threads(1)
        keep_freed_memory()
        self._plan = plan
        self.scheduler = Scheduler()
        self._ends = ExitStack()
        recorder = self._make(
            RecorderConfig,
            run_folder=str(plan.folder),
            title=plan.title,
            duration=plan.duration_s,
            episodes=plan.episodes,
        )
        self.recording = Recording(recorder)
        self._trace = Trace(self.recording)
        self._processes: dict[str, Process] = {}
        self._agent_config = self._make(AgentConfig)
        self._environment = self._make_environment()
        self.learner: SacLearner | None = None
        """Of a run that learns."""

    def _make(self, config_type: type, **further: Any) -> Any:
        return make(config_type, self._plan.parameters, **further)

    def _process(self, name: str) -> Process:
        return self._processes.setdefault(name, Process(self.scheduler))

    def _make_environment(self) -> VirtualEnvironment:
        seed = self._plan.seed
        camera = SimulatedCamera(self._make(SimulatedCameraConfig), np.random.default_rng([seed, 2]))
        self._ends.callback(camera.close)
        return VirtualEnvironment(
            self.scheduler,
            self._process('environment'),
            self._make(TaskConfig),
            self._make(LifecycleConfig, seed=seed, run_folder='', action_timeout_s=600.0),
            self._make(TargetConfig),
            camera,
            DelayLine(self._make(DelayConfig), np.random.default_rng([seed, 1])),
            1e-3 * self._plan.costs.environment_ms,
            self.recording,
            self._trace,
        )

    def _make_actor(self, process: Process, rng: np.random.Generator | None) -> VirtualActor:
        config = self._make(ActorConfig)
        policy = Policy(self._agent_config)
        actor = VirtualActor(
            process,
            policy,
            rng,
            config.random_steps,
            config.random_hold_steps,
            1e-3 * self._plan.costs.action_ms,
            self._trace,
        )
        self._environment.on_observation = actor.receive
        actor.on_action = self._environment.on_action
        return actor

    def evaluate(self, checkpoint: Path) -> None:
        """Has a saved policy act without noise.

        Raises:
            ValueError, OSError: no such checkpoint, or one of another setting.
        """
        actor = self._make_actor(self._process('actor'), None)
        actor.load(load_policy(checkpoint, self._agent_config))

    def train(self, architecture: str, init: str = '') -> None:
        """Adds the learning nodes, `architecture` says in which processes, and lets them begin.

        Raises:
            ValueError, OSError: no such checkpoint `init`, or one of another setting.
        """
        plan, costs = self._plan, self._plan.costs
        actor_process, sampler_process, learner_process = (
            self._process('shared' if node in SHARED_PROCESS[architecture] else node)
            for node in ('actor', 'buffer_sampler', 'learner')
        )
        actor = self._make_actor(actor_process, np.random.default_rng([plan.seed, 0]))
        folder = Path(self._ends.enter_context(TemporaryDirectory(prefix='replay_', dir=plan.folder)))
        config = self._make(BufferSamplerConfig, run_folder=str(folder), seed=plan.seed)
        replay = Replay(
            folder,
            capacity=config.capacity,
            height=config.observation_height,
            width=config.observation_width,
            frames_per_transition=config.frames_per_transition,
        )
        self._ends.callback(replay.close)
        crop = config.crop_height, config.crop_width
        rng = np.random.default_rng([plan.seed, 0])
        draws = MiniBatchSampler(replay, config.batch_size, *crop, rng, config.action_feedback)
        governor = RateGovernor(config.updates_per_step, config.random_steps, config.governor == 'exactly')
        sampler = VirtualSampler(
            sampler_process,
            replay,
            draws,
            governor,
            crop,
            config.slots,
            1e-3 * costs.sampling_ms,
            self.recording,
            self._trace,
        )
        self.learner = SacLearner(self._agent_config, plan.seed)
        if init:
            self.learner.start_from(load_checkpoint(Path(init))[0])
        learner = VirtualLearner(
            learner_process,
            self.scheduler,
            self.learner,
            self._make(LearnerConfig).weights_period_s,
            1e-3 * costs.gradient_ms,
            self.recording,
            self._trace,
        )
        actor.on_transition = sampler.receive
        sampler.on_updated_step = actor.receive_updated_step
        sampler.on_mini_batch = learner.receive
        learner.on_done = sampler.receive_done
        learner.on_weights = actor.receive_weights
        learner_process.post(learner.publish_weights)

    def run(self, each_second: Callable[[], None]) -> None:
        """Goes on until the run is over; once a virtual second that is asked and `each_second` called."""
        done = []

        def look() -> None:
            self._trace.flush()
            each_second()
            if self.recording.over(self.now_s):
                done.append(True)
            self.scheduler.at(self.scheduler.now_ns + NS, look)

        self.scheduler.at(self.scheduler.now_ns + NS, look)
        while not done:
            self.scheduler.step()

    @property
    def now_s(self) -> float:
        """Virtual time [s since the epoch]."""
        return self.scheduler.now_ns / NS

    def close(self) -> None:
        """Completes the run folder and frees what was opened."""
        self._trace.flush()
        self.recording.close(self.now_s)
        self._ends.close()
