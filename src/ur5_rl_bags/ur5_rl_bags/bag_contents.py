"""What a bag holds, and what is said of one that cannot be read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple


class BagError(ValueError):
    """A bag that cannot be read as it is: one line with what is there and what is needed."""


class Recorded(NamedTuple):
    """One message of a bag."""

    topic: str
    receive_time_ns: int  # system clock of the recorder's host, since the epoch
    publish_time_ns: int  # the same of the publisher's; the receive time where the bag does not know it
    data: bytes  # CDR, as it was on the wire


@dataclass
class TopicInfo:
    """A topic of a bag."""

    type: str  # package/msg/Name
    count: int  # messages that can be read
    qos: list[dict[str, Any]]  # what each of its publishers offered, in the words of `qos.described`
    definition: str = (
        ''  # of its type with all that it needs, as `definitions.full_text` writes it; '' = unknown
    )
    type_hash: str = ''  # '' = unknown


def number_of(path: Path) -> int:
    """Returns the number that a file has in its bag, -1 where its name has none."""
    number = path.stem.rpartition('_')[2]
    return int(number) if number.isdecimal() else -1
