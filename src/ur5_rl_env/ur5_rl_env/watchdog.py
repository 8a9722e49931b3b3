"""Freshness of velocity commands: what is older than the limit neither starts a motion nor keeps one up."""

from dataclasses import dataclass

from ur5_rl_graph.config import check, setting

CYCLES = 1.5  # of silence: who acts each cycle may be half of one late


@dataclass(frozen=True, kw_only=True)
class WatchdogConfig:
    """How long a velocity command counts."""

    watchdog_s: float = setting(
        0.2,
        'without a fresh command for longer, and for one and a half action cycles, the arm ramps to zero and '
        'holds [s]',
        low=0.02,
        high=1.0,
    )

    def __post_init__(self) -> None:
        check(self)


def limit_s(watchdog_s: float, action_cycle_s: float) -> float:
    """Returns after how long without a command who sends one in each action cycle counts as gone [s]."""
    return max(watchdog_s, CYCLES * action_cycle_s)


class CommandWatchdog:
    """Knows whether the newest command still counts.

    A command expires `limit_s` after its stamp. Its age is measured once, on arrival, by the system clock
    that the sender stamped it with; from then on the monotonic clock counts, which nobody sets.
    """

    def __init__(self, config: WatchdogConfig, action_cycle_s: float) -> None:
        self.limit_s = limit_s(config.watchdog_s, action_cycle_s)
        self._limit_ns = round(self.limit_s * 1e9)
        self._expires_ns: int | None = None  # monotonic; None: no command

    def accept(self, stamp_ns: int, now_ns: int, monotonic_ns: int) -> bool:
        """Takes a command stamped `stamp_ns` that arrived `now_ns` (system clock); False if it is stale.

        A stamp ahead of this host's clock by more than the limit is refused too: the clocks differ, and how
        old the command is cannot be told.
        """
        age = now_ns - stamp_ns
        if abs(age) > self._limit_ns:
            return False
        self._expires_ns = monotonic_ns + self._limit_ns - max(age, 0)
        return True

    def fresh(self, monotonic_ns: int) -> bool:
        """True while the newest command counts."""
        return self._expires_ns is not None and monotonic_ns <= self._expires_ns

    def expired(self, monotonic_ns: int) -> bool:
        """True once the newest command no longer counts; False where none has come since the last `drop`."""
        return self._expires_ns is not None and not self.fresh(monotonic_ns)

    def drop(self) -> None:
        """Forgets the command: the arm is to rest until a new one comes."""
        self._expires_ns = None
