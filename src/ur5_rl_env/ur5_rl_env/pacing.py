"""When the next observation is due (thesis 3.2: an internal timer ensures the action cycle).

Observation k+1 is due at max(t_k + cycle, arrival of action k), where t_k is the planned time of observation
k, not the instant at which a busy machine got round to it: delays do not add up.
"""

REBASE_FRACTION = 0.25
"""An observation later than this share of a cycle moves the schedule: no action lasts far too short."""

STEER_S = 0.001
STEER_BEYOND_FRACTION = 0.1


class Pacer:
    """The schedule of one episode. All times are seconds of one monotonic clock."""

    def __init__(self, cycle_s: float) -> None:
        """Makes a pacer for action cycles of `cycle_s`."""
        self.cycle_s = cycle_s
        self.due: float | None = None
        """Time at which the next observation is to go out; None while its action is awaited."""
        self.tolerance_s = REBASE_FRACTION * cycle_s
        self._plan = 0.0  # of the observation that is due, before any postponement
        self._base = 0.0  # t_k, from which the next plan counts

    @property
    def planned(self) -> float:
        """`due`, where the action that it followed has come."""
        assert self.due is not None, 'no observation is due: its action is awaited'
        return self.due

    def start(self, at: float) -> None:
        """Plans observation 0 for the time `at`."""
        self.due = self._plan = at

    def postpone(self, until: float) -> None:
        """Moves the observation that is due: what it needs was not there in time."""
        self.due = until

    def observed(self, now: float) -> float:
        """Takes note that the observation that was due went out.

        Returns:
            Its lateness [s] against the plan, postponement included.
        """
        due = self.planned
        self._base = now if now - due > self.tolerance_s else due
        self.due = None
        return now - self._plan

    def acted(self, now: float) -> bool:
        """Takes note of the action and plans the next observation. Returns True if the action was late."""
        self._plan = self._base + self.cycle_s
        late = now > self._plan
        self.due = self._plan = max(self._plan, now)
        return late

    def steer(self, beat: float, period_s: float) -> None:
        """Moves what is due by at most a millisecond towards the nearest of `beat` + n * `period_s`.

        For a schedule that a late action has moved against the camera: images would stay old until the end
        of the episode, and now and then miss their observation. Nothing is moved that is near enough.
        """
        due = self.planned
        off = (due - beat + period_s / 2) % period_s - period_s / 2
        if abs(off) > STEER_BEYOND_FRACTION * period_s:
            self.due = self._plan = due - min(max(off, -STEER_S), STEER_S)
