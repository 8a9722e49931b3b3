"""What the environment took in, in which order, at which time of its clocks: what an exact replay follows.

An entry is a JSON array: its kind, both clocks, and what it was. Images and joint states are named by their
stamps, all else is there as a whole. Besides events there are four other kinds:

    start        from what a life of the environment began
    reset        the same with each attempt to reset: who has missed what was before can begin here
    word         what was read of a person's word for the event that follows
    observation  digests of the observation that the event before published
"""

import json
from typing import Any, NamedTuple

import numpy as np

from ur5_rl_env.digest import ObservationDigest
from ur5_rl_env.events import (
    Acted,
    Answered,
    ArmSaid,
    Asked,
    Event,
    Felt,
    Missed,
    Reported,
    Saw,
    Seeded,
    Shown,
    Woke,
)
from ur5_rl_env.executed import Executed
from ur5_rl_graph.clock import Reading
from ur5_rl_graph.data import Action

START, RESET, WORD, OBSERVATION = 'start', 'reset', 'word', 'observation'
IMAGE, JOINT_STATES = 'image', 'joint_states'

_WHOLE = {'target': Shown, 'arm': ArmSaid, 'answer': Answered, 'request': Asked, 'seed': Seeded, 'tick': Woke}
"""Events whose fields are what JSON knows."""
_KINDS = {event: kind for kind, event in _WHOLE.items()}


class Entry(NamedTuple):
    """One line of the journal."""

    kind: str
    at: Reading
    what: tuple  # as JSON has it


class Batch(NamedTuple):
    """Entries that go out together."""

    session: int  # of this life of the environment
    first: int  # number of the first
    entries: list[str]


class Journal:
    """Numbers entries and keeps them until they are taken: a node writes them down when it has time."""

    def __init__(self, session: int) -> None:
        """Begins the journal of one life of the environment, known by a number of its own."""
        self._session, self._first = session, 0
        self._waiting: list[tuple[str, Reading, Any]] = []
        self._digest = ObservationDigest()

    @property
    def since(self) -> float | None:
        """Since when the oldest entry waits (monotonic) [s], None where none does."""
        return self._waiting[0][1].now if self._waiting else None

    def note(self, kind: str, at: Reading, what: Any) -> None:
        """Notes a start or reset (its values), a person's word (True or False) or an observation."""
        self._waiting.append((kind, at, what))

    def event(self, event: Event, at: Reading) -> None:
        """Notes an event."""
        self._waiting.append(('', at, event))

    def take(self) -> Batch:
        """Returns what waits, once."""
        waiting, self._waiting = self._waiting, []
        batch = Batch(self._session, self._first, [self._text(*entry) for entry in waiting])
        self._first += len(waiting)
        return batch

    def _text(self, kind: str, at: Reading, what: Any) -> str:
        if kind == OBSERVATION:
            what = [what.episode, what.step, *self._digest(what)]
        elif kind:
            what = [what]
        else:
            kind, what = _of_event(what)
        return json.dumps([kind, *at, *what], separators=(',', ':'))


def entry_from_text(text: str) -> Entry:
    """Returns an entry.

    Raises:
        ValueError: it is none.
    """
    try:
        kind, now, stamp, *what = json.loads(text)
    except (ValueError, TypeError) as error:
        raise ValueError(f'entry of the journal cannot be read ({error}): {text[:80]}') from None
    if not (isinstance(kind, str) and isinstance(now, float) and isinstance(stamp, int)):
        raise ValueError(f'entry of the journal names no kind and time: {text[:80]}')
    return Entry(kind, Reading(now, stamp), tuple(what))


def event_from_entry(entry: Entry) -> Event:
    """Returns the event of an entry that names neither an image nor joint states.

    Raises:
        ValueError: the kind is unknown, or the entry does not hold what its kind needs.
    """
    try:
        match entry.kind:
            case 'executed':
                stamp_ns, velocity, changed = entry.what
                return Reported(Executed(stamp_ns, tuple(velocity), changed))
            case 'action':
                action = Action(*entry.what)
                return Acted(action._replace(action=np.array(action.action, np.float32)))
            case 'absent':
                return Missed(tuple(*entry.what))
        return _WHOLE[entry.kind](*entry.what)
    except (KeyError, TypeError, ValueError, OverflowError):  # the last: a number that no float32 holds
        raise ValueError(
            f'entry {entry.kind!r} of the journal with {len(entry.what)} values is unknown here: replay with '
            'the revision that recorded it'
        ) from None


def _of_event(event: Event) -> tuple[str, tuple]:
    match event:
        case Saw(frame):
            return IMAGE, (frame.frame_id,)
        case Felt(samples):
            return JOINT_STATES, tuple(joints.stamp_ns for joints in samples)
        case Reported(executed):
            return 'executed', tuple(executed)
        case Acted(action):
            return 'action', tuple(action._replace(action=np.asarray(action.action).tolist()))
        case Missed(parts):
            return 'absent', (parts,)
    return _KINDS[type(event)], tuple(event)
