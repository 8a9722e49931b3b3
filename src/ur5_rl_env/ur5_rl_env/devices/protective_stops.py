"""When a protective stop may be released: not at once, and not again and again (SPEC section 7)."""

from collections import deque
from collections.abc import Callable

WAIT_S = 5.0  # the controller refuses a release sooner
LIMIT, WINDOW_S = 10, 600.0


class ProtectiveStops:
    """Counts protective stops.

    Args:
        clock: monotonic time [s].
    """

    def __init__(self, clock: Callable[[], float]):
        self._clock = clock
        self._times = deque(maxlen=LIMIT)

    def count(self, new: int) -> None:
        """Takes note of `new` stops that happened just now."""
        self._times.extend([self._clock()] * new)

    def refusal(self) -> str:
        """Returns why a release is refused now, an empty string if it is not."""
        now = self._clock()
        if len(self._times) == LIMIT and now - self._times[0] < WINDOW_S:
            return (
                f'{LIMIT} protective stops within {now - self._times[0]:.0f} s (the limit, in {WINDOW_S:.0f} s): '
                'not released again; find the cause and restart the driver'
            )
        if self._times and (waited := now - self._times[-1]) < WAIT_S:
            return f'protective stop {waited:.1f} s ago; it can be released {WAIT_S:.0f} s after it'
        return ''
