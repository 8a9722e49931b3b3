"""The guard: lets a joint velocity through only where the arm stays inside its bounds whatever happens next.

The next command may come late or never: servo process and network may stall or die at any moment. The
controller then goes on with what it has, for `GuardConfig.longest` control steps at most, and brakes. So this
is kept with every command that is let through:

    Whichever of the commands that may be acting acts on (the newest for up to `longest` steps, an older one,
    which late packets leave acting, for up to `reserve.LATE_STEPS`), then the new one (for 0 to `longest`
    steps), and then the arm brakes, as slowly as it may: it is inside all bounds all the time.

Zero velocity needs no check: it is that braking. With the leading axis limited to a constant deceleration the
joint velocity keeps its direction, so the way to rest is a straight segment in joint space (SPEC section 7).
"""

from collections import deque
from dataclasses import dataclass
from math import ceil, radians, sqrt
from typing import NamedTuple

import numpy as np

from ur5_rl_env.reserve import Reserve
from ur5_rl_env.tool_point import ToolPoint
from ur5_rl_graph.config import check, setting
from ur5_rl_graph.data import JOINT_NAMES

ACTUATED = 5
NOTICE_STEPS = 2  # from a write to the step that takes it up, and from the watchdog's end to braking
IN_FLIGHT = 6  # commands sent last, any of which may be the one that acts: two a cycle, three cycles
UNSEEN = 2e-4  # [m] that the tool may be farther out on its way than at the places looked at
MARGIN = 5e-4  # [m, rad] kept inside every bound: more than motion and braking leave unseen between samples
TOLERANCE = 1e-3  # [m, rad] beyond a bound that does not yet count as outside
RETURN_DEPTH = 2e-3  # [m, rad] how far inside an arm that was outside is brought back
LINE_SAMPLES = np.linspace(0.0, 1.0, 50)[:, None]  # of a longer move
AHEAD = np.array([[0.1], [0.5], [1.0]])  # shares of the horizon at which the box is looked at
CORRECTIONS = 5  # of a velocity, one face of the box each
SCALES = (1.0, 0.6, 0.3)  # of the velocity along the bounds, tried before braking


@dataclass(frozen=True, kw_only=True)
class GuardConfig:
    """Bounds of the arm and of its velocity."""

    joint_low: tuple = setting(
        tuple(radians(d) for d in (55, -120, 0, -215, -135, 50)), 'lower joint bounds [rad]', low=-7, high=7
    )
    joint_high: tuple = setting(
        tuple(radians(d) for d in (125, -30, 135, -135, -45, 190)), 'upper joint bounds [rad]', low=-7, high=7
    )
    box_low: tuple = setting(
        (-0.4, 0.1, 0.1), 'lower corner of the box of the tool point in base [m]', low=-1.5, high=1.5
    )
    box_high: tuple = setting(
        (0.4, 0.8, 0.8), 'upper corner of the box of the tool point in base [m]', low=-1.5, high=1.5
    )
    max_velocity: float = setting(0.7, 'largest joint velocity [rad/s]', low=0.01, high=1.5)
    acceleration: float = setting(1.4, 'acceleration of the leading axis [rad/s^2]', low=0.1, high=5.0)
    return_velocity: float = setting(
        0.1,
        'largest joint velocity while an arm outside its bounds is brought back [rad/s]',
        low=0.01,
        high=0.2,
    )
    stop_deceleration: float = setting(
        1.4,
        'slowest deceleration of the leading axis when the controller ends our program [rad/s^2]',
        low=0.1,
        high=40.0,
    )
    servo_watchdog_s: float = setting(
        0.04,
        'in a speed motion, without a word of the servo for longer the controller ends our program [s]',
        low=0.016,
        high=0.2,
    )
    tool_offset: tuple = setting(
        (0.0, 0.0, 0.0),
        'from the flange to the tool point, which the box bounds, in the flange frame [m]',
        low=-1.0,
        high=1.0,
    )
    control_period_s: float = setting(0.008, 'control period [s]', low=0.002, high=0.008)

    def __post_init__(self):
        check(self)
        if len(self.tool_offset) != 3:
            raise ValueError(f'tool_offset holds {len(self.tool_offset)} numbers; give 3 [m]')
        for name, size in (('joint', 6), ('box', 3)):
            low, high = getattr(self, f'{name}_low'), getattr(self, f'{name}_high')
            if len(low) != size or len(high) != size:
                raise ValueError(
                    f'{name}_low and {name}_high hold {len(low)} and {len(high)} numbers; give {size}'
                )
            if not all(b - a > 0.02 for a, b in zip(low, high, strict=True)):
                raise ValueError(
                    f'{name}_low is {low} and {name}_high {high}; each low must be below its high'
                )

    @property
    def longest(self) -> int:
        """Control steps that a command may act, until the next one acts or the arm brakes.

        The controller takes it up at its next step; when it has seen no other for the watchdog's time, it
        brakes from the step after that on.
        """
        return int(self.servo_watchdog_s / self.control_period_s + 1e-6) + NOTICE_STEPS


class Verdict(NamedTuple):
    """What the guard made of a request."""

    velocity: tuple  # (6,) [rad/s] to execute
    intervened: bool  # differs from the request
    outside: bool  # the arm is outside its bounds and is being brought back


class Guard:
    """Filters joint velocities. Remembers what it let through last, since that may still act."""

    def __init__(self, config: GuardConfig):
        self.acceleration = config.acceleration
        self.servo_watchdog_s = config.servo_watchdog_s
        self._config = config
        self._tool = ToolPoint(config.tool_offset)
        self._low = np.array([*config.joint_low, *config.box_low])  # of joints and tool point, (9,)
        self._high = np.array([*config.joint_high, *config.box_high])
        slowest = min(config.acceleration, config.stop_deceleration)
        self._reserve = Reserve(config.control_period_s, config.longest, config.acceleration, slowest)
        self._sent = deque([(0.0,) * 6], IN_FLIGHT)
        self._returning = False

    def filter(self, q, qd, requested) -> Verdict:
        """Returns the admissible velocity nearest in intent to the requested one.

        Args:
            q: (6,) joint angles [rad] that the controller commands now.
            qd: (6,) joint velocities [rad/s] that it commands now.
            requested: (6,) wanted joint velocities [rad/s], finite (see `checked_request`).
        """
        q, qd, requested = (np.asarray(x, float) for x in (q, qd, requested))
        place = self._place(q)
        self._returning = self._beyond(place, RETURN_DEPTH if self._returning else -TOLERANCE)
        # Who is outside, or in the margin, need not be inside at once, but must not go farther out.
        bounds = np.minimum(self._low + MARGIN, place), np.maximum(self._high - MARGIN, place)
        room = min(np.minimum(bounds[1] - place, place - bounds[0])[6:].tolist())
        if self._returning:
            velocity = self._way_back(q, qd, place, bounds)
        else:
            limit = self._config.max_velocity
            wanted = np.clip(requested, -limit, limit)
            wanted[ACTUATED:] = 0.0
            along = self._along_bounds(q, qd, wanted, bounds, room)
            velocity = self._admissible(q, qd, along, bounds, room)
        self._sent.append(tuple(velocity.tolist()))
        return Verdict(self._sent[-1], bool(np.abs(velocity - requested).max() > 1e-9), self._returning)

    def brake(self) -> tuple:
        """Returns zero velocity, which is always admissible, and remembers that it was sent."""
        self._sent.append((0.0,) * 6)
        return self._sent[-1]

    def outside(self, q, depth: float = 0.0) -> bool:
        """True if the arm at `q` (6,) [rad] is not at least `depth` [rad, m] inside its bounds."""
        return self._beyond(self._place(q), depth)

    def line_inside(self, a, b) -> bool:
        """True if the straight line in joint space between `a` and `b`, (6,) [rad], is inside all bounds."""
        a, b = np.asarray(a, float), np.asarray(b, float)
        q = a + LINE_SAMPLES * (b - a)
        return _within(np.hstack([q, self._tool.positions(q)]), self._low, self._high)

    def passed_bound(self, q) -> str:
        """Names the joint or flange coordinate farthest beyond its bound at `q` (6,) [rad]; '' if none is."""
        place = self._place(q)
        over = np.maximum(self._low - place, place - self._high)
        i = int(over.argmax())
        return (*JOINT_NAMES, 'flange x', 'flange y', 'flange z')[i] if over[i] > 0.0 else ''

    def _place(self, q):
        """Joint angles and tool point, (9,) [rad, m]: what the bounds are for."""
        return np.array([*q, *self._tool.position(q)])

    def _beyond(self, place, depth):
        return not _within(place, self._low + depth, self._high - depth)

    def _along_bounds(self, q, qd, wanted, bounds, room):
        """Takes from `wanted` what drives towards a near bound, so that the arm slides along it.

        To first order the arm needs the time `horizon` to come to rest: that much way must be left.
        """
        low, high = bounds
        horizon = self._reserve.horizon(max(np.abs(wanted).max(), np.abs(qd).max()))
        slowest = np.minimum((low[:6] - q) / horizon, 0.0)
        fastest = np.maximum((high[:6] - q) / horizon, 0.0)
        velocity = np.minimum(np.maximum(wanted, slowest), fastest)
        clear = self._tool.reach((horizon * np.abs(velocity)).tolist()) < room
        for _ in range(0 if clear else CORRECTIONS):
            way = AHEAD * (horizon * velocity)
            tool = self._tool.positions(q + way)
            # Way beyond a face, per share of the horizon in which it is gone.
            over = np.concatenate([tool - high[6:], low[6:] - tool], axis=1)
            ahead, face = np.unravel_index((over / AHEAD).argmax(), over.shape)
            if over[ahead, face] <= 0.0:
                break
            outward = self._tool.jacobian(q + way[ahead])[face % 3] * (1.0 if face < 3 else -1.0)
            outward[ACTUATED:] = 0.0
            excess = over[ahead, face] / (AHEAD[ahead, 0] * horizon)  # [m/s]
            velocity = velocity - outward * (excess / (outward @ outward + 1e-9))
            velocity = np.minimum(np.maximum(velocity, slowest), fastest)
        largest = np.abs(velocity).max()
        return velocity * min(1.0, self._config.max_velocity / largest) if largest > 0.0 else velocity

    def _admissible(self, q, qd, velocity, bounds, room):
        """Returns the largest tried share of `velocity` that keeps the invariant; zero if none does."""
        sent = tuple(dict.fromkeys(self._sent))
        for scale in SCALES:
            if self._inside(q, self._reserve.futures(q, qd, sent, scale * velocity), bounds, room):
                return scale * velocity
        return np.zeros(6)

    def _inside(self, q, futures, bounds, room):
        """True if braking keeps to the bounds all the way, wherever it begins."""
        low, high = bounds
        joints = np.concatenate(futures)
        if not _within(joints, low[:6], high[:6]):
            return False
        if self._tool.reach(np.abs(joints - q).max(axis=0).tolist()) < room:
            return True
        places = self._tool.positions(joints)
        bend = self._tool.bend(np.abs(futures.ends - futures.begins).max(axis=0).tolist())
        if _within(places, low[6:] + bend, high[6:] - bend):
            return True  # also between the ends of each way, however it is bent
        if not _within(places, low[6:], high[6:]):
            return False
        parts = ceil(sqrt(bend / UNSEEN))
        shares = np.arange(1, parts)[:, None, None] / parts
        between = futures.begins + shares * (futures.ends - futures.begins)
        return _within(self._tool.positions(between.reshape(-1, 6)), low[6:], high[6:])

    def _way_back(self, q, qd, place, bounds):
        """Velocity that brings an arm back inside: first rest, then slowly straight at the bounds."""
        limit = self._config.return_velocity
        if np.abs(qd).max() > 1.05 * limit:
            return np.zeros(6)
        depth = 2 * RETURN_DEPTH
        low, high = self._low[:6] + depth, self._high[:6] - depth
        velocity = np.clip(q, low, high) - q
        velocity[ACTUATED:] = 0.0
        short = np.clip(place[6:], self._low[6:] + depth, self._high[6:] - depth) - place[6:]
        back = self._tool.jacobian(q)[:, :ACTUATED].T @ short
        size = np.abs(back).max()
        if size > 0.0:
            velocity[:ACTUATED] += back * (np.abs(short).max() / size)
        velocity[(q >= high) & (velocity > 0.0)] = 0.0
        velocity[(q <= low) & (velocity < 0.0)] = 0.0
        size = np.abs(velocity).max()
        return velocity * (min(limit, 4.0 * size) / size) if size > 0.0 else velocity


def _within(values, low, high) -> bool:
    return bool(((values >= low) & (values <= high)).all())


def checked_request(requested, limit: float = 100.0) -> tuple:
    """Returns a request of six joint velocities [rad/s] as floats.

    Raises:
        ValueError: not six numbers, not finite, or beyond `limit` [rad/s], which no sender can have meant.
    """
    values = tuple(float(x) for x in requested)
    if len(values) != 6:
        raise ValueError(f'velocity command holds {len(values)} numbers; send 6, one for each joint')
    if not all(abs(x) <= limit for x in values):  # False for NaN too
        raise ValueError(
            f'velocity command is {values} rad/s; every number must be finite and within {limit:g}'
        )
    return values
