"""One episode: observations on schedule, actions checked, rewards and timing kept (thesis 3.2, 3.3)."""

import numpy as np

from ur5_rl_env.executed import Executed, executed_action
from ur5_rl_env.observation import proprioception
from ur5_rl_env.outputs import CycleTiming, EpisodeSummary, Move, Observe
from ur5_rl_env.pacing import Pacer
from ur5_rl_env.reward import Reward
from ur5_rl_env.sync import Pair, Synchroniser
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import JOINTS, Action, Observation


class ActionError(ValueError):
    """An action that is not executed: malformed, or the answer to another observation."""


class Episode:
    """From observation 0 to the truncated one. `total_steps` counts over the run."""

    def __init__(
        self,
        task: TaskConfig,
        number: int,
        total_steps: int,
        reward: Reward,
        sync: Synchroniser,
        clock: Clock,
    ) -> None:
        """Makes episode `number`, to be followed by `start`."""
        self.number = number
        self.total_steps = total_steps
        self.step = -1
        """k of the newest observation; -1 before the first."""
        self.pacer = Pacer(task.action_cycle_s)
        self.observed_at = 0.0
        """When the newest observation went out (monotonic) [s]."""
        self._task, self._reward, self._sync, self._clock = task, reward, sync, clock
        self._first_at = 0.0
        self._return = 0.0
        self._overruns = 0
        self._before = sync.counts
        self._action: Action | None = None  # the one being executed
        self._changed_steps = self._unreported_steps = 0
        self._executed: Executed | None = None  # the arm driver's newest report
        self._overrun = False
        self._response_s = 0.0
        self._command_stamp = 0
        self._acted_at = 0.0
        self._image_stamp = 0

    @property
    def done(self) -> bool:
        """Whether the truncated observation went out."""
        return self.step >= self._task.steps

    @property
    def awaits_action(self) -> bool:
        """Whether the newest observation has not been answered."""
        return self.step >= 0 and self.pacer.due is None and not self.done

    def observe(self, older: bool = False) -> Observe | None:
        """Returns the observation that is due, or None where image and joint states do not pair yet.

        Args:
            older: an older image than the newest serves; see `Synchroniser.pair`.
        """
        pair = self._sync.pair(older)
        if pair is None:
            return None
        now, stamp = self._clock.now(), self._clock.stamp()
        lateness = self.pacer.observed(now)
        self.step += 1
        reward, timing = 0.0, None
        if self.step == 0:
            self._first_at = now
        else:
            reward = self._reward(pair.frames[-1].camera, pair.joints.position)
            self._return += reward
            self.total_steps += 1
            timing = self._timing(pair, now, stamp, lateness)
        executed, changed = self._executed_action(pair, now)
        previous = executed if self._task.action_feedback == 'executed' else self._requested
        observation = Observation(
            episode=self.number,
            step=self.step,
            total_steps=self.total_steps,
            frames=np.stack([frame.observed for frame in pair.frames]),
            frame_ids=np.array([frame.frame_id for frame in pair.frames], np.int64),
            proprio=proprioception(pair.joints, previous, self._task.max_joint_velocity),
            executed_action=executed,
            action_changed=changed,
            reward=reward,
            terminated=False,  # neither task ends by itself
            truncated=self.done,
            stamp_ns=stamp,
        )
        self.observed_at = now
        self._image_stamp = pair.frames[-1].frame_id
        return Observe(observation, timing)

    def act(self, action: Action) -> Move:
        """Returns the velocity command of the action for the newest observation.

        Raises:
            ActionError: it is malformed or answers another observation; nothing is to be executed.
        """
        self._check(action)
        self._acted_at = now = self._clock.now()
        self._overrun = self.pacer.acted(now)
        self._overruns += self._overrun
        self._response_s = now - self.observed_at
        self._command_stamp = self._clock.stamp()
        self._action = action
        velocity = np.asarray(action.action, float) * self._task.max_joint_velocity
        return Move(velocity, self._command_stamp)

    def on_executed(self, executed: Executed) -> None:
        """Takes the arm driver's newest report, on whatever command."""
        self._executed = executed

    def summary(
        self, reset_s: float, target: tuple[float, float] = (0.0, 0.0), aborted: bool = False, text: str = ''
    ) -> EpisodeSummary:
        """Returns what is published at its end.

        Args:
            reset_s: duration of the reset before it [s].
            target: its centre on the monitor at the end [m].
            aborted: a fault ended it.
            text: which.
        """
        return EpisodeSummary(
            episode=self.number,
            total_steps=self.total_steps,
            steps=max(self.step, 0),
            episode_return=self._return,
            duration_s=self.observed_at - self._first_at,
            reset_s=reset_s,
            overruns=self._overruns,
            changed_steps=self._changed_steps,
            unreported_steps=self._unreported_steps,
            **{name: count - self._before[name] for name, count in self._sync.counts.items()},
            aborted=aborted,
            text=text,
            target_x=target[0],
            target_y=target[1],
        )

    @property
    def _requested(self) -> np.ndarray:
        return np.zeros(JOINTS, np.float32) if self._action is None else self._action.action

    def _executed_action(self, pair: Pair, now: float) -> tuple[np.ndarray, bool]:
        if self._action is None:
            return self._requested, False
        executed = executed_action(
            self._requested,
            self._command_stamp,
            now - self._acted_at,
            self._executed,
            pair.joints.velocity,
            self._task.max_joint_velocity,
        )
        self._changed_steps += executed.changed
        self._unreported_steps += not executed.reported
        return executed.action, executed.changed

    def _check(self, action: Action) -> None:
        if (action.episode, action.step) != (self.number, self.step) or not self.awaits_action:
            wanted = f'step {self.step} of episode {self.number}' if self.awaits_action else 'none'
            raise ActionError(
                f'action for step {action.step} of episode {action.episode} is not executed: '
                f'awaited is {wanted}'
            )
        values = np.asarray(action.action)
        if values.shape != (JOINTS,) or not np.isfinite(values).all():
            raise ActionError(f'action {values.tolist()} is not executed: it must be {JOINTS} finite numbers')
        if np.abs(values).max() > 1.0 + 1e-6:
            raise ActionError(f'action {values.tolist()} is not executed: it must lie within -1 to 1')

    def _timing(self, pair: Pair, now: float, stamp: int, lateness: float) -> CycleTiming:
        assert self._action is not None  # a cycle begins with one
        return CycleTiming(
            episode=self.number,
            step=self.step,
            cycle_ms=1e3 * (now - self.observed_at),
            lateness_ms=1e3 * lateness,
            overrun=self._overrun,
            response_ms=1e3 * self._response_s,
            image_age_ms=1e-6 * (stamp - pair.frames[-1].frame_id),
            joint_age_ms=1e-6 * (stamp - pair.heard_ns),
            image_to_command_ms=1e-6 * (self._command_stamp - self._image_stamp),
            weights_age_s=self._action.weights_age_s,
        )
