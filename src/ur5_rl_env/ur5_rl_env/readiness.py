"""What keeps the environment from running: silent sensors, an arm that cannot move, absent parts."""

from collections import deque
from collections.abc import Iterable
from enum import IntEnum


class ArmState(IntEnum):
    """The constants STATE_* of ArmStatus.msg (a test compares them)."""

    DISCONNECTED = 0
    READY = 1
    MOVING_HOME = 2
    HOLDING = 3  # at rest: no command yet since a stop or a way home, or none in time; the text says which
    PROTECTIVE_STOP = 4
    EMERGENCY_STOP = 5
    OUT_OF_BOUNDS = 6
    SPEED_REDUCED = 7
    CONTESTED = 8
    WRIST_OUT_OF_BOUNDS = 9


MOVABLE = (ArmState.READY, ArmState.HOLDING, ArmState.OUT_OF_BOUNDS)
"""States in which the arm takes commands. HOLDING ends with the next command, idle or held by the watchdog;
from OUT_OF_BOUNDS the guard drives the arm back, as in the thesis, while the episode goes on. SPEED_REDUCED
is one more where it is not to pause the run."""

PARTNERS = ('actor', 'recorder')
"""Parts of the graph without which no episode begins; the arm goes home without them."""

MAX_PROTECTIVE_STOPS = 10
PROTECTIVE_STOP_WINDOW_S = 600.0
"""So many protective stops within this time end the run (SPEC 7)."""


class Readiness:
    """Keeps when each sensor was last heard and what the arm said of itself. Times are monotonic seconds."""

    def __init__(self, sensor_timeout_s: float, pause_when_slowed: bool = True) -> None:
        """Makes one that calls a sensor silent after `sensor_timeout_s`, and reduced speed a fault or not."""
        self._movable = MOVABLE if pause_when_slowed else (*MOVABLE, ArmState.SPEED_REDUCED)
        self._timeout = sensor_timeout_s
        self._heard: dict[str, float | None] = {'camera': None, 'joint_states': None}
        self._refused: dict[str, str] = {}  # why samples of a sensor have been refused since it was heard
        self._arm: ArmState | None = None
        self._arm_text = ''
        self._stops: deque[float] = deque()
        self._stops_told: int | None = None  # by the driver; None = nothing yet
        self._stands_stopped = False  # the arm's last word was a protective stop; to be away is no word
        self.absent: tuple[str, ...] = ()
        """Parts of the graph that are not there: services, and `PARTNERS`."""

    def heard(self, sensor: str, now: float) -> None:
        """Takes note of a new sample of 'camera' or 'joint_states'."""
        self._heard[sensor] = now
        self._refused.pop(sensor, None)

    def refused(self, sensor: str, why: str) -> None:
        """Takes note of a sample that was not taken: a sensor that gives nothing else counts as silent."""
        self._refused[sensor] = why

    def arm_said(self, state: int, text: str, now: float, stops: int | None = None) -> None:
        """Takes the state of an ArmStatus message, and how many protective stops its driver has counted."""
        self._stops.extend([now] * self._new_stops(state, stops))
        while self._stops and now - self._stops[0] > PROTECTIVE_STOP_WINDOW_S:
            self._stops.popleft()
        known = state in ArmState.__members__.values()
        self._arm = ArmState(state) if known else ArmState.DISCONNECTED
        self._arm_text = text if known else f'state {state} is unknown'

    def _new_stops(self, state: int, stops: int | None) -> int:
        """Returns how many protective stops have come since the driver's word before.

        A driver counts from 0, first the stop that it finds. When those were that it counted before this
        environment heard of it nobody says: they do not count, but for one that stands.
        """
        stopped = state == ArmState.PROTECTIVE_STOP
        if stops is None:
            return int(stopped and self._arm != ArmState.PROTECTIVE_STOP)
        began, before = stopped and not self._stands_stopped, self._stops_told
        if before is None:
            before = stops
        elif stops < before:
            before = int(self._stands_stopped)
        self._stops_told = max(stops, before)
        if state != ArmState.DISCONNECTED:
            self._stands_stopped = stopped
        return min(max(stops - before, int(began)), MAX_PROTECTIVE_STOPS)

    @property
    def moving_home(self) -> bool:
        """True while the arm says that it is on its way home."""
        return self._arm == ArmState.MOVING_HOME

    def end_of_run(self) -> str | None:
        """Returns why the run must end, or None."""
        if self._arm == ArmState.EMERGENCY_STOP:
            return f'emergency stop: {self._arm_text or "release the button and start again"}'
        if len(self._stops) >= MAX_PROTECTIVE_STOPS:
            return (
                f'{len(self._stops)} protective stops within {PROTECTIVE_STOP_WINDOW_S:.0f} s '
                f'(limit {MAX_PROTECTIVE_STOPS}): look for what the arm runs into'
            )
        return None

    def fault(self, now: float, moving_home: bool = False) -> str | None:
        """Returns what breaks a running episode, or None. `moving_home`: that state is in order now."""
        for sensor, heard in self._heard.items():
            why = f': {self._refused[sensor]}' if sensor in self._refused else ''
            if heard is None:
                return f'no {sensor} yet{why}'
            if now - heard > self._timeout:
                return f'{sensor} silent for more than {self._timeout} s{why}'
        if self._arm is None:
            return 'no arm/status yet'
        if self._arm not in self._movable and not (moving_home and self.moving_home):
            name = self._arm.name.lower().replace('_', ' ')
            return f'arm: {name}{": " + self._arm_text if self._arm_text else ""}'
        return None

    def absent_services(self) -> str | None:
        """Returns which services are awaited, or None."""
        return _missing(part for part in self.absent if part not in PARTNERS)

    def absent_partners(self) -> str | None:
        """Returns which of `PARTNERS` are awaited, or None."""
        return _missing(part for part in self.absent if part in PARTNERS)


def _missing(parts: Iterable[str]) -> str | None:
    names = ', '.join(parts)
    return f'no {names} yet' if names else None
