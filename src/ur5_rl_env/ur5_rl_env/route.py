"""The way home: a straight line in joint space, or two where that one would leave the end-effector box."""

from collections.abc import Sequence

from ur5_rl_env.guard import Guard

VIA_OFFSETS = tuple((joint, offset) for offset in (0.2, -0.2, 0.4, -0.4, 0.7, -0.7) for joint in (2, 1, 3))
"""(joint index, [rad]) added to the midpoint of the line: the elbow, then the shoulder, then wrist 1."""


def route(guard: Guard, q: Sequence[float], goal: Sequence[float]) -> list[tuple[float, ...]]:
    """Returns the joint angles to move to in turn, each (6,) [rad], the last one `goal`.

    The box is not convex in joint space: from 7 in 1000 places inside it the straight line to the home
    position rises above it, by up to 36 mm. Nothing is returned where
    no way is found that is inside all bounds: from outside there is none.

    Args:
        guard: knows the bounds.
        q: (6,) joint angles now [rad].
        goal: (6,) joint angles inside the bounds [rad].
    """
    goal = tuple(goal)
    if guard.bounds.line_inside(q, goal):
        return [goal]
    for joint, offset in VIA_OFFSETS:
        via = [(a + b) / 2 for a, b in zip(q, goal, strict=True)]
        via[joint] += offset
        if guard.bounds.line_inside(q, via) and guard.bounds.line_inside(via, goal):
            return [tuple(via), goal]
    return []
