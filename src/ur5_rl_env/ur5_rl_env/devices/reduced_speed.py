"""Whether the controller gives the arm its full speed: slider on the pendant, trajectory limiter."""

from ur5_rl_env.executed import FULL_SPEED


class ReducedSpeed:
    """Tells a speed below 100 % that lasts from one that passes within an action cycle.

    Args:
        action_cycle_s: what may pass [s].
    """

    def __init__(self, action_cycle_s: float) -> None:
        self._limit_ns = round(action_cycle_s * 1e9)
        self._since_ns: int | None = None  # monotonic; None: full speed
        self.text = ''
        """One line, cause and remedy, while the speed is reduced for longer than that; else ''."""

    def take(self, scaling: float, now_ns: int) -> None:
        """Takes the speed scaling (0 to 1) of one control step."""
        if scaling >= FULL_SPEED:
            self._since_ns, self.text = None, ''
            return
        if self._since_ns is None:
            self._since_ns = now_ns
        if not self.text and now_ns - self._since_ns > self._limit_ns:
            self.text = (
                f'the controller runs at {100 * scaling:.0f} % of its speed; set the speed slider on the '
                'pendant to 100 % (arm/status tells the present value)'
            )

    def forget(self) -> None:
        """The program does not run: the scaling means nothing."""
        self._since_ns, self.text = None, ''
