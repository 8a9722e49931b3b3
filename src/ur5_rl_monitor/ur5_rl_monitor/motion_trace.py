"""Where the tool was in the last seconds, and where the arm driver changed what was asked for."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from ur5_rl_env.tool_point import ToolPoint

STEP_M = 0.002
"""A tool that has moved less is where it was."""
APART_NS = 400_000_000
"""Time between two changes that get arrows of their own."""
COMMANDS = 16
"""So many commands are remembered until the arm driver reports on them."""


class Place(NamedTuple):
    """The tool at one moment."""

    stamp_ns: int
    point: tuple[float, ...]  # (3,) [m] in base_link
    changed: bool  # guard, watchdog or speed scaling had changed the command of that moment


class Change(NamedTuple):
    """A command that the arm driver changed."""

    number: int  # grows with every change
    stamp_ns: int
    point: tuple[float, ...]  # (3,) [m] in base_link
    requested: tuple[float, ...] | None  # velocity of the tool [m/s]; None where the request was not heard
    executed: tuple[float, ...]


class MotionTrace:
    """Takes joint states and commands; keeps what belongs to the last seconds.

    Attributes:
        places: of the tool, oldest first.
        changes: of commands, oldest first.
    """

    def __init__(self, seconds: float, tool: ToolPoint) -> None:
        """Makes an empty one.

        Args:
            seconds: how long something is kept.
            tool: the point that the guard's box bounds.
        """
        self._kept_ns, self._tool = round(seconds * 1e9), tool
        self._requests: deque[tuple[int, tuple[float, ...]]] = deque(maxlen=COMMANDS)
        self._number = 0
        self._forget_all()

    def _forget_all(self) -> None:
        self.places: deque[Place] = deque()
        self.changes: deque[Change] = deque()
        self._q: tuple[float, ...] | None = None
        self._now_ns = 0
        self._changed = False
        self._told = 0  # stamp of the last command that became a change

    def request(self, stamp_ns: int, velocity: Sequence[float]) -> None:
        """Takes a velocity command, (6,) [rad/s], known by its stamp."""
        self._requests.append((stamp_ns, tuple(velocity)))

    def move(self, stamp_ns: int, q: Sequence[float]) -> None:
        """Takes the joint angles of a moment, (6,) [rad]; a clock that has gone back begins anew."""
        if stamp_ns < self._now_ns:
            self._forget_all()
        self._now_ns, self._q = stamp_ns, tuple(q)
        point = tuple(self._tool.position(self._q))
        last = self.places[-1] if self.places else None
        if last is None or last.changed != self._changed or _apart_m(last.point, point) > STEP_M:
            self.places.append(Place(stamp_ns, point, self._changed))
        for kept in (self.places, self.changes):
            while kept and kept[0].stamp_ns < stamp_ns - self._kept_ns:
                kept.popleft()

    def execute(self, command_ns: int, velocity: Sequence[float], changed: bool) -> None:
        """Takes what the arm driver made of the command of that stamp.

        Args:
            command_ns: stamp of the command.
            velocity: what was sent, (6,) [rad/s].
            changed: it is not what was asked for.
        """
        self._changed = changed
        if not changed or self._q is None or command_ns == self._told:
            return
        if self.changes and self._now_ns - self.changes[-1].stamp_ns < APART_NS:
            return
        self._told = command_ns
        requested = next((asked for stamp, asked in reversed(self._requests) if stamp == command_ns), None)
        point = tuple(self._tool.position(self._q))
        sent = self._tool_velocity(self._q, velocity)
        asked = None if requested is None else self._tool_velocity(self._q, requested)
        self.changes.append(Change(self._number, self._now_ns, point, asked, sent))
        self._number += 1

    def _tool_velocity(self, q: Sequence[float], velocity: Sequence[float]) -> tuple[float, ...]:
        return tuple((self._tool.jacobian(q) @ velocity).tolist())


def _apart_m(a: Sequence[float], b: Sequence[float]) -> float:
    """The most that two points differ along an axis."""
    return max(abs(p - q) for p, q in zip(a, b, strict=True))
