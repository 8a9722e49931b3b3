"""Quality of service as rosbag2 writes it into a bag: a YAML list, one entry for each publisher.

Version 9 of rosbag2's metadata writes policies as words, earlier ones as the numbers of rmw.
"""

from typing import Any

import yaml

_WORDS = {
    'history': ('system_default', 'keep_last', 'keep_all', 'unknown'),
    'reliability': ('system_default', 'reliable', 'best_effort', 'unknown', 'best_available'),
    'durability': ('system_default', 'transient_local', 'volatile', 'unknown', 'best_available'),
    'liveliness': ('system_default', 'automatic', '', 'manual_by_topic', 'unknown', 'best_available'),
}
"""By policy, the word of each number of rmw."""
_DURATIONS = ('deadline', 'lifespan', 'liveliness_lease_duration')
_NS = 1_000_000_000
ORDER = (
    'history',
    'depth',
    'reliability',
    'durability',
    'deadline',
    'lifespan',
    'liveliness',
    'liveliness_lease_duration',
    'avoid_ros_namespace_conventions',
)
"""The fields, as rosbag2 orders them."""


def described(profile: Any) -> dict[str, Any]:
    """Returns a QoSProfile of rclpy in rosbag2's words."""
    found: dict[str, Any] = {}
    for name in ORDER:
        value = getattr(profile, name)
        if name in _WORDS:
            value = _WORDS[name][int(value)]
        elif name in _DURATIONS:
            sec, nsec = divmod(value.nanoseconds, _NS)
            value = {'sec': sec, 'nsec': nsec}
        found[name] = value
    return found


def offer(recorded: list[dict[str, Any]]) -> Any:
    """Returns the QoSProfile with which a topic is played: what its publishers offered, where they agree.

    Where they do not, or the bag does not say it: reliable and volatile, as rosbag2 does.
    """
    from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

    said = {(profile.get('reliability'), profile.get('durability')) for profile in recorded}
    reliability, durability = said.pop() if len(said) == 1 else ('reliable', 'volatile')
    return QoSProfile(
        depth=10,
        reliability=_policy(ReliabilityPolicy, reliability, 'reliability'),
        durability=_policy(DurabilityPolicy, durability, 'durability'),
    )


def _policy(kind: Any, word: Any, name: str) -> Any:
    default = {'reliability': 'reliable', 'durability': 'volatile'}[name]
    known = word if word in _WORDS[name][1:3] else default
    return kind(_WORDS[name].index(known))


def dump(profiles: list[dict[str, Any]]) -> str:
    """Returns the text that a channel of an MCAP file carries."""
    return yaml.safe_dump(profiles, sort_keys=False).rstrip('\n') if profiles else '[]'


def parse(text: str | list | None) -> list[dict[str, Any]]:
    """Returns what such a text, or the list of it, says of each publisher, in the words of `described`.

    Raises:
        ValueError, yaml.YAMLError: it is no such list.
    """
    listed = (yaml.safe_load(text) if isinstance(text, str) else text) or []
    if not (isinstance(listed, list) and all(isinstance(profile, dict) for profile in listed)):
        raise ValueError('no list of QoS profiles')
    try:
        return [{name: _word(name, profile[name]) for name in ORDER if name in profile} for profile in listed]
    except (TypeError, IndexError) as error:
        raise ValueError(f'no list of QoS profiles ({error})') from None


def understood(text: str | None) -> list[dict[str, Any]]:
    """Returns what such a text says, nothing where it is none: no message is the less readable."""
    try:
        return parse(text)
    except (yaml.YAMLError, ValueError):
        return []


def _word(name: str, value: Any) -> Any:
    return _WORDS[name][value] if name in _WORDS and isinstance(value, int) else value
