"""The guard: lets a joint velocity through only where the arm stays inside its bounds whatever happens next.

The next command may come late or never: servo process and network may stall or die at any moment. The
controller then goes on with what it has, for `GuardConfig.longest` control steps at most, and brakes. So this
is kept with every command that is let through:

    Whichever of the commands that may be acting acts on (the newest for up to `longest` steps, an older one,
    which late packets leave acting, for up to `late_steps`), then the new one (for 0 to `longest`
    steps), and then the arm brakes, as slowly as it may: it is inside all bounds all the time.

Zero velocity needs no check: it is that braking. With the leading axis limited to a constant deceleration the
joint velocity keeps its direction, so the way to rest is a straight segment in joint space (SPEC section 7).

One place of the arm is plain floats here, and only what may become of it is arrays: a call of numpy costs as
much as all six joints.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ur5_rl_env.bounds import ACTUATED, TOLERANCE, Bounds, between, extent
from ur5_rl_env.reserve import Futures, Reserve, late_steps
from ur5_rl_env.robot_models import MODELS, joints_of_model, robot_model, take_own
from ur5_rl_env.way_back import Limits, ways_back
from ur5_rl_graph.config import check, setting
from ur5_rl_graph.data import JointVector

NOTICE_STEPS = 2  # from a write to the step that takes it up, and from the watchdog's end to braking
MARGIN = 5e-4  # [m, rad] kept inside every bound: more than motion and braking leave unseen between samples
RETURN_DEPTH = 2e-3  # [m, rad] how far inside an arm that was outside is brought back
SLOWEST_RETURN = 1e-3  # [rad/s] slower is no way back
AHEAD = (0.1, 0.5, 1.0)  # shares of the horizon at which the box is looked at
CORRECTIONS = 5  # of a velocity, one face of the box each
MEANT = 100.0  # [rad/s] of a request; no sender means more
SCALES = (1.0, 0.6, 0.3)  # of the velocity along the bounds, tried before braking


@dataclass(frozen=True, kw_only=True)
class GuardConfig:
    """Bounds of the arm and of its velocity."""

    robot_model: str = robot_model()
    joint_low: tuple = joints_of_model('lower joint bounds')
    joint_high: tuple = joints_of_model('upper joint bounds')
    box_low: tuple = setting(
        (-0.4, 0.1, 0.1), 'lower corner of the box of the tool point in base_link [m]', low=-1.5, high=1.5
    )
    box_high: tuple = setting(
        (0.4, 0.8, 0.8), 'upper corner of the box of the tool point in base_link [m]', low=-1.5, high=1.5
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
        'from the flange to the tool point, which the box bounds, in tool0 (z out of the flange) [m]',
        low=-1.0,
        high=1.0,
    )
    control_period_s: float = setting(
        0.0, "of the controller; 0 = the model's own, and no other is taken [s]", low=0.0, high=0.008
    )

    def __post_init__(self) -> None:
        check(self)
        take_own(self, 'joint_low', 'joint_high', 'control_period_s')
        if self.control_period_s != (own := MODELS[self.robot_model].control_period_s):
            raise ValueError(
                f'control_period_s is {self.control_period_s} s, but a {self.robot_model} has {own}; '
                'leave it out'
            )
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

    @property
    def late_steps(self) -> int:
        """Control steps until what was sent shows in the readings, however late these are."""
        return late_steps(self.control_period_s)


class Verdict(NamedTuple):
    """What the guard made of a request."""

    velocity: tuple[float, ...]  # (6,) [rad/s] to execute
    intervened: bool  # differs from the request
    outside: bool  # the arm is outside its bounds and is being brought back


class Guard:
    """Filters joint velocities. Remembers what it let through last, since that may still act."""

    def __init__(self, config: GuardConfig) -> None:
        self.acceleration, self.stop_deceleration = config.acceleration, config.stop_deceleration
        self.servo_watchdog_s = config.servo_watchdog_s
        self.control_period_s, self.late_steps = config.control_period_s, config.late_steps
        self._config = config
        self.bounds = Bounds(config)
        depths = MARGIN, -TOLERANCE, RETURN_DEPTH
        self._kept, self._left, self._back = (_plain(*self.bounds.shrunk(depth)) for depth in depths)
        slowest = min(config.acceleration, config.stop_deceleration)
        self._reserve = Reserve(config.control_period_s, config.longest, config.acceleration, slowest)
        # Any of the last ones may be the one that acts: two in each control step (see the servo).
        self._sent: deque[tuple[float, ...]] = deque([(0.0,) * 6], 2 * config.late_steps)
        self._returning = False

    def filter(self, q: JointVector, qd: JointVector, requested: JointVector) -> Verdict:
        """Returns the admissible velocity nearest in intent to the requested one.

        Args:
            q: (6,) joint angles [rad] that the controller commands now.
            qd: (6,) joint velocities [rad/s] that it commands now.
            requested: (6,) wanted joint velocities [rad/s], finite (see `checked_request`).
        """
        q, qd, requested = _plain(q, qd, requested)
        place = self.bounds.place(q)
        self._returning = not between(place, *(self._back if self._returning else self._left))
        # Who is outside, or in the margin, need not be inside at once, but must not go farther out.
        limits = low, high = tuple(map(min, self._kept[0], place)), tuple(map(max, self._kept[1], place))
        if self._returning and self.bounds.out_of_reach(q):
            return Verdict(self.brake(), any(requested), True)
        room = min(min(b - x, x - a) for x, a, b in zip(place[6:], low[6:], high[6:], strict=True))
        if self._returning:
            velocity = self._way_back(q, qd, place, limits, room)
        else:
            fastest = self._config.max_velocity
            wanted = [min(max(rate, -fastest), fastest) for rate in requested[:ACTUATED]] + [0.0]
            along = self._along_bounds(q, qd, wanted, limits, room)
            velocity = self._admissible(q, qd, along, limits, room)
        self._sent.append(tuple(velocity))
        changed = max(abs(a - b) for a, b in zip(velocity, requested, strict=True))
        return Verdict(self._sent[-1], changed > 1e-9, self._returning)

    def bring_back(self, q: JointVector) -> None:
        """Has `filter` bring the arm at `q` (6,) [rad] well inside where it is beyond a bound by anything.

        Commands may begin within `TOLERANCE` of a bound; a movej, which nothing filters, may not. The joint
        that no command moves is not waited for.
        """
        moved = self.bounds.low[ACTUATED] <= q[ACTUATED] <= self.bounds.high[ACTUATED]
        self._returning = self._returning or bool(moved and self.outside(q))

    def brake(self) -> tuple[float, ...]:
        """Returns zero velocity, which is always admissible, and remembers that it was sent."""
        self._sent.append((0.0,) * 6)
        return self._sent[-1]

    def outside(self, q: JointVector, depth: float = 0.0) -> bool:
        """True if the arm at `q` (6,) [rad] is not at least `depth` [rad, m] inside its bounds."""
        return not self.bounds.inside(self.bounds.place(q), depth)

    def _along_bounds(
        self, q: JointVector, qd: JointVector, wanted: JointVector, limits: Limits, room: float
    ) -> list[float]:
        """Takes from `wanted` what drives towards a near bound, so that the arm slides along it.

        To first order the arm needs the time `horizon` to come to rest: that much way must be left.
        """
        low, high = limits
        horizon = self._reserve.horizon(max(_largest(wanted), _largest(qd)))
        slowest = [min((low[i] - q[i]) / horizon, 0.0) for i in range(6)]
        fastest = [max((high[i] - q[i]) / horizon, 0.0) for i in range(6)]
        velocity = _clipped(wanted, slowest, fastest)
        clear = self.bounds.tool.reach([horizon * abs(rate) for rate in velocity]) < room
        for _ in range(0 if clear else CORRECTIONS):
            ahead, face, over = self._most_beyond(q, [horizon * rate for rate in velocity], limits)
            if over <= 0.0:
                break
            outward = self.bounds.tool.gradient(ahead, face % 3) * (1.0 if face < 3 else -1.0)
            outward[ACTUATED:] = 0.0
            excess = over / horizon  # [m/s]
            velocity = (velocity - outward * (excess / (outward @ outward + 1e-9))).tolist()
            velocity = _clipped(velocity, slowest, fastest)
        largest = _largest(velocity)
        return _scaled(min(1.0, self._config.max_velocity / largest), velocity) if largest > 0.0 else velocity

    def _most_beyond(
        self, q: JointVector, way: JointVector, limits: Limits
    ) -> tuple[list[float], int, float]:
        """Where on a way, (6,) [rad], the tool is farthest beyond the box for the share that is gone.

        Returns:
            The joint angles there, (6,) [rad]; the face: 0 to 2 of x, y, z above, 3 to 5 below; and the way
            beyond it over the share [m], negative inside.
        """
        low, high = limits
        found: tuple[list[float], int, float] | None = None
        for share in AHEAD:
            ahead = [angle + share * turn for angle, turn in zip(q, way, strict=True)]
            x, y, z = self.bounds.tool.position(ahead)
            beyond = (x - high[6], y - high[7], z - high[8], low[6] - x, low[7] - y, low[8] - z)
            farthest = max(beyond)
            if found is None or farthest / share > found[2]:
                found = ahead, beyond.index(farthest), farthest / share
        assert found is not None  # there are shares
        return found

    def _admissible(
        self, q: JointVector, qd: JointVector, velocity: JointVector, limits: Limits, room: float
    ) -> list[float]:
        """Returns the largest tried share of `velocity` that keeps the invariant; zero if none does."""
        sent = tuple(dict.fromkeys(reversed(self._sent)))[::-1]  # each once, the newest last
        states = self._reserve.states(q, qd, sent)
        for scale in SCALES:
            scaled = _scaled(scale, velocity)
            if self._inside(q, self._reserve.futures(states, scaled), limits, room):
                return scaled
        return [0.0] * 6

    def _inside(self, q: JointVector, futures: Futures, limits: Limits, room: float) -> bool:
        """True if braking keeps to the limits all the way, wherever it begins."""
        low, high = limits
        lowest, highest = extent(np.concatenate(futures))
        if not (between(lowest, low[:6], high[:6]) and between(highest, low[:6], high[:6])):
            return False
        turns = [max(b - x, x - a) for x, a, b in zip(q, lowest, highest, strict=True)]
        if self.bounds.tool.reach(turns) < room:
            return True
        return self.bounds.tool_inside(futures.begins, futures.ends, low[6:], high[6:])

    def _way_back(
        self, q: JointVector, qd: JointVector, place: tuple[float, ...], limits: Limits, room: float
    ) -> list[float]:
        """Velocity that brings an arm back inside: first rest, then slowly, and nothing else goes out."""
        fastest = self._config.return_velocity
        if _largest(qd) > 1.05 * fastest:
            return [0.0] * 6
        horizon = self._reserve.horizon(fastest)
        for wanted, kept in ways_back(self.bounds, q, place, limits, fastest, horizon):
            low, high = _plain(*kept)
            velocity = self._admissible(q, qd, wanted.tolist(), (low, high), room)
            if _largest(velocity) > SLOWEST_RETURN:
                return velocity
        return [0.0] * 6


def _plain(*vectors: JointVector) -> list[tuple[float, ...]]:
    """Returns vectors, of numbers of any kind, as tuples of floats."""
    return [tuple(map(float, vector)) for vector in vectors]


def _largest(velocity: JointVector) -> float:
    return max(map(abs, velocity))


def _clipped(velocity: JointVector, slowest: JointVector, fastest: JointVector) -> list[float]:
    return [min(max(rate, a), b) for rate, a, b in zip(velocity, slowest, fastest, strict=True)]


def _scaled(scale: float, velocity: JointVector) -> list[float]:
    return [scale * rate for rate in velocity]


def checked_request(requested: Iterable[float]) -> tuple[float, ...]:
    """Returns a request of six joint velocities [rad/s] as floats.

    Raises:
        ValueError: not six numbers, not finite, or beyond what a sender can have meant.
    """
    values = tuple(float(x) for x in requested)
    if len(values) != 6:
        raise ValueError(f'velocity command holds {len(values)} numbers; send 6, one for each joint')
    if not all(abs(x) <= MEANT for x in values):  # False for NaN too
        raise ValueError(
            f'velocity command is {values} rad/s; every number must be finite and within {MEANT:g}'
        )
    return values
