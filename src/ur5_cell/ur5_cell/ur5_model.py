"""The arm as MJCF bodies: exact Denavit-Hartenberg chain, with the shapes of `arm_shapes`.

Body i carries everything that joint i turns. Its frame is the Denavit-Hartenberg frame i-1 turned by q_i, so
the hinge is always z and the next frame lies at (a_i, 0, d_i), turned by alpha_i about x.
"""

from ur5_rl_env.arm_shapes import Box, Rod, camera, links
from ur5_rl_env.robot_models import ALPHA, RobotModel
from ur5_rl_graph.data import JOINT_NAMES


def arm_xml(model: RobotModel) -> str:
    """Returns the <body> of the arm, in `base_link`, with the camera `wrist`."""
    nested, shapes = _tool(model), links(model)
    for i in reversed(range(6)):
        pose = _pose(model, i - 1) if i else 'quat="0 0 0 1"'  # the controller's base is turned by pi about z
        parts = f'<joint type="hinge" axis="0 0 1"/>{"".join(map(geom, shapes[i]))}{nested}'
        nested = f'<body name="{JOINT_NAMES[i]}" {pose}>{parts}</body>\n'
    return nested


def _pose(model: RobotModel, i: int) -> str:
    """Pose of Denavit-Hartenberg frame i in the body before it."""
    return f'pos="{model.a[i]} 0 {model.d[i]}" euler="{ALPHA[i]!r} 0 0"'


def geom(shape: Rod | Box, group: int = 0) -> str:
    """A shape in the body's frame; collisions off, and a mass only because MuJoCo wants one."""
    if isinstance(shape, Box):
        half, centre = (' '.join(map(str, values)) for values in ((s / 2 for s in shape.size), shape.centre))
        place = f'type="box" size="{half}" pos="{centre}"'
    else:
        ends = ' '.join(str(value) for value in (*shape.start, *shape.end))
        place = f'type="cylinder" fromto="{ends}" size="{shape.radius}"'
    return f'<geom {place} material="{shape.colour}" group="{group}" contype="0" conaffinity="0" mass="0.1"/>'


def _tool(model: RobotModel) -> str:
    return f"""
<camera name="wrist" pos="0 0 {model.d6}" xyaxes="-1 0 0 0 1 0" fovy="36"/>
{''.join(geom(shape, group=1) for shape in camera(model))}
"""
