"""A movej home, started and then watched: asynchronous, since a blocking one may block for minutes."""

from collections.abc import Sequence

from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.arm_link import Reading
from ur5_rl_env.devices.link import Link
from ur5_rl_env.guard import Guard

ARRIVED = 0.01  # [rad] of every joint
REST = 1e-3  # [rad/s] of what the controller commands
STILL = 0.02  # [rad/s] of what it measures, which is never quite still
BRAKES_S = 3.0  # to come to rest after `cancel`
STUCK_S = 1.0  # at rest, but not there
SPARE_S = 30.0  # beyond what the way takes at home_velocity


class Move:
    """The way home, one movej after the other.

    The arm must be at rest and under no other motion when `step` is first called.

    Args:
        link: Link, or an object like it.
        guard: that of the arm: how late a new move may show in the readings, and how slowly the arm may
            brake where its program ends. A move that is planned to brake harder would be past its goal then.
    """

    def __init__(self, link: Link, config: ArmConfig, guard: Guard) -> None:
        self._link, self._config, self._late_steps = link, config, guard.late_steps
        self._acceleration = min(config.home_acceleration, guard.stop_deceleration)
        # Joint angles still to move to; the first is under way once started.
        self._route: list[tuple[float, ...]] | None = None
        self._steps = 0  # since the movej now under way was started; 0: none is
        self._began = self._moved = 0.0  # [s]
        self._limit_s = SPARE_S
        self._cancelled = ''  # why
        self._cancelled_at: float | None = None  # [s] when that was seen first

    @property
    def cancelled(self) -> bool:
        """True once `cancel` was called."""
        return bool(self._cancelled)

    @property
    def has_route(self) -> bool:
        """True once `set_route` was called."""
        return self._route is not None

    def set_route(self, route: Sequence[tuple[float, ...]]) -> None:
        """Takes the joint angles to move to in turn, each (6,) [rad]."""
        self._route = list(route)

    def cancel(self, why: str = 'stopped on the way home') -> None:
        """Brakes; `step` tells why when the arm rests."""
        if self._steps and not self._cancelled:
            self._link.stop_move()
        self._cancelled = self._cancelled or why

    def step(self, reading: Reading, now: float) -> tuple[bool, str] | None:
        """Called once per control step; returns (arrived, text) at the end, None before.

        Args:
            reading: the newest `Reading`.
            now: monotonic time [s].
        """
        assert self._route, 'set_route comes first'
        if self._steps == 0:
            return self._start(self._route[0], reading, now)
        self._link.keep_alive()
        self._steps += 1
        commanded, measured = (max(map(abs, velocities)) for velocities in (reading.target_qd, reading.qd))
        moving = commanded > REST or measured > STILL or self._link.moving()
        if moving or self._steps <= self._late_steps:
            self._moved = now
            if self._cancelled:
                self._cancelled_at = self._cancelled_at or now
                if now - self._cancelled_at > BRAKES_S:
                    return False, f'{self._cancelled}, but it still moves, at {measured:.3f} rad/s'
            if now - self._began > self._limit_s:
                limit, velocity = self._limit_s, self._config.home_velocity
                self.cancel(
                    f'not at home within {limit:.0f} s (home_velocity {velocity} rad/s, '
                    f'{100 * reading.speed_scaling:.0f} % granted); is the speed slider at 100 %? stopped'
                )
            return None
        error = max(abs(a - b) for a, b in zip(reading.q, self._route[0], strict=True))
        if self._cancelled:
            return False, f'{self._cancelled}, {error:.3f} rad before its end'
        if error < ARRIVED:
            self._route.pop(0)
            self._steps = 0
            return None if self._route else (True, f'at home after {now - self._began:.2f} s')
        if now - self._moved > STUCK_S:
            return False, f'at rest {error:.3f} rad from home (limit {ARRIVED}); what is in the way?'
        return None

    def _start(self, goal: tuple[float, ...], reading: Reading, now: float) -> tuple[bool, str] | None:
        if self._cancelled:
            return False, 'stopped before the move began'
        config = self._config
        if not self._link.start_move(goal, config.home_velocity, self._acceleration):
            return False, 'the controller did not take the move'
        self._steps = 1
        self._limit_s += max(abs(a - b) for a, b in zip(reading.q, goal, strict=True)) / config.home_velocity
        self._began, self._moved = self._began or now, now
        return None
