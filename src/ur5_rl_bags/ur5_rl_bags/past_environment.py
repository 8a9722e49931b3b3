"""The environment again, without its node: takes entries of its journal, answers what it published.

What the bag lacks is not guessed. A missing image or joint state is taken with its stamp, since pairing and
timing ask for no more, and with values that mark everything that depends on them as unknown.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from sac_learner.adder import Adder
from ur5_rl_bags.sensor_messages import SensorMessages
from ur5_rl_env import events, outputs, wire
from ur5_rl_env.episode_progress import Progress
from ur5_rl_env.joint_history import Joints
from ur5_rl_env.journal import IMAGE, JOINT_STATES, Entry, event_from_entry
from ur5_rl_env.lifecycle import Lifecycle
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_env.reward import Reward
from ur5_rl_env.sync import Frame
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import messages, topics
from ur5_rl_graph.clock import HeldClock, Reading
from ur5_rl_graph.data import Action, Observation


class Replayed(NamedTuple):
    """What the environment has published, according to its replay."""

    at: Reading  # of the event that it answers
    topic: str  # without the namespace
    message: Any
    unknown: frozenset[str] = frozenset()  # fields that depend on what is not in the bag
    observation: Observation | None = None  # where it is one
    anew: Callable[[], Any] | None = None  # the same transition of an actor that has just begun


class Setting(NamedTuple):
    """What a replay changes of what was recorded."""

    task: dict[str, Any]
    config: dict[str, Any]


AS_RECORDED = Setting({}, {})


class Sensors:
    """Images and joint states of a bag, and what it lacks of them."""

    def __init__(self, images: SensorMessages, joint_states: SensorMessages) -> None:
        """Takes messages from those given."""
        self._messages = {IMAGE: images, JOINT_STATES: joint_states}
        self.missing = {IMAGE: 0, JOINT_STATES: 0}
        self.lines: list[str] = []
        """What is missing, in words; the first of each kind."""

    def have(self, entry: Entry) -> bool:
        """Whether all is here that an entry names."""
        kept = self._messages.get(entry.kind)
        return kept is None or all(stamp in kept for stamp in entry.what)

    def take(self, kind: str, stamp_ns: int) -> Any | None:
        """Returns a message, once; None where it is not in the bag, which is noted."""
        message = self._messages[kind].take(stamp_ns)
        if message is None:
            self._miss(kind, stamp_ns)
        return message

    def _miss(self, kind: str, stamp_ns: int) -> None:
        self.missing[kind] += 1
        if self.missing[kind] == 1:
            name = 'image' if kind == IMAGE else 'joint state'
            self.lines.append(
                f'the {name} of {1e-9 * stamp_ns:.3f} s is not in the bag, though the environment took it: '
                'what depends on it cannot be compared, nor can what depends on further ones'
            )


class PastEnvironment:
    """What the node was in one life, from its start or from a reset on."""

    def __init__(
        self,
        values: dict,
        at: Reading,
        sensors: Sensors,
        word: 'PastWord',
        setting: Setting,
        begins: bool = True,
    ) -> None:
        """Begins as the environment did.

        Args:
            values: of an entry `start` or `reset`.
            at: when.
            sensors: give images and joint states.
            word: a person's, as it was read.
            setting: what is changed of what was recorded.
            begins: False where it only listens until `enter_reset`.

        Raises:
            ValueError: another revision has recorded other values; one line.
        """
        try:
            self.task = self._task = TaskConfig(**values['task'] | setting.task)
            stopped = {} if begins else {'autostart': False}
            config = LifecycleConfig(**values['config'] | setting.config | {'run_folder': ''} | stopped)
            progress = self._progress = Progress()
            progress.episode, progress.total_steps = values['episode'], values['total_steps']
            self._commander = values['commander']
        except (KeyError, TypeError) as error:
            raise ValueError(
                f'the journal begins with a setting that is unknown here ({error}): replay with the revision '
                'that recorded it'
            ) from None
        self._sensors = sensors
        self._unknown_frames: set[int] = set()
        self._nothing = np.zeros(self._task.image_shape, np.uint8)  # stands for the pixels of a missing image
        self._nothing_observed = np.zeros(self._task.observation_shape, np.uint8)
        self._held = HeldClock(at)
        reward = _KnownReward(Reward(self._task), self._nothing)
        self._lifecycle = Lifecycle(self._task, config, self._held.clock, progress, word, reward)
        self._adder = Adder()
        self._last: tuple[Observation, Action | None] | None = None
        self.shown: Replayed | None = None
        """The newest observation."""

    def listen(self, entry: Entry) -> None:
        """Takes an entry from before it begins."""
        self._held.reading = entry.at
        events.apply(self._lifecycle, self._event(entry))

    def enter_reset(self, entry: Entry) -> None:
        """Begins the reset of an entry, whatever was before."""
        values = entry.what[0]
        self._held.reading = entry.at
        self._progress.episode = values['episode']
        self._lifecycle.readiness.absent = tuple(values['absent'])
        if 'target_seeds' in values:
            self._lifecycle.target_seeds = tuple(values['target_seeds'])
        self._lifecycle.enter_reset(values['token'], values['total_steps'])

    def apply(self, entry: Entry) -> Iterator[Replayed]:
        """Takes an event; yields what was published then."""
        self._held.reading = entry.at
        event = self._event(entry)
        done = events.apply(self._lifecycle, event)
        moves = any(isinstance(output, outputs.Move) for output in done)
        if isinstance(event, events.Acted) and moves and self._last is not None:
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
        message = self._sensors.take(IMAGE, stamp_ns)
        if message is None:
            self._unknown_frames.add(stamp_ns)
            return Frame(stamp_ns, self._nothing, self._nothing_observed)
        return wire.frame_of(message, self._task)

    def _joints(self, stamp_ns: int) -> Joints:
        message = self._sensors.take(JOINT_STATES, stamp_ns)
        if message is None:
            return Joints(stamp_ns, np.full(6, np.nan), np.full(6, np.nan))
        return wire.joints_of(message)

    def _transition(self, at: Reading, observation: Observation) -> Iterator[Replayed]:
        transition, last = self._adder.transition_to(observation), self._last
        self._last = observation, None
        before, action = last or (None, None)
        if transition is None or before is None or action is None:
            return

        def anew() -> Any:
            adder = Adder()
            adder.acted(before, action.action)
            whole = adder.transition_to(observation)
            assert whole is not None  # as there was one before
            return messages.msg_from_transition(whole)

        message = messages.msg_from_transition(transition)
        yield self._replayed(at, topics.TRANSITION.name, message, None)._replace(anew=anew)

    def _replayed(self, at: Reading, topic: str, message: Any, observation: Observation | None) -> Replayed:
        unknown: set[str] = set()
        if any(self._sensors.missing.values()):
            names = message.get_fields_and_field_types()
            unknown = {name for name in names if _has_nan(getattr(message, name))}
            if self._unknown_frames.intersection(getattr(message, 'frame_ids', ())):
                unknown |= {'frames', 'new_frames'}
        replayed = Replayed(at, topic, message, frozenset(unknown), observation)
        if observation is not None:
            self.shown = replayed
        return replayed


class _KnownReward(Reward):
    """The reward; not a number where the image is not in the bag."""

    def __init__(self, reward: Reward, nothing: np.ndarray) -> None:
        self._reward, self._nothing = reward, nothing

    def __call__(self, frame: np.ndarray, joints: np.ndarray) -> float:
        return math.nan if frame is self._nothing else self._reward(frame, joints)


class PastWord(PersonsWord):
    """A person's word, as it was read then."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: deque[bool] = deque()

    @property
    def given(self) -> bool:
        return self.answers.popleft() if self.answers else True

    def give(self) -> None:
        if not self.given:
            raise OSError('it could not be kept')

    def take_back(self, by_servo: bool = False) -> None:
        pass


def _has_nan(value: Any) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    return isinstance(value, np.ndarray) and value.dtype.kind == 'f' and bool(np.isnan(value).any())
