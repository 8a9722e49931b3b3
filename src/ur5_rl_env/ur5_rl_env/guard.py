"""The guard: lets a joint velocity through only as far as the arm can still brake before every bound.

Braking with the leading axis limited to a constant deceleration keeps the direction of the joint velocity, so
the way to rest is a straight segment in joint space. The guard keeps one invariant: after the steps that may
pass before the next command acts, that segment lies inside the joint bounds and, sampled, inside the
end-effector box. Zero velocity therefore is always admissible, and whatever stops the commands stops the arm
within its bounds (SPEC section 7; thesis 3.1.1).
"""

from dataclasses import dataclass
from math import radians
from typing import NamedTuple

import numpy as np

from ur5_rl_env import kinematics
from ur5_rl_env.kinematics import A2, A3, D1, D4, D5, D6
from ur5_rl_graph.config import check, setting
from ur5_rl_graph.data import JOINT_NAMES

ACTUATED = 5
_SUMS = np.zeros((6, 5))  # of joint angles: q1, q2, q2 + q3, q2 + q3 + q4, q5
_SUMS[[0, 1, 1, 2, 1, 2, 3, 4], [0, 1, 2, 2, 3, 3, 3, 4]] = 1.0
_ARM = np.array([0.0, A2, A3, 0.0, 0.0])  # the links along those angles
LATENCY_STEPS = 1  # the controller goes on with the previous command until its next step
STALL_S = 0.1  # a command may act for so long where the next one comes late (a starved process)
MARGIN = 5e-4  # [m, rad] kept inside every bound: rounding, sampling of the braking path
TOLERANCE = 1e-3  # [m, rad] beyond a bound that does not yet count as outside
RETURN_DEPTH = 2e-3  # [m, rad] how far inside an arm that was outside is brought back
SAMPLE_TIMES = np.array([0.008, 0.016, 0.024, 0.05, 0.075, STALL_S])[:, None]  # [s] of the command's motion
BRAKE_SAMPLES = np.array([0.25, 0.5, 0.75])[:, None]  # of the last braking segment
LINE_SAMPLES = np.linspace(0.0, 1.0, 50)[:, None]  # of a longer move
AHEAD = np.array([[0.1], [0.5], [1.0]])  # shares of that time at which the box is looked at
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
        (-0.4, 0.1, 0.1), 'lower corner of the flange box in base [m]', low=-1.5, high=1.5
    )
    box_high: tuple = setting(
        (0.4, 0.8, 0.8), 'upper corner of the flange box in base [m]', low=-1.5, high=1.5
    )
    max_velocity: float = setting(0.7, 'largest joint velocity [rad/s]', low=0.01, high=1.5)
    acceleration: float = setting(1.4, 'acceleration of the leading axis [rad/s^2]', low=0.1, high=5.0)
    return_velocity: float = setting(
        0.1,
        'largest joint velocity while an arm outside its bounds is brought back [rad/s]',
        low=0.01,
        high=0.2,
    )
    control_period_s: float = setting(0.008, 'control period [s]', low=0.002, high=0.008)

    def __post_init__(self):
        check(self)
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


class Verdict(NamedTuple):
    """What the guard made of a request."""

    velocity: tuple  # (6,) [rad/s] to execute
    intervened: bool  # differs from the request
    outside: bool  # the arm is outside its bounds and is being brought back


class Guard:
    """Filters joint velocities. Remembers only what it let through last, which still acts for a step."""

    def __init__(self, config: GuardConfig):
        self.acceleration = config.acceleration
        self._config = config
        self._low = np.array(config.joint_low)
        self._high = np.array(config.joint_high)
        self._box_low = np.array(config.box_low)
        self._box_high = np.array(config.box_high)
        self._sent = np.zeros(6)
        self._returning = False

    def filter(self, q, qd, requested) -> Verdict:
        """Returns the admissible velocity nearest in intent to the requested one.

        Args:
            q: (6,) joint angles [rad] that the controller commands now.
            qd: (6,) joint velocities [rad/s] that it commands now.
            requested: (6,) wanted joint velocities [rad/s], finite (see `checked_request`).
        """
        q, qd, requested = (np.asarray(x, float) for x in (q, qd, requested))
        self._returning = self.outside(q, RETURN_DEPTH if self._returning else -TOLERANCE)
        if self._returning:
            self._sent = self._way_back(q, qd)
        else:
            limit = self._config.max_velocity
            wanted = np.clip(requested, -limit, limit)
            wanted[ACTUATED:] = 0.0
            self._sent = self._admissible(q, qd, self._along_bounds(q, qd, wanted))
        return Verdict(
            tuple(self._sent.tolist()), bool(np.abs(self._sent - requested).max() > 1e-9), self._returning
        )

    def brake(self) -> tuple:
        """Returns zero velocity, which is always admissible, and remembers that it was sent."""
        self._sent = np.zeros(6)
        return (0.0,) * 6

    def outside(self, q, depth: float = 0.0) -> bool:
        """True if the arm at `q` (6,) [rad] is not at least `depth` [rad, m] inside its bounds."""
        q = np.asarray(q, float)
        return not (
            _within(q, self._low + depth, self._high - depth)
            and _within(kinematics.flange_position(q), self._box_low + depth, self._box_high - depth)
        )

    def line_inside(self, a, b) -> bool:
        """True if the straight line in joint space between `a` and `b`, (6,) [rad], is inside all bounds."""
        a, b = np.asarray(a, float), np.asarray(b, float)
        q = a + LINE_SAMPLES * (b - a)
        return _within(q, self._low, self._high) and _within(
            flange_positions(q), self._box_low, self._box_high
        )

    def passed_bound(self, q) -> str:
        """Names the joint or flange coordinate farthest beyond its bound at `q` (6,) [rad]; '' if none is."""
        values = np.concatenate([q, kinematics.flange_position(q)])
        low = np.concatenate([self._low, self._box_low])
        over = np.maximum(low - values, values - np.concatenate([self._high, self._box_high]))
        i = int(over.argmax())
        return (*JOINT_NAMES, 'flange x', 'flange y', 'flange z')[i] if over[i] > 0.0 else ''

    def _along_bounds(self, q, qd, wanted):
        """Takes from `wanted` what drives towards a near bound, so that the arm slides along it.

        To first order the arm needs the time `horizon` to come to rest: that much way must be left.
        """
        config = self._config
        peak = max(np.abs(wanted).max(), np.abs(qd).max())
        horizon = LATENCY_STEPS * config.control_period_s + STALL_S + peak / (2 * config.acceleration)
        slowest = np.minimum((self._low + MARGIN - q) / horizon, 0.0)
        fastest = np.maximum((self._high - MARGIN - q) / horizon, 0.0)
        velocity = np.clip(wanted, slowest, fastest)
        for _ in range(CORRECTIONS):
            way = AHEAD * (horizon * velocity)
            flange = flange_positions(q + way)
            # Way beyond a face, per share of the horizon in which it is gone.
            over = np.concatenate([flange - self._box_high, self._box_low - flange], axis=1) + MARGIN
            ahead, face = np.unravel_index((over / AHEAD).argmax(), over.shape)
            if over[ahead, face] <= 0.0:
                break
            outward = kinematics.jacobian(q + way[ahead])[face % 3] * (1.0 if face < 3 else -1.0)
            outward[ACTUATED:] = 0.0
            excess = over[ahead, face] / (AHEAD[ahead, 0] * horizon)  # [m/s]
            velocity = velocity - outward * (excess / (outward @ outward + 1e-9))
            velocity = np.clip(velocity, slowest, fastest)
        largest = np.abs(velocity).max()
        return velocity * min(1.0, config.max_velocity / largest) if largest > 0.0 else velocity

    def _admissible(self, q, qd, velocity):
        """Returns the largest tried share of `velocity` that keeps the invariant; zero if none does."""
        for scale in SCALES:
            if self._can_brake(q, qd, scale * velocity):
                return scale * velocity
        return np.zeros(6)

    def _can_brake(self, q, qd, velocity):
        """The invariant: whenever the next command comes, the way to rest stays inside all bounds."""
        config = self._config
        acceleration = config.acceleration
        period = np.array([[LATENCY_STEPS * config.control_period_s]])
        q, qd = _motion(q, qd, self._sent, acceleration, period)
        q, qd = _motion(q[0], qd[0], velocity, acceleration, SAMPLE_TIMES)
        ends = q + qd * (np.abs(qd).max(axis=1, keepdims=True) / (2 * acceleration))
        if not _within(np.concatenate([q, ends]), self._low + MARGIN, self._high - MARGIN):
            return False
        braking = q[-1] + BRAKE_SAMPLES * (ends[-1] - q[-1])
        flange = flange_positions(np.concatenate([q, ends, braking]))
        return _within(flange, self._box_low + MARGIN, self._box_high - MARGIN)

    def _way_back(self, q, qd):
        """Velocity that brings an arm back inside: first rest, then slowly straight at the bounds."""
        limit = self._config.return_velocity
        if np.abs(qd).max() > 1.05 * limit:
            return np.zeros(6)
        depth = 2 * RETURN_DEPTH
        low, high = self._low + depth, self._high - depth
        velocity = np.clip(q, low, high) - q
        velocity[ACTUATED:] = 0.0
        flange = np.array(kinematics.flange_position(q))
        short = np.clip(flange, self._box_low + depth, self._box_high - depth) - flange
        back = kinematics.jacobian(q)[:3, :ACTUATED].T @ short
        size = np.abs(back).max()
        if size > 0.0:
            velocity[:ACTUATED] += back * (np.abs(short).max() / size)
        velocity[(q >= high) & (velocity > 0.0)] = 0.0
        velocity[(q <= low) & (velocity < 0.0)] = 0.0
        size = np.abs(velocity).max()
        return velocity * (min(limit, 4.0 * size) / size) if size > 0.0 else velocity


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


def flange_positions(q):
    """Flange positions in `base`, (n, 3) [m], for joint angles (n, 6) [rad]: `kinematics`, vectorised."""
    angles = q @ _SUMS
    sine, cosine = np.sin(angles), np.cos(angles)
    s1, _, _, s234, s5 = sine.T
    c1, _, _, c234, c5 = cosine.T
    reach = cosine @ _ARM + D5 * s234 - D6 * c234 * s5
    across = D4 + D6 * c5
    position = np.empty((len(angles), 3))
    position[:, 0] = -c1 * reach - s1 * across
    position[:, 1] = c1 * across - s1 * reach
    position[:, 2] = D1 + sine @ _ARM - D5 * c234 - D6 * s234 * s5
    return position


def _motion(q, qd, target, acceleration, times):
    """Joint angles and velocities, each (n, 6), at `times` (n, 1) [s] after speedj(target) at (q, qd)."""
    change = target - qd
    ramp = np.abs(change).max() / acceleration  # the leading axis sets the pace of all
    if ramp == 0.0:
        return q + times * qd, np.broadcast_to(qd, (len(times), 6))
    ramping = np.minimum(times, ramp)
    velocity = qd + change * (ramping / ramp)
    return q + ramping * (qd + velocity) / 2 + (times - ramping) * velocity, velocity


def _within(values, low, high) -> bool:
    return bool(((values >= low) & (values <= high)).all())
