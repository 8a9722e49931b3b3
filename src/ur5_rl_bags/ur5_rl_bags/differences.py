"""What differs between a message and its replay, field by field, bit by bit."""

from typing import Any, NamedTuple

import numpy as np
from rclpy.serialization import deserialize_message, serialize_message

from ur5_rl_graph.messages import ns_from_time

CAUSES = {
    'frames': 'pixels of camera/image_raw',
    'pixels': 'pixels of camera/image_raw',
    'new_frames': 'pixels of camera/image_raw',
    'frame_ids': 'which images are paired',
    'new_frame_ids': 'which images are paired',
    'proprio': 'joint states, or the action before',
    'action': 'the action that was taken',
    'executed_action': 'what the arm reported, or joint states',
    'action_changed': 'what the arm reported',
    'reward': 'its image, its joints, or the rule of the reward',
    'episode_return': 'rewards of the episode',
    'numbers': 'joints, executed action, reward or time',
    'stamp': 'times in the journal',
}
"""What a field is made of; any other is made of times and counts. Earlier ones are causes of later ones."""
ORDER = {name: place for place, name in enumerate(CAUSES)}


class Difference(NamedTuple):
    """One field of one message that its replay does not reproduce."""

    stamp_ns: int  # of the event, by the environment's clock
    topic: str
    key: tuple[int, ...]  # episode and step, or what else the message is known by
    field: str  # '' = the whole message
    text: str  # recorded and replayed value

    @property
    def cause(self) -> str:
        """What the field is made of."""
        return CAUSES.get(self.field, 'times and counts of the environment')

    @property
    def order(self) -> tuple:
        """Sorts differences: those first from which others follow."""
        return self.stamp_ns, ORDER.get(self.field, len(ORDER)), self.topic, self.key


def as_received(message: Any) -> Any:
    """Returns a message as whoever subscribes to it gets it: its numbers as narrow as its fields."""
    return deserialize_message(serialize_message(message), type(message))


def fields_that_differ(recorded: Any, replayed: Any, unknown: frozenset[str]) -> list[tuple[str, str]]:
    """Returns the fields of two messages of one type that are not the same bit for bit, each with a text."""
    found = []
    for name in recorded.get_fields_and_field_types():
        if name in unknown:
            continue
        before, after = getattr(recorded, name), getattr(replayed, name)
        if name == 'header':
            name, before, after = 'stamp', ns_from_time(before.stamp), ns_from_time(after.stamp)
        text = _difference(before, after)
        if text:
            found.append((name, text))
    return found


def _difference(before: Any, after: Any) -> str:
    if isinstance(before, str | int):
        return '' if before == after else f'recorded {before}, replayed {after}'
    one, other = np.asarray(before), np.asarray(after)
    if one.dtype == other.dtype and one.tobytes() == other.tobytes():
        return ''
    if one.shape != other.shape:
        return f'recorded {one.size} values, replayed {other.size}'
    if not one.shape:
        return f'recorded {before!r}, replayed {after!r}'
    places = np.flatnonzero(one != other) if one.dtype.kind != 'f' else _other_bits(one, other)
    if not places.size:
        return ''
    first = places[0]
    return f'recorded {one.flat[first]}, replayed {other.flat[first]} at {first}; {places.size} of {one.size}'


def _other_bits(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    bits = f'u{one.dtype.itemsize}'
    return np.flatnonzero(one.reshape(-1).view(bits) != other.reshape(-1).view(bits))
