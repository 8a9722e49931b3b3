"""The UR5 as MJCF bodies: exact Denavit-Hartenberg chain, housings and tubes as plain cylinders.

Body i carries everything that joint i turns. Its frame is the Denavit-Hartenberg frame i-1 turned by q_i, so
the hinge is always z and the next frame lies at (a_i, 0, d_i), turned by alpha_i about x.
"""

from ur5_rl_env.kinematics import A2, A3, D1, D4, D5, D6, DH_A, DH_ALPHA, DH_D
from ur5_rl_graph.data import JOINT_NAMES

# The arm's tubes run beside the joint axes; offsets along the axis of shoulder lift and elbow [m], by eye
# from the UR5's outline. Only the looks depend on them.
_UPPER_ARM, _FOREARM = 0.135, 0.017


def arm_xml() -> str:
    """Returns the <body> of the arm, base frame `base`, with the camera `wrist` and the site `flange`."""
    nested = _TOOL
    for i in reversed(range(6)):
        pose = _pose(i - 1) if i else 'quat="0 0 0 1"'  # the controller's base is turned by pi about z
        parts = f'<joint type="hinge" axis="0 0 1"/>{_LOOKS[i]}{nested}'
        nested = f'<body name="{JOINT_NAMES[i]}" {pose}>{parts}</body>\n'
    return nested


def _pose(i: int) -> str:
    """Pose of Denavit-Hartenberg frame i in the body before it."""
    return f'pos="{DH_A[i]} 0 {DH_D[i]}" euler="{DH_ALPHA[i]!r} 0 0"'


def _rod(start: tuple, end: tuple, radius: float, material: str = 'tube', group: int = 0) -> str:
    """A cylinder between two points of the body's frame [m]; massless, collisions off."""
    ends = ' '.join(str(value) for value in (*start, *end))
    return (
        f'<geom type="cylinder" fromto="{ends}" size="{radius}" material="{material}" group="{group}" '
        'contype="0" conaffinity="0" mass="0.1"/>'
    )


def _housing(x: float, low: float, high: float, radius: float) -> str:
    """A joint housing along z at `x`: tube-coloured, with the blue cap at its upper end."""
    cap = 0.012
    return _rod((x, 0, low), (x, 0, high), radius) + _rod(
        (x, 0, high), (x, 0, high + cap), 0.97 * radius, 'cap'
    )


_LOOKS = (
    # shoulder pan: upright housing on the base, and the sideways one that carries the upper arm
    _rod((0, 0, 0.0), (0, 0, D1 + 0.055), 0.060) + _rod((0, 0.075, D1), (0, -0.065, D1), 0.059),
    # shoulder lift: housing beside the shoulder, upper arm
    _housing(0.0, 0.068, 0.195, 0.059)
    + _rod((0, 0, _UPPER_ARM), (A2, 0, _UPPER_ARM), 0.042)
    + _housing(A2, 0.080, 0.190, 0.050),
    # elbow: housing on the other side of the upper arm, forearm
    _rod((0, 0, -0.032), (0, 0, 0.078), 0.050)
    + _rod((0, 0, -0.044), (0, 0, -0.032), 0.049, 'cap')
    + _rod((0, 0, _FOREARM), (A3, 0, _FOREARM), 0.036)
    + _rod((A3, 0, -0.040), (A3, 0, 0.062), 0.041),
    # wrist 1
    _rod((0, 0, 0.064), (0, 0, D4 + 0.045), 0.040)
    + _rod((0, 0, D4 + 0.045), (0, 0, D4 + 0.055), 0.039, 'cap')
    + _rod((0, 0, D4), (0, -0.052, D4), 0.040),
    # wrist 2
    _rod((0, 0, 0.054), (0, 0, D5 + 0.045), 0.040)
    + _rod((0, 0, D5 + 0.045), (0, 0, D5 + 0.055), 0.039, 'cap')
    + _rod((0, 0, D5), (0, 0.04, D5), 0.039),
    # wrist 3: the flange, ending just behind the lens
    _rod((0, 0, 0.042), (0, 0, D6 - 0.004), 0.036, 'steel'),
)

_TOOL = f"""
<site name="flange" pos="0 0 {D6}"/>
<camera name="wrist" pos="0 0 {D6}" xyaxes="-1 0 0 0 1 0" fovy="36"/>
<geom type="box" size="0.045 0.014 0.012" pos="0 0 {D6 + 0.010}" material="bezel" group="1" mass="0.1"/>
{_rod((0, 0, D6 + 0.02), (0, 0, D6 + 0.03), 0.009, 'steel', group=1)}
"""
