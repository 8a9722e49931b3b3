"""How old something is that came in a message, whatever is done to the system clock meanwhile."""

import time
from collections.abc import Callable


class Age:
    """Taken once, on arrival, by the clock that the sender stamped with; from then on nobody can set it."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        system: Callable[[], int] = time.time_ns,
    ) -> None:
        """Begins as something made now. Takes monotonic time [s] and the system clock [ns]."""
        self._monotonic, self._system = monotonic, system
        self._made_at = monotonic()

    def arrived(self, stamp_ns: int) -> None:
        """Takes the stamp of what has just come. One ahead of this host's clock counts as made now."""
        self._made_at = self._monotonic() - max(1e-9 * (self._system() - stamp_ns), 0.0)

    @property
    def seconds(self) -> float:
        """The age [s]."""
        return self._monotonic() - self._made_at
