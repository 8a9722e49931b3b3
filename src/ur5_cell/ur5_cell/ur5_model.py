"""The UR5 as MJCF bodies: exact Denavit-Hartenberg chain, with the shapes of `arm_shapes`.

Body i carries everything that joint i turns. Its frame is the Denavit-Hartenberg frame i-1 turned by q_i, so
the hinge is always z and the next frame lies at (a_i, 0, d_i), turned by alpha_i about x.
"""

from ur5_rl_env.arm_shapes import CAMERA, LINKS, Box, Rod
from ur5_rl_env.kinematics import D6, DH_A, DH_ALPHA, DH_D
from ur5_rl_graph.data import JOINT_NAMES


def arm_xml() -> str:
    """Returns the <body> of the arm, in `base_link`, with the camera `wrist` and the site `tool0`."""
    nested = _TOOL
    for i in reversed(range(6)):
        pose = _pose(i - 1) if i else 'quat="0 0 0 1"'  # the controller's base is turned by pi about z
        parts = f'<joint type="hinge" axis="0 0 1"/>{"".join(map(geom, LINKS[i]))}{nested}'
        nested = f'<body name="{JOINT_NAMES[i]}" {pose}>{parts}</body>\n'
    return nested


def _pose(i: int) -> str:
    """Pose of Denavit-Hartenberg frame i in the body before it."""
    return f'pos="{DH_A[i]} 0 {DH_D[i]}" euler="{DH_ALPHA[i]!r} 0 0"'


def geom(shape: Rod | Box, group: int = 0) -> str:
    """A shape in the body's frame; collisions off, and a mass only because MuJoCo wants one."""
    if isinstance(shape, Box):
        half, centre = (' '.join(map(str, values)) for values in ((s / 2 for s in shape.size), shape.centre))
        place = f'type="box" size="{half}" pos="{centre}"'
    else:
        ends = ' '.join(str(value) for value in (*shape.start, *shape.end))
        place = f'type="cylinder" fromto="{ends}" size="{shape.radius}"'
    return f'<geom {place} material="{shape.colour}" group="{group}" contype="0" conaffinity="0" mass="0.1"/>'


_TOOL = f"""
<site name="tool0" pos="0 0 {D6}"/>
<camera name="wrist" pos="0 0 {D6}" xyaxes="-1 0 0 0 1 0" fovy="36"/>
{''.join(geom(shape, group=1) for shape in CAMERA)}
"""
