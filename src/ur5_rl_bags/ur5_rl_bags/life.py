"""One life of the environment, lived again by its journal and the sensors' messages.

What the bag lacks is not guessed. A missing image or joint state is taken with its stamp, since pairing and
timing ask for no more, and with values that mark everything that depends on them as unknown. Where entries of
the journal are missing, nothing is known until the next reset at which all that is remembered is from after.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from sac_learner.adder import Adder
from ur5_rl_bags.sensor_messages import PATIENCE_NS, SensorMessages
from ur5_rl_env import events, outputs, wire
from ur5_rl_env.clock import HeldClock, Reading
from ur5_rl_env.joint_history import Joints
from ur5_rl_env.journal import (
    IMAGE,
    JOINT_STATES,
    OBSERVATION,
    RESET,
    START,
    WORD,
    Entry,
    entry_from_text,
    event_from_entry,
)
from ur5_rl_env.lifecycle import Lifecycle
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.progress import Progress
from ur5_rl_env.reward import Reward
from ur5_rl_env.sync import PERIODS, Frame
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import messages, topics
from ur5_rl_graph.data import Action, Observation

SENSED = (IMAGE, JOINT_STATES, 'arm', 'target')
"""Entries that make up what the environment remembers when a reset begins."""
WARM_ENTRIES = 20_000


class Replayed(NamedTuple):
    """What the environment has published, according to its replay."""

    at: Reading  # of the event that it answers
    topic: str  # without the namespace
    message: Any
    unknown: frozenset[str] = frozenset()  # fields that depend on what is not in the bag
    observation: Observation | None = None  # where it is one
    anew: Callable[[], Any] | None = None  # the same transition of an actor that has just begun


class Noted(NamedTuple):
    """What the journal says of an observation: not read here, only handed on."""

    replayed: Replayed | None
    at: Reading
    episode: int
    step: int
    pixels: str  # digest
    numbers: str


class Setting(NamedTuple):
    """What a replay changes of what was recorded."""

    task: dict[str, Any]
    config: dict[str, Any]


AS_RECORDED = Setting({}, {})


class Life:
    """Takes entries of the journal in any order and answers what the environment made of them."""

    def __init__(self, images: SensorMessages, joint_states: SensorMessages, setting: Setting = AS_RECORDED):
        """Begins before the first entry; sensors' messages are taken from those given."""
        self.covered: list[list[Reading]] = []
        """First and last reading of each stretch that is lived without a gap."""
        self.lines: list[str] = []
        """What the bag lacks, in words."""
        self.missing = {IMAGE: 0, JOINT_STATES: 0}
        self.lost_entries = 0
        self._images, self._joint_states, self._setting = images, joint_states, setting
        self._entries: dict[int, tuple[int, str]] = {}  # number: receive time, text
        self._next = 0
        self._lifecycle: Lifecycle | None = None
        self._word = _ReplayedWord()
        self._warm: deque[Entry] = deque(maxlen=WARM_ENTRIES)
        self._unknown_frames: set[int] = set()
        self._shown: Replayed | None = None  # the observation that the newest event brought

    def add(self, first: int, texts: list[str], receive_ns: int) -> None:
        """Takes entries; those that have come before are ignored."""
        for number, text in enumerate(texts, first):
            if number >= self._next:
                self._entries.setdefault(number, (receive_ns, text))

    def advance(self, now_ns: int | None) -> Iterator[Replayed | Noted]:
        """Goes on as far as everything is there that is needed.

        Args:
            now_ns: receive time that the bag has come to; None at its end, when nothing more will come.
        """
        while self._entries:
            if self._next not in self._entries:
                oldest = min(self._entries)
                if self._waits(self._entries[oldest][0], now_ns):
                    return
                self._lose(oldest)
            receive_ns, text = self._entries[self._next]
            entry = entry_from_text(text)
            if not self._has_all(entry) and self._waits(receive_ns, now_ns):
                return
            del self._entries[self._next]
            self._next += 1
            yield from self._live(entry)

    @staticmethod
    def _waits(receive_ns: int, now_ns: int | None) -> bool:
        return now_ns is not None and now_ns - receive_ns < PATIENCE_NS

    def _has_all(self, entry: Entry) -> bool:
        if entry.kind == IMAGE:
            return entry.what[0] in self._images
        return entry.kind != JOINT_STATES or all(stamp in self._joint_states for stamp in entry.what)

    def _lose(self, oldest: int) -> None:
        lost = f'entries {self._next} to {oldest - 1} of the journal are not in the bag'
        self.lines.append(f'{lost}: nothing can be compared until a reset that is known well enough')
        self.lost_entries += oldest - self._next
        self._next, self._lifecycle = oldest, None
        self._warm.clear()

    def _live(self, entry: Entry) -> Iterator[Replayed | Noted]:
        if entry.kind == START:
            self._begin(entry.what[0], entry.at)
        elif entry.kind == RESET:
            self._reset(entry)
        elif entry.kind == WORD:
            self._word.answers.append(entry.what[0])
        elif self._lifecycle is None:
            if entry.kind in SENSED:
                self._warm.append(entry)
        elif entry.kind == OBSERVATION:
            yield Noted(self._shown, entry.at, *entry.what)
            self._shown = None
        else:
            yield from self._apply(entry)
        if self._lifecycle is not None:
            self.covered[-1][1] = entry.at

    # --- where it begins ---

    def _begin(self, values: dict, at: Reading, **changes: Any) -> None:
        try:
            self._task = TaskConfig(**values['task'] | self._setting.task)
            config = LifecycleConfig(**values['config'] | self._setting.config | {'run_folder': ''} | changes)
            progress = self._progress = Progress()
            progress.episode, progress.total_steps = values['episode'], values['total_steps']
            self._commander = values['commander']
        except (KeyError, TypeError) as error:
            raise ValueError(
                f'the journal begins with a setting that is unknown here ({error}): replay with the revision '
                'that recorded it'
            ) from None
        self._held = HeldClock(at)
        self._nothing = np.zeros(self._task.image_shape, np.uint8)  # stands for the pixels of a missing image
        self._nothing_observed = np.zeros(self._task.observation_shape, np.uint8)
        reward = _KnownReward(Reward(self._task), self._nothing)
        self._lifecycle = Lifecycle(self._task, config, self._held.clock, progress, self._word, reward)
        self._adder = Adder()
        self._last: tuple[Observation, Action | None] | None = None
        self.covered.append([at, at])

    def _reset(self, entry: Entry) -> None:
        """Begins here what has not begun. What another setting has led elsewhere joins the record again."""
        values = entry.what[0]
        if self._lifecycle is None:
            self._enter(entry, values)
        elif self._setting != AS_RECORDED:
            self._progress.episode = values['episode']
            self._lifecycle.enter_reset(values['token'], values['total_steps'])

    def _enter(self, entry: Entry, values: dict) -> None:
        """Begins with a reset, if all that is remembered then has come after the gap."""
        config, task = values['config'], values['task']
        needed_s = max(config['max_stamp_age_s'], 1.2 * PERIODS * task['camera_period_s'])
        if not self._warm or entry.at.now - self._warm[0].at.now < needed_s:
            return
        self._begin(values, self._warm[0].at, autostart=False)
        for warm in self._warm:
            self._held.reading = warm.at
            events.apply(self._lifecycle, self._event(warm))
        self._warm.clear()
        self._lifecycle.readiness.absent = tuple(values['absent'])
        self._held.reading = entry.at
        self._lifecycle.enter_reset(values['token'], values['total_steps'])
        self.covered[-1][0] = entry.at

    # --- events ---

    def _apply(self, entry: Entry) -> Iterator[Replayed]:
        self._held.reading = entry.at
        event = self._event(entry)
        done = events.apply(self._lifecycle, event)
        if isinstance(event, events.Acted) and any(isinstance(output, outputs.Move) for output in done):
            self._adder.acted(self._last[0], event.action.action)
            self._last = self._last[0], event.action
        for output in done:
            observation = output.observation if isinstance(output, outputs.Observe) else None
            for topic, message in wire.messages_of(output, entry.at.stamp, self._commander):
                shown = observation if topic is topics.OBSERVATION else None
                yield self._replayed(entry.at, topic.name, message, shown)
            if observation is not None:
                yield from self._transition(entry.at, observation)

    def _event(self, entry: Entry) -> events.Event:
        if entry.kind == IMAGE:
            return events.Saw(self._frame(entry.what[0]))
        if entry.kind == JOINT_STATES:
            return events.Felt(tuple(self._joints(stamp) for stamp in entry.what))
        return event_from_entry(entry)

    def _frame(self, stamp_ns: int) -> Frame:
        message = self._images.take(stamp_ns)
        if message is None:
            self._miss(IMAGE, stamp_ns)
            self._unknown_frames.add(stamp_ns)
            return Frame(stamp_ns, self._nothing, self._nothing_observed)
        return wire.frame_of(message, self._task)

    def _joints(self, stamp_ns: int) -> Joints:
        message = self._joint_states.take(stamp_ns)
        if message is None:
            self._miss(JOINT_STATES, stamp_ns)
            return Joints(stamp_ns, np.full(6, np.nan), np.full(6, np.nan))
        return wire.joints_of(message)

    def _miss(self, what: str, stamp_ns: int) -> None:
        self.missing[what] += 1
        if self.missing[what] == 1:
            name = 'image' if what == IMAGE else 'joint state'
            self.lines.append(
                f'the {name} of {1e-9 * stamp_ns:.3f} s is not in the bag, though the environment took it: '
                'what depends on it cannot be compared, nor can what depends on further ones'
            )

    def _transition(self, at: Reading, observation: Observation) -> Iterator[Replayed]:
        transition, last = self._adder.transition_to(observation), self._last
        self._last = observation, None
        if transition is None:
            return

        def anew() -> Any:
            adder = Adder()
            adder.acted(last[0], last[1].action)
            return messages.msg_from_transition(adder.transition_to(observation))

        message = messages.msg_from_transition(transition)
        yield self._replayed(at, topics.TRANSITION.name, message, None)._replace(anew=anew)

    def _replayed(self, at: Reading, topic: str, message: Any, observation: Observation | None) -> Replayed:
        unknown: set[str] = set()
        if any(self.missing.values()):
            names = message.get_fields_and_field_types()
            unknown = {name for name in names if _has_nan(getattr(message, name))}
            if self._unknown_frames.intersection(getattr(message, 'frame_ids', ())):
                unknown |= {'frames', 'new_frames'}
        replayed = Replayed(at, topic, message, frozenset(unknown), observation)
        if observation is not None:
            self._shown = replayed
        return replayed


class _KnownReward:
    """The reward; not a number where the image is not in the bag."""

    def __init__(self, reward: Reward, nothing: np.ndarray):
        self._reward, self._nothing = reward, nothing

    def __call__(self, frame: np.ndarray, joints: np.ndarray) -> float:
        return math.nan if frame is self._nothing else self._reward(frame, joints)


class _ReplayedWord:
    """A person's word, as it was read then."""

    request = ''

    def __init__(self) -> None:
        self.answers: deque[bool] = deque()

    @property
    def given(self) -> bool:
        return self.answers.popleft() if self.answers else True

    def give(self) -> None:
        if not self.given:
            raise OSError('it could not be kept')

    def take_back(self) -> None:
        pass


def _has_nan(value: Any) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    return isinstance(value, np.ndarray) and value.dtype.kind == 'f' and bool(np.isnan(value).any())
