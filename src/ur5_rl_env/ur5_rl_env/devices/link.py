"""What the servo needs of a connection to a controller; `ArmLink` is the one to a real or simulated arm."""

from collections.abc import Sequence
from typing import Protocol


class Link(Protocol):
    """A connection; see `ArmLink` for what its methods do."""

    @property
    def has_program(self) -> bool:
        """Whether the controller runs our program."""

    def start_program(self) -> None:
        """Has the controller run it."""

    def begin_speed(self, watchdog_s: float) -> None:
        """Prepares a speed motion."""

    def speed(self, velocity: Sequence[float], acceleration: float) -> None:
        """Moves at joint velocities (6,) [rad/s]."""

    def keep_alive(self) -> None:
        """Gives a sign of life."""

    def end_speed(self) -> None:
        """Ends the speed motion."""

    def start_move(self, q: tuple[float, ...], velocity: float, acceleration: float) -> bool:
        """Starts a movej to (6,) [rad]."""

    def stop_move(self) -> None:
        """Brakes it."""

    def moving(self) -> bool:
        """Whether it goes on."""

    def unlock(self) -> None:
        """Releases a protective stop."""
