"""Images and joint states of a bag, kept until the journal names them."""

from collections import deque
from typing import Any

PATIENCE_NS = 5_000_000_000
"""What is named but has not come within this receive time, is not in the bag."""
KEEP_NS = 4 * PATIENCE_NS


class SensorMessages:
    """Messages of one topic by stamp. What nobody names for a while is forgotten."""

    def __init__(self) -> None:
        """Starts empty."""
        self._by_stamp: dict[int, deque[Any]] = {}
        self._order: deque[tuple[int, int]] = deque()  # receive time, stamp

    def add(self, stamp_ns: int, receive_ns: int, message: Any) -> None:
        """Keeps a message."""
        self._by_stamp.setdefault(stamp_ns, deque()).append(message)
        self._order.append((receive_ns, stamp_ns))
        while receive_ns - self._order[0][0] > KEEP_NS:
            self._by_stamp.pop(self._order.popleft()[1], None)

    def __contains__(self, stamp_ns: int) -> bool:
        """Whether one of this stamp is here."""
        return stamp_ns in self._by_stamp

    def take(self, stamp_ns: int) -> Any | None:
        """Returns the oldest of this stamp, once; None where there is none."""
        messages = self._by_stamp.get(stamp_ns)
        if messages is None:
            return None
        message = messages.popleft()
        if not messages:
            del self._by_stamp[stamp_ns]
        return message
