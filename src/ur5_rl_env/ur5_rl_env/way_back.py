"""Ways back for an arm outside its bounds, on which nothing that is inside goes out."""

from collections.abc import Iterator

import numpy as np

from ur5_rl_env.bounds import ACTUATED, Bounds
from ur5_rl_graph.data import JointVector

Limits = tuple[JointVector, JointVector]
"""The lowest and the highest place, two (9,)."""

DEPTH = 4e-3  # [rad, m] inside a bound: where it is brought
DRAWN_IN = 1e-3  # [rad, m] what is nearer to its bound than this is drawn in a little, since ways are bent
PULL = 4.0  # [1/s] velocity for each rad or m that is missing, up to the fastest
DAMPING = 1e-3  # joints that would have to turn far turn less
PROJECTIONS = 60  # onto the limits of one number of a place each
SHARES = (1.0, 0.2)  # of the velocity: a slow one needs less room


def ways_back(
    bounds: Bounds, q: JointVector, place: tuple[float, ...], limits: Limits, fastest: float, horizon: float
) -> Iterator[tuple[np.ndarray, Limits]]:
    """Yields velocities (6,) [rad/s] to try in turn, each with the limits, two (9,), that its way must keep.

    What drives is the sum of squares of what is missing: straight down its slope, or the least turn of the
    joints that mends it all. Where neither can go on without something outside going farther out, that may
    do so, as long as the sum falls. What is inside stays inside in any case.

    Args:
        bounds: of the arm.
        q: (6,) joint angles [rad].
        place: (9,) of them.
        limits: low and high, two (9,), of what is inside; of what is outside, where it is.
        fastest: joint velocity [rad/s].
        horizon: time in which the arm at that velocity comes as far as it may until rest [s].
    """
    missing = np.clip(place, bounds.low + DEPTH, bounds.high - DEPTH) - place
    missing[ACTUATED] = 0.0
    rows = np.vstack([np.eye(6), bounds.tool.jacobian(q)])[:, :ACTUATED]
    below, above = place < bounds.low, place > bounds.high
    inside = ~(below | above)
    drawn = bounds.low + DRAWN_IN, bounds.high - DRAWN_IN
    loose = np.where(below, -np.inf, limits[0]), np.where(above, np.inf, limits[1])
    out = missing != 0.0
    slope, least = missing @ rows, _least_turn(rows[out], missing[out])
    for share in SHARES:
        for wanted, kept in ((slope, limits), (least, limits), (slope, loose)):
            low = np.where(inside, drawn[0], kept[0]) - place
            high = np.where(inside, drawn[1], kept[1]) - place
            size = np.abs(wanted).max() + 1e-12
            turn = _projected(wanted * min(fastest / size, PULL), rows, low / horizon, high / horizon)
            velocity = np.zeros(6)
            velocity[:ACTUATED] = turn * (share * min(1.0, fastest / (np.abs(turn).max() + 1e-12)))
            yield velocity, kept


def _least_turn(rows: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Joint velocities (5,) that change what `rows` (n, 5) stand for by `missing` (n,)."""
    return rows.T @ np.linalg.solve(rows @ rows.T + DAMPING * np.eye(len(rows)), missing)


def _projected(velocity: np.ndarray, rows: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Joint velocities (5,) near the wanted ones with which `rows` (n, 5) change by `low` to `high` (n,)."""
    sizes = np.maximum(np.linalg.norm(rows, axis=1), 1e-9)
    for _ in range(PROJECTIONS):
        rates = rows @ velocity
        over = np.maximum(rates - high, 0.0) + np.minimum(rates - low, 0.0)
        i = int(np.abs(over / sizes).argmax())
        if abs(over[i]) < 1e-5:
            break
        velocity = velocity - rows[i] * (over[i] / sizes[i] ** 2)
    return velocity
