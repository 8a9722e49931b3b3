"""The robot as ROS tools know it: the URDF of the arm with its wrist camera and the monitor in front of it.

Made of the numbers with which guard and simulated cell work. Links, joints and their frames are those of
Universal Robots' own description, `camera_link` and `monitor` are ours. Link i of it is
Denavit-Hartenberg frame i-1, turned by q_i and shifted by d_i along z: the joint that leads to it lies at
(a, -d sin(alpha), d cos(alpha)) of the link before, turned by alpha about x.
"""

from math import acos, atan2, cos, dist, pi, sin

from ur5_rl_env import frames
from ur5_rl_env.arm_shapes import COLOURS, Box, Rod, camera, links
from ur5_rl_env.robot_models import ALPHA, MODELS, Body, RobotModel
from ur5_rl_env.scene_config import DEPTH, MONITOR_CENTRE, RIM, SceneConfig
from ur5_rl_graph.data import JOINT_NAMES

LINK_NAMES = (
    'shoulder_link',
    'upper_arm_link',
    'forearm_link',
    'wrist_1_link',
    'wrist_2_link',
    'wrist_3_link',
)
_BASE_BODY = Body(4.0, (0.0, 0.0, 0.0), 0.06, 0.05, 'z')


def robot_description(scene: SceneConfig | None = None) -> str:
    """Returns the URDF; which arm, where the monitor stands and how large its screen is says `scene`."""
    scene = scene or SceneConfig()
    model = MODELS[scene.robot_model]
    materials = (
        f'<material name="{name}"><color rgba="{_text((*rgb, 1.0))}"/></material>'
        for name, rgb in COLOURS.items()
    )
    return '\n'.join(
        [
            '<?xml version="1.0"?>',
            f'<robot name="{model.name}">',
            *materials,
            *_arm(model),
            *_tool(model),
            *_monitor(scene),
            '</robot>',
            '',
        ]
    )


def _arm(model: RobotModel) -> list[str]:
    """From `base_link` to the last link; `base` is the controller's own frame."""
    parts = [
        _link(frames.BASE_LINK),
        _fixed(frames.BASE_LINK, 'base', 'base_link-base_fixed_joint', rpy=(0.0, 0.0, pi)),
        _fixed(frames.BASE_LINK, 'base_link_inertia', 'base_link-base_link_inertia', rpy=(0.0, 0.0, pi)),
        _link('base_link_inertia', (Rod((0, 0, 0), (0, 0, 0.03), 0.075),), 0.0, _inertial(*_BASE_BODY)),
    ]
    shapes = links(model)
    parent, a, alpha = 'base_link_inertia', 0.0, 0.0
    for i, link in enumerate(LINK_NAMES):
        d, turn = model.d[i], model.turn[i]
        origin = _origin((a, -d * sin(alpha), d * cos(alpha)), (alpha, 0.0, 0.0))
        limit = f'lower="{-turn}" upper="{turn}" effort="{model.torque[i]}" velocity="{model.speed}"'
        parts += [
            f'<joint name="{JOINT_NAMES[i]}" type="revolute">',
            f'<parent link="{parent}"/><child link="{link}"/>{origin}',
            f'<axis xyz="0 0 1"/><limit {limit}/></joint>',
            _link(link, shapes[i], d, _inertial(*model.bodies[i])),
        ]
        parent, a, alpha = link, model.a[i], ALPHA[i]
    return parts


def _tool(model: RobotModel) -> list[str]:
    """UR's `flange` (x out of it) and `tool0` (z out of it) at the end of the last link, and the camera."""
    wrist = LINK_NAMES[-1]
    return [
        _fixed(wrist, 'flange', 'wrist_3-flange', rpy=(0.0, -pi / 2, -pi / 2)),
        _fixed('flange', frames.TOOL0, 'flange-tool0', rpy=(pi / 2, 0.0, pi / 2)),
        _fixed('flange', frames.CAMERA_FRAME, 'flange-camera_link'),
        _fixed(frames.CAMERA_FRAME, frames.OPTICAL_FRAME, 'camera_link-optical', rpy=(-pi / 2, 0.0, -pi / 2)),
        *(_link(name) for name in ('base', 'flange')),
        _link(frames.TOOL0, camera(model), model.d6),
        *(_link(name) for name in (frames.CAMERA_FRAME, frames.OPTICAL_FRAME)),
    ]


def _monitor(scene: SceneConfig) -> list[str]:
    width, height = scene.screen_width, scene.screen_height
    x, _, z = MONITOR_CENTRE
    looks = (
        Box((0.0, 0.0, -0.001), (width, height, 0.002), 'screen'),
        Box((0.0, 0.0, -0.002 - DEPTH / 2), (width + 2 * RIM, height + 2 * RIM, DEPTH), 'bezel'),
    )
    place = (x, scene.monitor_y, z)
    return [
        _fixed(frames.BASE_LINK, frames.MONITOR, 'base_link-monitor', place, (pi / 2, 0.0, 0.0)),
        _link(frames.MONITOR, looks),
    ]


def _fixed(
    parent: str, child: str, name: str, xyz: tuple = (0.0, 0.0, 0.0), rpy: tuple = (0.0, 0.0, 0.0)
) -> str:
    ends = f'<parent link="{parent}"/><child link="{child}"/>'
    return f'<joint name="{name}" type="fixed">{ends}{_origin(xyz, rpy)}</joint>'


def _link(name: str, looks: tuple[Rod | Box, ...] = (), shift: float = 0.0, inertial: str = '') -> str:
    """A link; its frame is `shift` [m] along z in that of its shapes. All that is seen can be touched."""
    shapes = [_shape(look, shift) for look in looks]
    visuals = [
        f'<visual>{shape}<material name="{look.colour}"/></visual>'
        for shape, look in zip(shapes, looks, strict=True)
    ]
    collisions = [f'<collision>{shape}</collision>' for shape in shapes]
    return '\n'.join([f'<link name="{name}">', *visuals, *collisions, *filter(None, [inertial]), '</link>'])


def _shape(shape: Rod | Box, shift: float) -> str:
    if isinstance(shape, Box):
        x, y, z = shape.centre
        return f'{_origin((x, y, z - shift))}<geometry><box size="{_text(shape.size)}"/></geometry>'
    (ax, ay, az), (bx, by, bz) = shape.start, shape.end
    length = dist(shape.start, shape.end)
    tilt, heading = acos((bz - az) / length), atan2(by - ay, bx - ax)  # of the cylinder's own z
    middle = ((ax + bx) / 2, (ay + by) / 2, (az + bz) / 2 - shift)
    cylinder = f'<geometry><cylinder radius="{shape.radius}" length="{length}"/></geometry>'
    return _origin(middle, (0.0, tilt, heading)) + cylinder


def _inertial(mass: float, centre: tuple, radius: float, length: float, along: str) -> str:
    """Of a cylinder along an axis of the link, at its centre of gravity."""
    across, about = mass * (3 * radius**2 + length**2) / 12, mass * radius**2 / 2
    ixx, izz = (about, across) if along == 'x' else (across, about)
    tensor = f'ixx="{ixx}" ixy="0" ixz="0" iyy="{across}" iyz="0" izz="{izz}"'
    return f'<inertial>{_origin(centre)}<mass value="{mass}"/><inertia {tensor}/></inertial>'


def _origin(xyz: tuple, rpy: tuple = (0.0, 0.0, 0.0)) -> str:
    return f'<origin xyz="{_text(xyz)}" rpy="{_text(rpy)}"/>'


def _text(numbers: tuple) -> str:
    return ' '.join(str(float(number)) for number in numbers)
