"""Which stamps can be, and when time begins anew because a clock was set."""

from collections import Counter, deque
from enum import Enum, auto

from ur5_rl_env.sensor_config import SensorConfig
from ur5_rl_graph.clock import Clock, offset_ns

JUMP_S = 0.004
"""The clock was set if it moves by more against the monotonic clock, which nobody sets."""
SLEW = 0.01
"""A clock that is only slowed or sped up moves by less than this share of the time that has passed."""

RESTART_AFTER = 5
"""So many samples in a row that grow, but are older than the newest, are right and that one was wrong."""
REMEMBERED = 64  # stamps by which a sample that comes again is known


class Verdict(Enum):
    """What the stamp of a sample makes of it."""

    NEW = auto()
    REPEATED = auto()  # has come before; not used
    REFUSED = auto()  # cannot be; not used
    RESTARTED = auto()  # the sensor's clock was set back: what was here before is of another time


class SetClock:
    """Notices that the system clock was set."""

    def __init__(self, clock: Clock) -> None:
        """Starts with the clocks as they stand."""
        self._clock = clock
        self._looked_at, self._offset_ns = clock.now(), offset_ns(clock)

    def jump_s(self) -> float:
        """Returns by how much it was set since the last call [s], 0 if it was not."""
        now, offset = self._clock.now(), offset_ns(self._clock)
        moved_s, passed_s = 1e-9 * (offset - self._offset_ns), now - self._looked_at
        self._looked_at, self._offset_ns = now, offset
        return moved_s if abs(moved_s) > JUMP_S + SLEW * passed_s else 0.0


class Stamps:
    """Judges the stamps of several sensors, each by its name, against the node's own clock."""

    def __init__(self, config: SensorConfig, clock: Clock) -> None:
        """Takes the limits, and the clock that stamps are compared with."""
        self._config, self._clock = config, clock
        self._set_clock = SetClock(clock)
        self._known: dict[str, deque[int]] = {}  # of each sensor, accepted, oldest first
        self._behind: dict[str, list[int]] = {}  # of each sensor, in a row older than the newest
        self._said: set[str] = set()
        self.counts: Counter[str] = Counter()
        """Samples refused, by kind, such as 'camera stamps ahead'."""
        self.text = ''
        """What was last refused, or why time began anew, in one line."""

    def clock_was_set(self) -> bool:
        """Whether this host's clock was set since the last call; `text` says how."""
        jump_s = self._set_clock.jump_s()
        if jump_s:
            direction = 'forward' if jump_s > 0.0 else 'back'
            self.text = f"this host's clock was set {direction} by {abs(jump_s):.3f} s"
            self._forget()
        return bool(jump_s)

    def judge(self, sensor: str, stamp_ns: int) -> Verdict:
        """Returns what to make of a sample that has just come; `text` explains a refusal."""
        age_s, config = 1e-9 * (self._clock.stamp() - stamp_ns), self._config
        if age_s > config.max_stamp_age_s:
            limit = f'limit {config.max_stamp_age_s:g} s, max_stamp_age_s'
            return self._refuse(sensor, 'old', f'is {age_s:.3f} s old ({limit})')
        if -age_s > config.max_stamp_ahead_s:
            limit = f'limit {config.max_stamp_ahead_s:g} s, max_stamp_ahead_s'
            return self._refuse(sensor, 'ahead', f"is {-age_s:.3f} s ahead of this node's clock ({limit})")
        known = self._known.setdefault(sensor, deque(maxlen=REMEMBERED))
        if not known or stamp_ns > known[-1]:
            self._behind.pop(sensor, None)
            known.append(stamp_ns)
            return Verdict.NEW
        if stamp_ns in known:
            return Verdict.REPEATED
        return self._older(sensor, stamp_ns, known)

    def news(self) -> list[str]:
        """Returns one line where a kind of refusal has come for the first time, else none."""
        new = self.counts.keys() - self._said
        self._said |= new
        return [f'{self.text}; further ones are only counted'] if new else []

    def _forget(self) -> None:
        self._known.clear()
        self._behind.clear()

    def _older(self, sensor: str, stamp_ns: int, known: deque[int]) -> Verdict:
        behind, back_s = self._behind.setdefault(sensor, []), 1e-9 * (known[-1] - stamp_ns)
        if behind and stamp_ns <= behind[-1]:
            behind.clear()
        behind.append(stamp_ns)
        if len(behind) < RESTART_AFTER:
            return self._refuse(sensor, 'out of order', f'is {back_s:.3f} s before that of one already here')
        self.text = f'the stamps of {sensor} went back by {back_s:.3f} s and go on from there'
        self._forget()
        self._known[sensor] = deque([stamp_ns], maxlen=REMEMBERED)
        return Verdict.RESTARTED

    def _refuse(self, sensor: str, kind: str, what: str) -> Verdict:
        self.counts[f'{sensor} stamps {kind}'] += 1
        self.text = f'{sensor} refused: its stamp {what}; are the clocks of sensor and host set alike?'
        return Verdict.REFUSED
