"""Makes transitions of observations and actions, each frame carried once (thesis 4.4)."""

import numpy as np

from ur5_rl_graph.data import Observation, Transition


class Adder:
    """Remembers the last observation and the action taken on it.

    A first observation (step 0) or one that does not continue the last makes no transition; the latter is
    counted in `gaps`: an observation was lost or the episode aborted.
    """

    def __init__(self) -> None:
        """Starts without a past."""
        self._last: Observation | None = None
        self._action: np.ndarray | None = None
        self._sent: set[int] = set()
        self.gaps = 0

    def transition_to(self, observation: Observation) -> Transition | None:
        """Returns the transition that ends in `observation`, or None if there is none."""
        last, action = self._last, self._action
        if observation.step == 0:
            self._sent = set()  # of another episode: a clock may have been set since, and an id come again
            return None
        after = (observation.episode, observation.step)
        if last is None or action is None or (last.episode, last.step + 1) != after:
            self.gaps += 1
            return None
        frame_ids = np.stack([last.frame_ids, observation.frame_ids])
        new_ids, new_frames = self._new_frames(last, observation)
        return Transition(
            episode=observation.episode,
            step=last.step,
            total_steps=observation.total_steps,
            frame_ids=frame_ids,
            proprio=np.stack([last.proprio, observation.proprio]),
            action=action,
            executed_action=observation.executed_action,
            action_changed=observation.action_changed,
            reward=observation.reward,
            terminated=observation.terminated,
            truncated=observation.truncated,
            new_frame_ids=np.array(new_ids, np.int64),
            new_frames=np.stack(new_frames) if new_frames else observation.frames[:0],
            stamp_ns=observation.stamp_ns,
        )

    def _new_frames(self, last: Observation, observation: Observation) -> tuple[list[int], list[np.ndarray]]:
        """Returns frames not sent before, oldest first; remembers those that a later transition can name."""
        new: dict[int, np.ndarray] = {}
        for part in (last, observation):
            for frame_id, frame in zip(part.frame_ids.tolist(), part.frames, strict=True):
                if frame_id not in self._sent:
                    new[frame_id] = frame
        self._sent = set(observation.frame_ids.tolist())
        return list(new), list(new.values())

    def undelivered(self) -> None:
        """The last transition reached nobody: the next one carries its frames again."""
        self._sent = set()

    def acted(self, observation: Observation, action: np.ndarray | None) -> None:
        """Remembers the action taken on an observation; None where the episode ended with it."""
        self._last, self._action = observation, action
