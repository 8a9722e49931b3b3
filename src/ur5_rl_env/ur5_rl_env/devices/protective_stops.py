"""When a protective stop may be released: not at once, and not again and again (SPEC section 7)."""

from collections import deque
from collections.abc import Callable

from ur5_rl_env.readiness import MAX_PROTECTIVE_STOPS as LIMIT
from ur5_rl_env.readiness import PROTECTIVE_STOP_WINDOW_S as WINDOW_S

WAIT_S = 5.0  # the controller refuses a release sooner


class ProtectiveStops:
    """Counts protective stops.

    Args:
        clock: monotonic time [s].
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=LIMIT)

    def count(self, new: int) -> None:
        """Takes note of `new` stops that happened just now."""
        self._times.extend([self._clock()] * new)

    @property
    def exhausted(self) -> str:
        """Why no stop is released any more, '' while they are."""
        if len(self._times) < LIMIT or self._clock() - self._times[0] >= WINDOW_S:
            return ''
        return (
            f'{LIMIT} protective stops within {WINDOW_S:.0f} s: not released again; find the cause and '
            'restart the driver'
        )

    @property
    def refusal(self) -> str:
        """Why a release is refused now, '' if it is not."""
        waited = self._clock() - self._times[-1] if self._times else WAIT_S
        if not self.exhausted and waited < WAIT_S:
            return f'protective stop {waited:.1f} s ago; it can be released {WAIT_S:.0f} s after it'
        return self.exhausted
