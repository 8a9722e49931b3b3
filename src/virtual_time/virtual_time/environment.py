"""The environment's node in virtual time, with the devices around it: arm, camera, target."""

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from run_recorder.recording import Recording
from ur5_cell.camera_loop import CameraLoop
from ur5_cell.sensor_delay import DelayLine
from ur5_rl_env import outputs
from ur5_rl_env.devices.arm_packets import Request
from ur5_rl_env.episode_progress import Progress
from ur5_rl_env.lifecycle import Lifecycle, State
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.observation import frame_from_image
from ur5_rl_env.target import ShownTarget, TargetConfig, TargetMotion
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import Action, Observation
from virtual_time.arm import VirtualArm
from virtual_time.ledger import Ledger
from virtual_time.process import NS, Process
from virtual_time.scheduler import Scheduler
from virtual_time.timed import TimedReward
from virtual_time.trace import Trace

if TYPE_CHECKING:
    from ur5_cell.simulated_camera import SimulatedCamera  # which needs OpenGL to be imported

STANDSTILL_S = 120.0
"""Without an observation, while none waits for its action: twice the longest reset."""
REQUESTS = {'stop': Request.STOP, 'home': Request.HOME}


class Shot(NamedTuple):
    """A camera frame, and what was there to be seen."""

    stamp_ns: int  # of the capture
    q: tuple[float, ...]  # six joint angles [rad]
    target: tuple[float, float] | None  # centre of the disc on the screen [m]; None = there is none yet
    picture: np.ndarray  # (H, W, 3) uint8 BGR


class VirtualEnvironment:
    """`lifecycle.Lifecycle` between the devices and an actor, as nodes/environment.py holds it."""

    def __init__(
        self,
        scheduler: Scheduler,
        process: Process,
        task: TaskConfig,
        config: LifecycleConfig,
        target: TargetConfig,
        make_arm: Callable[[Callable[[int], None]], VirtualArm],
        camera: 'SimulatedCamera',
        line: DelayLine,
        cost_s: float,
        recording: Recording,
        trace: Trace,
        ledger: Ledger,
    ) -> None:
        """Starts with the arm at home.

        Args:
            scheduler: of everything.
            process: of this node.
            task: what is learned.
            config: how the environment runs.
            target: how targets are drawn.
            make_arm: makes the arm, of what is called when its state changes.
            camera: draws the frames.
            line: their delay.
            cost_s: from the planned time of an observation to its departure [s].
            recording: takes episodes and cycles.
            trace: takes spans.
            ledger: where the time goes.
        """
        self.on_observation: Callable[[Observation], None] = lambda observation: None
        self.on_shot: Callable[[Shot], object] = lambda shot: None
        """Called with each camera frame that is drawn, for people to look at."""
        self.on_observed: Callable[[Observation], object] = lambda observation: None
        """Called with each observation, for the same purpose."""
        self._scheduler, self._process, self._task = scheduler, process, task
        self._target_config, self._camera, self._cost_s = target, camera, cost_s
        self._recording, self._trace, self._ledger = recording, trace, ledger
        clock = Clock(lambda: process.local_ns / NS, lambda: process.local_ns)
        self._lifecycle = Lifecycle(task, config, clock, Progress(), reward=TimedReward(task, ledger))
        self._target: ShownTarget | None = None
        self._blank = np.zeros(task.image_shape, np.uint8)
        self._armed_ns: int | None = None
        self._newest_word, self._moved_ns = '', scheduler.now_ns
        self._arm = make_arm(self._on_arm)
        wall = Clock(lambda: scheduler.now_ns / NS, lambda: scheduler.now_ns)
        self._film = CameraLoop(task.camera_period_s, self._capture, self._deliver, line, wall)
        self._advance_film()
        process.post(self._tick)

    # --- devices ---

    def _advance_film(self) -> None:
        due = self._film.advance()
        self._scheduler.at(self._later(due), self._advance_film)

    def _later(self, due_s: float) -> int:
        """Returns a planned time in ns; after now, whatever the rounding, so that time goes on."""
        return max(math.ceil(due_s * NS), self._scheduler.now_ns + 1)

    def _capture(self, stamp_ns: int, _: int) -> tuple:
        with self._ledger.on('physics'):
            target = None if self._target is None else self._target.at(stamp_ns)[:2]
            return stamp_ns, tuple(self._arm.position_at(stamp_ns).tolist()), target

    def _deliver(self, frame: tuple) -> None:
        self._process.post(lambda: self._on_frame(*frame))

    def _on_frame(self, stamp_ns: int, q: tuple, target: tuple | None) -> None:
        """Draws the frame now: those that come during a reset are never looked at."""
        looked_at = self._lifecycle.state in (State.ALIGNING, State.RUNNING)
        picture = self._blank
        if looked_at:
            with self._ledger.on('rendering'):
                picture = self._camera.picture(q, target)
            self.on_shot(Shot(stamp_ns, q, target, picture))
        self._take_joints()
        self._do(self._lifecycle.on_frame(frame_from_image(picture, stamp_ns, self._task)))

    def _on_arm(self, state: int) -> None:
        self._process.post(lambda: self._do(self._lifecycle.on_arm(state, '')))

    def _take_joints(self) -> None:
        if self._arm.executed is not None:
            self._lifecycle.on_executed(self._arm.executed)
        self._do(self._lifecycle.on_joints(*self._arm.take_joints()))

    def _call(self, call: outputs.Call) -> None:
        def answer(ok: bool, text: str) -> None:
            def work() -> None:
                self._do(self._lifecycle.on_answer(call.service, call.token, ok, text))

            self._process.post(work)

        if call.service == 'target':
            motion = TargetMotion.draw(self._target_config, np.random.default_rng(call.seed))
            self._target = ShownTarget(motion)
            answer(True, '')
        else:
            self._arm.request(REQUESTS[call.service], answer)

    def _start_target(self, stamp_ns: int) -> None:
        assert self._target is not None  # drawn by the reset
        self._target = ShownTarget(self._target.motion, stamp_ns)

    def standstill(self) -> str:
        """Why no episode goes on, where none has for STANDSTILL_S; else ''. To be asked once a second."""
        if self._lifecycle.state is State.RUNNING:  # an action may take as long as its costs say
            self._moved_ns = self._scheduler.now_ns
        if self._scheduler.now_ns - self._moved_ns < STANDSTILL_S * NS:
            return ''
        return f'no observation for {STANDSTILL_S:g} s of virtual time, the newest word: {self._newest_word}'

    # --- events ---

    def on_action(self, action: Action) -> None:
        """Takes the actor's answer."""
        self._process.post(lambda: self._do(self._lifecycle.on_action(action)))

    def _tick(self) -> None:
        self._take_joints()
        self._do(self._lifecycle.tick())

    def _do(self, orders: list[outputs.Output]) -> None:
        for order in orders:
            match order:
                case outputs.Move():
                    self._process.send(partial(self._arm.velocity, order.velocity, order.stamp_ns))
                case outputs.Observe(observation, timing):
                    self._moved_ns = self._scheduler.now_ns
                    self._trace.add('environment', 'observe', *self._process.spend(self._cost_s))
                    self._process.send(partial(self.on_observation, observation))
                    self.on_observed(observation)
                    with self._ledger.on('recording'):
                        self._note(observation, timing)
                case outputs.Call():
                    self._process.send(partial(self._call, order))
                case outputs.StartTarget(_, stamp_ns):
                    self._process.send(partial(self._start_target, stamp_ns))
                case outputs.Finish(summary):
                    with self._ledger.on('recording'):
                        self._finish(summary)
                case outputs.Say(level, text):
                    self._newest_word = text
                    if level == 'warning':
                        print(f'environment: {text}', flush=True)
                case outputs.End(_, text):
                    raise ValueError(f'environment: {text}')
        self._arm_timer()

    def _note(self, observation: Observation, timing: outputs.CycleTiming | None) -> None:
        stamp = observation.stamp_ns / NS
        self._recording.steps(observation.total_steps, stamp)
        if timing is not None:
            self._recording.cycle(stamp=stamp, **timing._asdict())

    def _finish(self, summary: outputs.EpisodeSummary) -> None:
        values = summary._asdict()
        values['return'] = values.pop('episode_return')
        end_ns = self._process.local_ns
        assert self._target is not None  # drawn by the reset
        values['target_x'], values['target_y'], *_ = self._target.at(end_ns)
        self._recording.episode_ended(end=end_ns / NS, **values)

    def _arm_timer(self) -> None:
        """Plans the next tick."""
        wake_at = self._lifecycle.wake_at
        due = None if wake_at is None else self._later(wake_at)
        if due is None or due == self._armed_ns:
            return
        self._armed_ns = due
        self._scheduler.at(due, lambda: self._process.post(lambda: self._on_timer(due)))

    def _on_timer(self, due: int) -> None:
        if due == self._armed_ns:  # else it was set to another time since
            self._armed_ns = None
            self._tick()
