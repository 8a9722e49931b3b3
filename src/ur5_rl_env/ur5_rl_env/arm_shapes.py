"""What the arm looks like: housings and tubes as plain cylinders, for the simulated cell and for the URDF.

A link is what one joint turns. Its shapes are in the frame of that joint: Denavit-Hartenberg frame i-1
turned by q_i, so that z is the joint's axis. Lengths are the model's; offsets are by eye, from the UR5's
outline, for all models: only the looks depend on them.
"""

from typing import NamedTuple

from ur5_rl_env.robot_models import RobotModel

COLOURS = {
    'tube': (0.72, 0.74, 0.76),
    'cap': (0.36, 0.60, 0.78),
    'steel': (0.30, 0.32, 0.34),
    'bezel': (0.05, 0.05, 0.06),
    'screen': (0.93, 0.93, 0.93),
}
"""Red, green and blue, 0 to 1."""


class Rod(NamedTuple):
    """A cylinder between two points of a frame [m]."""

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    radius: float
    colour: str = 'tube'


class Box(NamedTuple):
    """A box along the axes of a frame [m]."""

    centre: tuple[float, float, float]
    size: tuple[float, float, float]
    colour: str


def _housing(x: float, low: float, high: float, radius: float) -> tuple[Rod, Rod]:
    """A joint housing along z at `x`: tube-coloured, with the blue cap at its upper end."""
    cap = 0.012
    return (
        Rod((x, 0, low), (x, 0, high), radius),
        Rod((x, 0, high), (x, 0, high + cap), 0.97 * radius, 'cap'),
    )


# The arm's tubes run beside the joint axes; offsets along the axis of shoulder lift and elbow [m].
_UPPER_ARM, _FOREARM = 0.135, 0.017


def links(m: RobotModel) -> tuple[tuple[Rod, ...], ...]:
    """Returns the shapes of the six links, each in the frame of its joint."""
    return (
        # shoulder pan: upright housing on the base, and the sideways one that carries the upper arm
        (Rod((0, 0, 0.0), (0, 0, m.d1 + 0.055), 0.060), Rod((0, 0.075, m.d1), (0, -0.065, m.d1), 0.059)),
        # shoulder lift: housing beside the shoulder, upper arm
        (
            *_housing(0.0, 0.068, 0.195, 0.059),
            Rod((0, 0, _UPPER_ARM), (m.a2, 0, _UPPER_ARM), 0.042),
            *_housing(m.a2, 0.080, 0.190, 0.050),
        ),
        # elbow: housing on the other side of the upper arm, forearm
        (
            Rod((0, 0, -0.032), (0, 0, 0.078), 0.050),
            Rod((0, 0, -0.044), (0, 0, -0.032), 0.049, 'cap'),
            Rod((0, 0, _FOREARM), (m.a3, 0, _FOREARM), 0.036),
            Rod((m.a3, 0, -0.040), (m.a3, 0, 0.062), 0.041),
        ),
        # wrist 1
        (
            Rod((0, 0, 0.064), (0, 0, m.d4 + 0.045), 0.040),
            Rod((0, 0, m.d4 + 0.045), (0, 0, m.d4 + 0.055), 0.039, 'cap'),
            Rod((0, 0, m.d4), (0, -0.052, m.d4), 0.040),
        ),
        # wrist 2
        (
            Rod((0, 0, 0.054), (0, 0, m.d5 + 0.045), 0.040),
            Rod((0, 0, m.d5 + 0.045), (0, 0, m.d5 + 0.055), 0.039, 'cap'),
            Rod((0, 0, m.d5), (0, 0.04, m.d5), 0.039),
        ),
        # wrist 3: the flange, ending just behind the lens
        (Rod((0, 0, 0.042), (0, 0, m.d6 - 0.004), 0.036, 'steel'),),
    )


def camera(model: RobotModel) -> tuple[Box, Rod]:
    """Returns the camera and its lens, in the frame of the last joint."""
    z = model.d6
    return (
        Box((0, 0, z + 0.010), (0.090, 0.028, 0.024), 'bezel'),
        Rod((0, 0, z + 0.02), (0, 0, z + 0.03), 0.009, 'steel'),
    )
