"""The life of the environment: wait for the devices, reset, align to the camera, run an episode, again.

Pure: events come in as method calls, each returns what the node has to do (`outputs`). `wake_at` says when
`tick` wants to be called next.

    stopped -> waiting -> resetting -> aligning -> running -> resetting -> ...
                  ^___________|____________|__________|   (a fault; a running episode is aborted)
"""

import re
from enum import Enum

import numpy as np

from ur5_rl_env.episode import ActionError, Episode
from ur5_rl_env.episode_progress import Progress
from ur5_rl_env.executed import Executed
from ur5_rl_env.joint_history import Joints
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.outputs import Call, End, Finish, Move, Output, Say, StartTarget
from ur5_rl_env.persons_word import WAITS, PersonsWord
from ur5_rl_env.readiness import Readiness
from ur5_rl_env.reward import Reward
from ur5_rl_env.sensors import Sensors
from ur5_rl_env.sync import Frame
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import JOINTS, Action
from ur5_rl_graph.random_streams import Stream, number

EXIT_UNSAFE = 3
"""Exit code after an emergency stop or too many protective stops."""

POLL_S = 0.1  # while something is awaited that sends no event
LOOK_AGAIN_S = 0.002  # while joint states are awaited: a control period is four times that
RETRY_S = 1.0  # between two attempts to reset
STOP_TOKEN = 0  # of the stop that a person asked for; attempts to reset count from 1
STOPS_S = 3.0  # until the arm has said that it rests
SAY_AGAIN_S = 10.0  # between two lines of one kind where causes take turns
NUMBER = re.compile(r'[0-9]+(\.[0-9]+)?')


class State(Enum):
    """Where the environment is in its life."""

    STOPPED = 'stopped'
    WAITING = 'waiting'
    RESETTING = 'resetting'
    ALIGNING = 'aligning'
    RUNNING = 'running'


class Lifecycle:
    """The environment without ROS. Every event method returns the outputs in the order of their execution."""

    def __init__(
        self,
        task: TaskConfig,
        config: LifecycleConfig,
        clock: Clock,
        progress: Progress,
        word: PersonsWord | None = None,
        reward: Reward | None = None,
    ) -> None:
        """Makes an environment that waits for its devices, stopped without `autostart` or `word`.

        `reward` takes the place of the task's own.
        """
        self._word = word or PersonsWord()
        begins = config.autostart and self._word.given
        self.state = State.WAITING if begins else State.STOPPED
        self.wake_at: float | None = clock.now() if begins or not self._word.given else None
        self.readiness = Readiness(config.sensor_timeout_s, config.pause_when_slowed)
        self.sensors = Sensors(task.camera_period_s, config, self.readiness, clock)
        self.sync = self.sensors.sync
        self.refused_actions = 0
        self.aborted_episodes = 0
        self.episode: Episode | None = None
        self._task, self._config, self._clock, self._progress = task, config, clock, progress
        self._reward = reward or Reward(task)
        self._total_steps = progress.total_steps
        self._token = 0  # of the newest attempt to reset; answers to older ones are ignored
        self._pending: set[str] = set()  # services that this attempt still waits for
        self.target_seeds = config.seed, 0
        """The seed of the targets, and the number of the episode after which they are counted."""
        self._target_seed = 0  # of the newest target
        self._reset_at = 0.0
        self._waits_at = 0.0  # since when a reset waits for something other than the arm on its way home
        self._reset_s = 0.0
        self._retry_at = 0.0
        beats = task.action_cycle_s / task.camera_period_s
        self._keeps_beat = abs(beats - round(beats)) < 1e-6  # cycles end between the same frames
        self._aligning_at = 0.0  # since when a first pair is awaited
        self._starved_at: float | None = None  # since when an overdue observation awaits a sensor
        self._is_new_stop = False  # of a person, which is still to be kept for a restart
        self._rests_by: float | None = None  # when the arm must have said so, where a person has stopped it
        self._said: dict[str, float] = {}  # when each kind of text was last said, the newest last
        self._target_at = (0.0, 0.0)  # centre of the target on the monitor [m]

    @property
    def total_steps(self) -> int:
        """Steps of the run up to the end of the newest episode."""
        return self._total_steps

    @property
    def _present(self) -> Episode:
        """The episode that runs, or is about to."""
        assert self.episode is not None
        return self.episode

    # --- events ---

    def enter_reset(self, token: int, total_steps: int) -> list[Output]:
        """Begins the attempt `token` to reset whatever was before: for a replay that cannot know that."""
        self.episode, self._starved_at, self._total_steps = None, None, total_steps
        return self._begin_reset(token)

    def on_frame(self, frame: Frame) -> list[Output]:
        """Takes a camera frame."""
        now, new = self._clock.now(), self.sensors.frame(frame)
        outputs = self._heed_sensors()
        if not new:
            return outputs
        first_at = now + self._config.frame_margin_s
        if self.state is State.ALIGNING and self._can_begin(first_at):
            self.state, self.wake_at = State.RUNNING, first_at
            self._reset_s = first_at - self._reset_at
            self._present.pacer.start(first_at)
        return outputs + self._resume(now, frame=True)

    def on_joints(self, *samples: Joints) -> list[Output]:
        """Takes joint states, oldest first."""
        heard = self.sensors.joints(samples)
        outputs = self._heed_sensors()
        return outputs + self._resume(self._clock.now()) if heard else outputs

    def on_executed(self, executed: Executed) -> None:
        """Takes the arm driver's newest report on a command."""
        if self.episode is not None:
            self.episode.on_executed(executed)

    def seed_targets(self, seed: int) -> None:
        """Has the targets of the next resets be those of the first, second ... episode with this seed."""
        self.target_seeds = seed, self._progress.episode

    def on_target(self, x: float, y: float) -> None:
        """Takes where the target is shown, from the monitor's centre [m]."""
        self._target_at = (x, y)

    def on_arm(self, state: int, text: str, stops: int | None = None) -> list[Output]:
        """Takes the state of the arm, and how many protective stops its driver has counted."""
        now = self._clock.now()
        self.readiness.arm_said(state, text, now, stops)
        reason = self.readiness.end_of_run()
        if reason is not None:
            return [*self._take_back_word(), *self._halt(f'end of run: {reason}'), End(EXIT_UNSAFE, reason)]
        return self._check_fault(now)

    def on_action(self, action: Action) -> list[Output]:
        """Takes an action: a velocity command at once, or one line why not."""
        try:
            if self.state is not State.RUNNING:
                raise ActionError(f'action is not executed: the environment is {self.state.value}')
            move = self._present.act(action)
        except ActionError as error:
            self.refused_actions += 1
            often = self.refused_actions > 10 and self.refused_actions % 100
            return [] if often else [Say('warning', f'{error} ({self.refused_actions} refused so far)')]
        pacer = self._present.pacer
        if self._keeps_beat and self.sync.as_stated and pacer.planned > self._clock.now():
            pacer.steer(self.sensors.frame_at + self._config.frame_margin_s, self._task.camera_period_s)
        self.wake_at = pacer.due
        return [move]

    def on_answer(self, service: str, token: int, success: bool, text: str) -> list[Output]:
        """Takes the answer of a service that was called in a reset, or by `stop`."""
        if token == STOP_TOKEN:
            return self._on_stopped(success, text)
        if token != self._token or self.state is not State.RESETTING:
            return []
        if not success:
            return self._wait(f'reset: {service} failed: {text}', retry=True)
        self._pending.discard(service)
        self.wake_at = self._clock.now()
        return [Call('home', token)] if service == 'stop' else []

    def start(self) -> list[Output]:
        """Starts a stopped environment; gives the word where it was taken back."""
        if self.state is not State.STOPPED and self._word.given:
            return []
        try:
            self._word.give()
        except OSError as error:
            return [Say('warning', f'not started: the word cannot be kept for the arm driver: {error}')]
        self._rests_by, self._is_new_stop = None, False
        if self.state is State.STOPPED:
            self.state, self.wake_at, self._said = State.WAITING, self._clock.now(), {}
        fault = self.readiness.fault(self._clock.now())
        if fault is None or WAITS in fault:  # the arm has not heard of the word yet
            return [Say('info', 'started')]
        return [Say('info', f'started, waiting: {fault}')]

    def stop(self) -> list[Output]:
        """Stops the arm, aborts a running episode and waits for `start`, also after a restart."""
        outputs = self._halt('stopped by request') or [Say('info', 'stopped by request')]
        self.state, self.wake_at = State.STOPPED, self._clock.now()
        self._rests_by, self._is_new_stop = self.wake_at + STOPS_S, True
        return [*outputs, Call('stop', STOP_TOKEN)]

    def reset(self) -> list[Output]:
        """Aborts a running episode and begins a new one; starts a stopped environment, given the word."""
        if self._is_new_stop or not self._word.given:
            return [Say('warning', self._word.request)]
        outputs = self._halt('reset by request')
        self.state, self.wake_at = State.WAITING, self._clock.now()
        return outputs or [Say('info', 'reset by request')]

    def tick(self) -> list[Output]:
        """Does what time asks for."""
        now = self._clock.now()
        self.sensors.look_at_clock()
        faults = self._heed_sensors() or self._check_fault(now)
        if faults:
            return faults
        if self.state is State.RUNNING:
            return self._tick_running(now)
        if self.state is State.WAITING:
            return self._tick_waiting(now)
        if self.state is State.RESETTING:
            return self._tick_resetting(now)
        if self.state is State.ALIGNING:
            return self._tick_aligning(now)
        return self._tick_stopped(now)

    # --- states ---

    def _tick_stopped(self, now: float) -> list[Output]:
        if self._is_new_stop:  # behind what stops the arm, since a disk may keep it waiting
            self._is_new_stop, self.wake_at = False, self._rests_by
            return self._take_back_word()
        if self._rests_by is not None:
            return self._on_stopped(False, f'no answer within {STOPS_S:g} s') if now >= self._rests_by else []
        self.wake_at = None
        return [] if self._word.given else [Say('warning', self._word.request)]

    def _on_stopped(self, success: bool, text: str) -> list[Output]:
        """Takes whether the arm rests after a person has stopped it."""
        if self._rests_by is None:
            return []
        self._rests_by, self.wake_at = None, self.wake_at if self._is_new_stop else None
        if success:
            return []
        return [Say('warning', f'the arm may still move (arm/stop: {text}): press its emergency stop')]

    def _take_back_word(self) -> list[Output]:
        try:
            self._word.take_back()
        except OSError as error:
            return [
                Say('warning', f'nodes that are started again do not know that the arm must rest: {error}')
            ]
        return []

    def _tick_waiting(self, now: float) -> list[Output]:
        self.wake_at = now + POLL_S
        cause = self.readiness.absent_services() or self.readiness.fault(now)
        if cause is not None:
            return self._say_once(f'waiting: {cause}')
        if now < self._retry_at:
            return []
        return self._begin_reset(self._token + 1)

    def _begin_reset(self, token: int) -> list[Output]:
        self._token, self._pending = token, {'stop', 'home', 'target'}
        self.state, self._reset_at = State.RESETTING, self._clock.now()
        self._waits_at = self._reset_at
        self.wake_at = self._reset_at + POLL_S
        seed, since = self.target_seeds
        self._target_seed = number(seed, Stream.TARGETS, self._progress.episode + 1 - since)
        return [Call('stop', token), Call('target', token, self._target_seed)]

    def _tick_resetting(self, now: float) -> list[Output]:
        self.wake_at = now + POLL_S
        if self.readiness.moving_home:
            self._waits_at = now  # that way is as long as it is: the arm driver's limit follows it
        spent = now - self._waits_at
        if self._pending or self.readiness.fault(now) is not None:
            if spent > self._config.reset_timeout_s:
                missing = ', '.join(sorted(self._pending)) or 'the arm'
                text = f'reset: {missing} not done within {spent:.0f} s (reset_timeout_s)'
                return self._wait(text, retry=True)
            return []
        ends_at = self._reset_at + self._task.reset_s
        if now < ends_at:
            self.wake_at = min(self.wake_at, ends_at)
            return []
        if cause := self.readiness.absent_partners():
            return self._say_once(f'at home, waiting: {cause}')
        lines = self._progress.start_episode(self._total_steps)
        outputs: list[Output] = [Say('warning', line) for line in lines]
        number = self._progress.episode
        self.episode = Episode(self._task, number, self._total_steps, self._reward, self.sync, self._clock)
        self.sync.clear(self._clock.stamp())  # observation 0 is made of what is seen from now on: at home
        self.state, self._said, self._aligning_at = State.ALIGNING, {}, now
        return outputs

    def _tick_aligning(self, now: float) -> list[Output]:
        self.wake_at = now + POLL_S
        waited = now - self._aligning_at
        if waited <= self._config.max_stamp_age_s + self._config.sensor_timeout_s:
            return []
        return self._say_once(f'at home, waiting for a first pair: {self.sync.cause}')

    def _tick_running(self, now: float) -> list[Output]:
        episode = self._present
        if episode.awaits_action:
            waited, limit = now - episode.observed_at, self._config.action_timeout_s
            if waited > limit:
                return self._wait(f'no action for {waited:.1f} s (limit {limit} s)')
            self.wake_at = now + POLL_S
            return []
        due = episode.pacer.planned
        if now < due:
            self.wake_at = due
            return []
        if self._starved_at is not None and now - due > episode.pacer.tolerance_s:
            return self._starve(now)  # _resume goes on with the next frame
        older = self._joints_late(due)
        observe = None if self.sensors.overdue(now) else episode.observe(older)
        if observe is None:
            return self._starve(now)  # _resume goes on when the sensor that is awaited has come
        self._starved_at, self.wake_at = None, now + POLL_S
        if episode.step == 0:
            return [observe, StartTarget(self._target_seed, observe.observation.stamp_ns)]
        if not episode.done:
            return [observe]
        self.state, self.episode, self._total_steps = State.WAITING, None, episode.total_steps
        return [observe, self._rest(), self._finish(episode), *self._tick_waiting(now)]

    def _can_begin(self, first_at: float) -> bool:
        """Whether images and joint states are there for an observation at `first_at`."""
        return self.sync.ready or (self._joints_late(first_at) and self.sync.reached)

    def _joints_late(self, due: float) -> bool:
        """Whether it is no use to wait for the joint states around the newest image."""
        return self.sensors.joints_late(due, self._present.pacer.tolerance_s - LOOK_AGAIN_S)

    def _starve(self, now: float) -> list[Output]:
        """Waits for a sensor, not for ever."""
        if self._starved_at is None:
            self._starved_at = now
        self.wake_at = now + LOOK_AGAIN_S
        waited, limit = now - self._starved_at, self._config.sensor_timeout_s
        if waited <= limit:
            return []
        return self._wait(f'no observation for {waited:.1f} s (limit {limit} s): {self.sync.cause}')

    def _resume(self, now: float, frame: bool = False) -> list[Output]:
        """Goes on with an observation that is overdue for want of the sensor that has just been heard.

        Where it is long overdue it waits for a `frame`, to take its place between two frames again.
        """
        if self._starved_at is None or self.state is not State.RUNNING:
            return []
        pacer = self._present.pacer
        if now - pacer.planned > pacer.tolerance_s:
            if not frame:
                return []
            pacer.postpone(now + self._config.frame_margin_s)
        return self._tick_running(now)

    def _heed_sensors(self) -> list[Output]:
        """Says what the sensors have to say. Where a clock was set, a running episode is aborted."""
        outputs: list[Output] = [Say('warning', line) for line in self.sensors.take_lines()]
        anew = self.sensors.take_anew()
        if anew is None:
            return outputs
        return outputs + (self._wait(anew) if self.state is State.RUNNING else [Say('warning', anew)])

    def _check_fault(self, now: float) -> list[Output]:
        """Goes back to waiting where the present state cannot go on."""
        if self.state in (State.STOPPED, State.WAITING):
            return []
        cause = self.readiness.fault(now, moving_home=self.state is State.RESETTING)
        return [] if cause is None else self._wait(cause)

    def _wait(self, cause: str, retry: bool = False) -> list[Output]:
        now = self._clock.now()
        outputs = self._halt(cause)
        self._retry_at = now + RETRY_S if retry else now
        self.state, self.wake_at = State.WAITING, now + POLL_S
        return outputs or self._say_once(cause)

    def _halt(self, cause: str) -> list[Output]:
        """Rests the arm and closes the running episode, if there is one, as aborted."""
        episode, self.episode, self._starved_at = self.episode, None, None
        if self.state is not State.RUNNING:
            return []
        assert episode is not None
        self._total_steps = episode.total_steps
        self.aborted_episodes += 1
        line = f'episode {episode.number} aborted at step {episode.step}: {cause}'
        return [
            self._rest(),
            self._finish(episode, cause),
            Say('warning', f'{line} ({self.aborted_episodes} aborted so far)'),
        ]

    def _finish(self, episode: Episode, cause: str = '') -> Finish:
        summary = episode.summary(self._reset_s, self._target_at, aborted=bool(cause), text=cause)
        return Finish(summary, self._clock.stamp())

    def _rest(self) -> Move:
        return Move(np.zeros(JOINTS), self._clock.stamp())

    def _say_once(self, text: str) -> list[Output]:
        """Says a text unless its like, but for its numbers, was the last that was said, or said just now."""
        kind, now = NUMBER.sub('#', text), self._clock.now()
        if kind == next(reversed(self._said), None):
            return []
        if now - self._said.get(kind, float('-inf')) < SAY_AGAIN_S:
            return []
        self._said.pop(kind, None)
        self._said[kind] = now
        return [Say('info', text)]
