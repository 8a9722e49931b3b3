"""Of streams that are faster than anybody looks, so many a second; what is passed over is counted."""

from collections import Counter
from collections.abc import Mapping


class Thinning:
    """Keeps the first message of each period of a topic.

    The periods lie on a grid, so that what is kept does not depend on when somebody began to look.

    Attributes:
        passed_over: messages, by topic.
    """

    def __init__(self, periods_ns: Mapping[str, int]) -> None:
        """Thins these topics, by their periods [ns]; all of the others are kept."""
        self._periods_ns = dict(periods_ns)
        self._last: dict[str, int] = {}
        self.passed_over: Counter[str] = Counter()

    def keeps(self, topic: str, time_ns: int) -> bool:
        """Returns whether a message that came at a time [ns] is to be shown."""
        period_ns = self._periods_ns.get(topic)
        if period_ns is None:
            return True
        period = time_ns // period_ns
        if self._last.get(topic) == period:
            self.passed_over[topic] += 1
            return False
        self._last[topic] = period
        return True
