"""The environment of the graph as Gymnasium has it, for an agent of another library."""

import time
from typing import Any, NamedTuple, Protocol

import gymnasium
import numpy as np
from gymnasium import spaces

from ur5_rl_graph.data import JOINTS, PROPRIO, STACK, Action, Observation

SEEDS = 2**31
"""Of targets, from 0."""


class Aborted(NamedTuple):
    """An episode that a fault has ended."""

    episode: int
    text: str  # the cause


class Link(Protocol):
    """What connects to the environment: `environment_link.EnvironmentLink`."""

    shape: tuple[int, int]
    """Height and width of a frame [pixel]."""

    def next(self, timeout_s: float) -> Observation | Aborted | None:
        """Returns the oldest event not yet returned, waiting for one; None where none came in time."""

    def act(self, action: Action) -> None:
        """Sends an action."""

    def appear(self) -> None:
        """Shows the environment that there is an actor: an episode may begin."""

    def disappear(self) -> None:
        """Shows it that there is none: after a reset the arm waits at home."""

    def seed(self, seed: int) -> None:
        """Sets the seed of the targets from the next reset on."""

    def reset(self) -> None:
        """Aborts an episode that runs and has the next one begin; forgets all events until then."""

    def close(self) -> None:
        """Disconnects."""


class UR5Env(gymnasium.Env[dict[str, np.ndarray], np.ndarray]):
    """The task of a graph that runs (thesis chapter 3), in real time.

    Observations: 'image', (9, H, W) uint8, the three newest frames of the wrist camera, oldest first, each as
    blue, green and red; 'proprio', (15,) float32: 5 joint angles [rad], 5 joint velocities over the largest
    one, the previous action. Actions: (5,) float32 in [-1, 1], joint velocities over the largest one.

    Time does not wait for the agent: an action that comes after the action cycle stretches it, and meanwhile
    the arm's watchdog brakes it. Where a fault aborts an episode it is truncated, its last observation comes
    again with reward 0, and info has the cause under 'aborted'.

    Args:
        namespace: of the graph.
        timeout_s: how long an observation is awaited [s]; longer than a way home takes.
        link: to the environment; None = over the topics of the graph.

    Raises:
        TimeoutError: there is no environment, or none that answers.
    """

    metadata: dict[str, Any] = {'render_modes': []}

    def __init__(self, namespace: str = '', timeout_s: float = 60.0, link: Link | None = None) -> None:
        if link is None:
            from ur5_rl_gym.environment_link import EnvironmentLink  # which needs ROS

            link = EnvironmentLink(namespace, timeout_s)
        self._link, self._timeout_s = link, timeout_s
        height, width = link.shape
        self.observation_space = spaces.Dict(
            {
                'image': spaces.Box(0, 255, (3 * STACK, height, width), np.uint8),
                'proprio': spaces.Box(-np.inf, np.inf, (PROPRIO,), np.float32),
            }
        )
        self.action_space = spaces.Box(-1.0, 1.0, (JOINTS,), np.float32)
        self._newest: Observation | None = None  # of the episode that runs
        self._begun = (0, 0)  # number and stamp of the newest episode; a launch that comes anew counts from 1
        self._goes_on = False  # the environment goes home and waits by itself, as after a last observation

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Sends the arm home and begins an episode; returns observation 0 and info.

        Args:
            seed: gives this target and those of the next resets; None = the next target.
            options: none are known.
        """
        super().reset(seed=seed)
        if seed is not None:
            self._link.seed(int(self.np_random.integers(SEEDS)))
        if seed is not None or not self._goes_on:
            self._link.reset()  # at first, too: an agent before this one may have left an episode behind
        self._link.appear()
        self._newest, self._goes_on = None, False
        self._newest = first = self._await_first()
        self._begun = first.episode, first.stamp_ns
        return _seen(first), _told(first)

    def step(self, action: np.ndarray) -> tuple[dict[str, np.ndarray], float, bool, bool, dict[str, Any]]:
        """Acts, and waits for the next observation.

        Args:
            action: (5,) in [-1, 1].

        Returns:
            Observation, reward, terminated (never), truncated, info: `episode_number`, `total_steps`, what
            the arm made of the action (`executed_action`, (5,)), whether it is another (`action_changed`).

        Raises:
            ValueError: no action of the space; nothing is sent.
        """
        before = self._newest
        if before is None:
            raise gymnasium.error.ResetNeeded('no episode runs: call reset() first')
        self._link.act(self._action(before, action))
        after = self._await_next(before)
        if isinstance(after, Aborted):
            self._newest = None
            self._link.disappear()
            return _seen(before), 0.0, False, True, _told(before) | {'aborted': after.text}
        self._newest = after
        if after.truncated or after.terminated:
            self._newest, self._goes_on = None, True
            self._link.disappear()  # while the arm goes home the agent may learn as long as it wants
        return _seen(after), after.reward, after.terminated, after.truncated, _told(after)

    def close(self) -> None:
        """Disconnects. In an episode the watchdog brakes the arm; it goes home with the next `reset`."""
        self._link.close()

    def _action(self, observation: Observation, action: np.ndarray) -> Action:
        values = np.asarray(action, np.float32)
        if values.shape != (JOINTS,) or not (np.abs(values) <= 1.0).all():
            raise ValueError(f'action is {action}; give {JOINTS} numbers from -1 to 1')
        return Action(
            episode=observation.episode,
            step=observation.step,
            action=values,
            random=False,
            weights_version=0,
            weights_updates=0,
            weights_age_s=0.0,
            inference_ms=0.0,
            stamp_ns=time.time_ns(),
        )

    def _await_first(self) -> Observation:
        """Returns observation 0 of an episode that has not been aborted yet, as far as is known."""
        first = None
        while True:
            event = self._link.next(0.0 if first else self._timeout_s)
            match event:
                case None if first:
                    return first
                case None:
                    raise TimeoutError(
                        f'no episode began within {self._timeout_s:g} s; the lines of the launch tell what '
                        'environment waits for'
                    )
                case Observation() if self._begins_another(event):
                    first = event
                case Aborted() if first and event.episode == first.episode:
                    first = None

    def _await_next(self, before: Observation) -> Observation | Aborted:
        """Returns the observation after `before`, or why there is none."""
        while True:
            event = self._link.next(self._timeout_s)
            if event is None:
                raise TimeoutError(
                    f'no observation within {self._timeout_s:g} s: does environment still run?'
                )
            if event.episode > before.episode or self._begins_another(event):
                return Aborted(before.episode, 'the environment has begun another episode')
            if event.episode == before.episode and (
                isinstance(event, Aborted) or event.step == before.step + 1
            ):
                return event

    def _begins_another(self, event: Observation | Aborted) -> bool:
        """Whether it is observation 0, and not that of the newest episode again."""
        return (
            isinstance(event, Observation)
            and event.step == 0
            and (event.episode, event.stamp_ns) != self._begun
        )


def _seen(observation: Observation) -> dict[str, np.ndarray]:
    frames = observation.frames.transpose(0, 3, 1, 2)
    return {'image': frames.reshape(-1, *frames.shape[2:]), 'proprio': observation.proprio}


def _told(observation: Observation) -> dict[str, Any]:
    return {
        'episode_number': observation.episode,  # 'episode' is what wrappers add at its end
        'total_steps': observation.total_steps,
        'executed_action': observation.executed_action,
        'action_changed': observation.action_changed,
    }
