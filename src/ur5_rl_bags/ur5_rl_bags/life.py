"""One life of the environment, lived again by its journal.

Where entries are missing nothing is known until the next reset at which all that the environment remembers is
from after the gap.
"""

from collections import Counter, deque
from collections.abc import Iterator
from typing import NamedTuple

from ur5_rl_bags.past_environment import AS_RECORDED, PastEnvironment, PastWord, Replayed, Sensors, Setting
from ur5_rl_bags.sensor_messages import PATIENCE_NS, SensorMessages
from ur5_rl_env.journal import (
    IMAGE,
    JOINT_STATES,
    OBSERVATION,
    RESET,
    START,
    WORD,
    Entry,
    entry_from_text,
)
from ur5_rl_env.sensors import DELAYS
from ur5_rl_env.sync import PERIODS
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.clock import Reading

SENSED = (IMAGE, JOINT_STATES, 'arm', 'target')
"""Entries that make up what the environment remembers when a reset begins."""
WARM_ENTRIES = 20_000


class Noted(NamedTuple):
    """What the journal says of an observation: not read here, only handed on."""

    replayed: Replayed | None
    at: Reading
    episode: int
    step: int
    pixels: str  # digest
    numbers: str


class Life:
    """Takes entries of the journal in any order and answers what the environment made of them."""

    def __init__(
        self, images: SensorMessages, joint_states: SensorMessages, setting: Setting = AS_RECORDED
    ) -> None:
        """Begins before the first entry; sensors' messages are taken from those given."""
        self.covered: list[list[Reading]] = []
        """First and last reading of each stretch that is lived without a gap."""
        self._sensors, self._setting = Sensors(images, joint_states), setting
        self._lines: list[str] = []
        self._entries: dict[int, tuple[int, str]] = {}  # number: receive time, text
        self._next = 0
        self._environment: PastEnvironment | None = None
        self.task: TaskConfig | None = None
        """Of the environment; None before it begins."""
        self._word = PastWord()
        self._warm: deque[Entry] = deque(maxlen=WARM_ENTRIES)

    @property
    def missing(self) -> dict[str, int]:
        """How many images and joint states are not in the bag."""
        return self._sensors.missing

    @property
    def lines(self) -> list[str]:
        """What the bag lacks, in words."""
        return self._lines + self._sensors.lines

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
            if not self._sensors.have(entry) and self._waits(receive_ns, now_ns):
                return
            del self._entries[self._next]
            self._next += 1
            yield from self._live(entry)

    @staticmethod
    def _waits(receive_ns: int, now_ns: int | None) -> bool:
        return now_ns is not None and now_ns - receive_ns < PATIENCE_NS

    def _lose(self, oldest: int) -> None:
        lost = f'entries {self._next} to {oldest - 1} of the journal are not in the bag'
        self._lines.append(f'{lost}: nothing can be compared until a reset that is known well enough')
        self._next, self._environment = oldest, None
        self._warm.clear()

    def _live(self, entry: Entry) -> Iterator[Replayed | Noted]:
        if entry.kind == START:
            self._environment = self._make(entry)
            self.covered.append([entry.at, entry.at])
        elif entry.kind == RESET:
            self._reset(entry)
        elif entry.kind == WORD:
            self._word.answers.append(entry.what[0])
        elif self._environment is None:
            if entry.kind in SENSED:
                self._warm.append(entry)
        elif entry.kind == OBSERVATION:
            yield Noted(self._environment.shown, entry.at, *entry.what)
        else:
            yield from self._environment.apply(entry)
        if self._environment is not None:
            self.covered[-1][1] = entry.at

    def _make(self, entry: Entry, begins: bool = True, at: Reading | None = None) -> PastEnvironment:
        sensors, word = self._sensors, self._word
        made = PastEnvironment(entry.what[0], at or entry.at, sensors, word, self._setting, begins)
        self.task = made.task
        return made

    def _reset(self, entry: Entry) -> None:
        """Begins here what has not begun. What another setting has led elsewhere joins the record again."""
        if self._environment is None:
            self._enter(entry)
        elif self._setting != AS_RECORDED:
            self._environment.enter_reset(entry)

    def _enter(self, entry: Entry) -> None:
        """Begins with a reset, if all that is remembered then has come after the gap."""
        if not self._knows_enough(entry):
            return
        self._word.answers.clear()  # to questions that nobody asks again
        self._environment = self._make(entry, begins=False, at=self._warm[0].at)
        for warm in self._warm:
            self._environment.listen(warm)
        self._warm.clear()
        self._environment.enter_reset(entry)
        self.covered.append([entry.at, entry.at])

    def _knows_enough(self, entry: Entry) -> bool:
        """Whether everything has come since the gap that the environment remembers at a reset."""
        count = Counter(warm.kind for warm in self._warm)
        if count[IMAGE] <= PERIODS or count[JOINT_STATES] < DELAYS:
            return False
        return entry.at.now - self._warm[0].at.now >= entry.what[0]['config']['max_stamp_age_s']
