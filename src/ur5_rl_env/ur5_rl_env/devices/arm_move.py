"""A movej home, started and then watched: asynchronous, since a blocking one may block for minutes."""

from ur5_rl_env.devices.arm_config import ArmConfig

ARRIVED = 0.01  # [rad] of every joint
REST = 1e-3  # [rad/s]
STUCK_S = 1.0  # at rest but not there
LONGEST_S = 30.0


class Move:
    """One movej to the home position.

    The arm must be at rest and under no other motion when `step` is first called.

    Args:
        link: ArmLink, or an object like it.
    """

    def __init__(self, link, config: ArmConfig):
        self._link, self._config = link, config
        self._started = None  # [s]
        self._moved = 0.0  # when the arm last moved [s]
        self._cancelled = False

    def cancel(self) -> None:
        """Brakes; `step` tells when the arm rests."""
        if self._started is not None and not self._cancelled:
            self._link.stop_move()
        self._cancelled = True

    def step(self, reading, now: float) -> tuple[bool, str] | None:
        """Called once per control step; returns (arrived, text) at the end, None before.

        Args:
            reading: the newest `Reading`.
            now: monotonic time [s].
        """
        if self._started is None:
            if self._cancelled:
                return False, 'stopped before it began'
            config = self._config
            if not self._link.start_move(config.home, config.home_velocity, config.home_acceleration):
                return False, 'the controller did not take the move'
            self._started = self._moved = now
            return None
        self._link.keep_alive()
        moving = max(map(abs, reading.qd)) > REST
        if moving:
            self._moved = now
        if moving or self._link.moving():
            if now - self._started > LONGEST_S and not self._cancelled:
                self.cancel()
            return None
        error = max(abs(a - b) for a, b in zip(reading.q, self._config.home, strict=True))
        if self._cancelled:
            return False, f'stopped {error:.3f} rad from home'
        if error < ARRIVED:
            return True, f'at home, {now - self._started:.2f} s'
        if now - self._moved > STUCK_S:
            return (
                False,
                f'the arm rests {error:.3f} rad from home (limit {ARRIVED}); what is in its way?',
            )
        return None
