"""Where the time goes that this machine needs for a run: each second belongs to one part."""

import time
from collections.abc import Callable
from types import TracebackType

PARTS = (
    'rendering',
    'reward',
    'guard',
    'controller',
    'physics',
    'acting',
    'sampling',
    'updates',
    'recording',
)
"""The controller is the arm driver's servo but for its guard; physics are arm and target; sampling is all
that the sampler does, updates all that the learner does."""
REST = 'rest'


class Ledger:
    """Shares out all time since it was made. What is done within another part counts for itself alone."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Begins with the rest, by a clock [s]."""
        self._clock = clock
        self._seconds = dict.fromkeys((*PARTS, REST), 0.0)
        self._open = [REST]  # the part that counts now is the last
        self._since = clock()
        self._sections = {part: _Section(self, part) for part in PARTS}
        self.calls = dict.fromkeys(PARTS, 0)
        """How often each part has begun."""

    def on(self, part: str) -> '_Section':
        """What is done in `with ledger.on(part):` counts for a part of PARTS."""
        return self._sections[part]

    def seconds(self) -> dict[str, float]:
        """The time of each part until now [s], the rest last; their sum is all of it."""
        self._book()
        return dict(self._seconds)

    def begin(self, part: str) -> None:
        """From now on time counts for `part`."""
        self._book()
        self._open.append(part)
        self.calls[part] += 1

    def end(self) -> None:
        """From now on time counts for what was under way before."""
        self._book()
        self._open.pop()

    def _book(self) -> None:
        now = self._clock()
        self._seconds[self._open[-1]] += now - self._since
        self._since = now


class _Section:
    """A part as a context, made once: it may be entered within itself."""

    def __init__(self, ledger: Ledger, part: str) -> None:
        self._ledger, self._part = ledger, part

    def __enter__(self) -> None:
        self._ledger.begin(self._part)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ledger.end()
