"""The episodes of a stream of transitions, one at a time. Pure.

Of an episode the steps from its first one on are taken, as far as none is missing. What cannot be joined is
left out, and counted by its reason.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from ur5_rl_graph.data import Transition

TERMINATED, TIME_LIMIT, ABORTED, CUT_OFF = 'terminated', 'time limit', 'aborted', 'cut off'
"""How an episode ends: by the task, by its length, by a fault, or where what follows is not in the bag."""

BEFORE = 'of episodes whose beginning is not there'
GAP = 'behind a missing step'
FRAMES = 'whose frames are not there'


class Summary(NamedTuple):
    """What the environment says of an episode at its end."""

    aborted: bool
    text: str  # cause of an abort
    target: tuple[float, float]  # on the monitor at the end, from its centre, right and up [m]


UNKNOWN = Summary(False, '', (float('nan'), float('nan')))


class Episode(NamedTuple):
    """T steps, T + 1 observations. Observation k shows `frames[shown[k]]`."""

    number: int  # in the run
    frames: np.ndarray  # (F, H, W, 3) uint8 RGB, each frame once, oldest first
    frame_times_ns: np.ndarray  # (F,) int64, capture, since the epoch
    shown: np.ndarray  # (T + 1, 3) int64, oldest first
    proprio: np.ndarray  # (T + 1, 15) float32
    actions: np.ndarray  # (T, 5) float32 in [-1, 1], asked for
    executed_actions: np.ndarray  # (T, 5) float32 in [-1, 1]
    action_changed: np.ndarray  # (T,) bool
    rewards: np.ndarray  # (T,) float32
    terminated: np.ndarray  # (T,) bool
    truncated: np.ndarray  # (T,) bool; true at the end of every episode that the task itself did not end
    stamps_ns: np.ndarray  # (T,) int64, time of observation k + 1, since the epoch
    end: str  # TERMINATED, TIME_LIMIT, ABORTED or CUT_OFF
    summary: Summary

    def __len__(self) -> int:
        """Its steps."""
        return len(self.rewards)

    def outcome(self) -> dict[str, object]:
        """Returns its number and how it ended, as plain values; an unknown target is NaN."""
        return {
            'number': self.number,
            'end': self.end,
            'text': self.summary.text,
            'return': float(self.rewards.sum(dtype=np.float64)),
            'target': list(self.summary.target),
        }


def episodes(
    transitions: Iterable[Transition], summaries: Mapping[int, Summary], left_out: Counter
) -> Iterator[Episode]:
    """Yields the episodes of transitions in the order in which they were sent; holds one at a time.

    Args:
        transitions: in which each frame comes once, with the first that shows it.
        summaries: by the number of the episode, as far as they are known.
        left_out: counts the transitions that are in no episode, by the reason.

    Raises:
        ValueError: an episode has frames of two sizes.
    """
    current: _Assembly | None = None
    for transition in transitions:
        if current is None or transition.episode != current.number or transition.step == 0:
            if current is not None and current.steps:
                yield current.finish(summaries.get(current.number))
            current = _Assembly(transition.episode)
        if why := current.add(transition):
            left_out[why] += 1
    if current is not None and current.steps:
        yield current.finish(summaries.get(current.number))


class _Assembly:
    """An episode that is being put together."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.steps: list[Transition] = []
        self._place: dict[int, int] = {}  # of a frame, by its capture time
        self._frames: list[np.ndarray] = []
        self._closed = ''

    def add(self, transition: Transition) -> str:
        """Adds a step; returns '', or why it cannot be joined to those before it."""
        if not self._closed:
            self._take_frames(transition)
            self._closed = self._obstacle(transition)
            if not self._closed:
                self.steps.append(transition)
        return self._closed

    def finish(self, summary: Summary | None) -> Episode:
        """Returns the episode; it has a step at least."""
        steps, summary = self.steps, summary or UNKNOWN
        end = self._end(summary)
        truncated = np.zeros(len(steps), bool)
        truncated[-1] = end != TERMINATED
        stacks = [*(step.frame_ids[0] for step in steps), steps[-1].frame_ids[1]]
        shown = np.array([[self._place[int(name)] for name in stack] for stack in stacks], np.int64)
        count = int(shown.max()) + 1  # those behind it came with a step that could not be joined
        return Episode(
            number=self.number,
            frames=np.stack(self._frames[:count])[..., ::-1],
            frame_times_ns=np.array(list(self._place)[:count], np.int64),
            shown=shown,
            proprio=np.stack([*(step.proprio[0] for step in steps), steps[-1].proprio[1]]),
            actions=np.stack([step.action for step in steps]),
            executed_actions=np.stack([step.executed_action for step in steps]),
            action_changed=np.array([step.action_changed for step in steps], bool),
            rewards=np.array([step.reward for step in steps], np.float32),
            terminated=np.array([step.terminated for step in steps], bool),
            truncated=truncated,
            stamps_ns=np.array([step.stamp_ns for step in steps], np.int64),
            end=end,
            summary=summary,
        )

    def _take_frames(self, transition: Transition) -> None:
        for name, pixels in zip(transition.new_frame_ids.tolist(), transition.new_frames, strict=True):
            if name in self._place:
                continue  # an actor that had begun anew sends them again
            if self._frames and pixels.shape != self._frames[0].shape:
                both = f'{self._frames[0].shape} and of {pixels.shape}'
                raise ValueError(f'episode {self.number} has frames of {both}: a data set has one size')
            self._place[name] = len(self._frames)
            self._frames.append(pixels)

    def _obstacle(self, transition: Transition) -> str:
        if transition.step != len(self.steps):
            return GAP if self.steps else BEFORE
        if self.steps and not self._continues(transition):
            return GAP
        if not self._place.keys() >= set(transition.frame_ids.reshape(-1).tolist()):
            return FRAMES
        return ''

    def _continues(self, transition: Transition) -> bool:
        """Whether its first observation is the one that the step before it led to."""
        last = self.steps[-1]
        return not (last.terminated or last.truncated) and np.array_equal(
            last.frame_ids[1], transition.frame_ids[0]
        )

    def _end(self, summary: Summary) -> str:
        last = self.steps[-1]
        if last.terminated:
            return TERMINATED
        if last.truncated:
            return TIME_LIMIT
        return ABORTED if summary.aborted and not self._closed else CUT_OFF
