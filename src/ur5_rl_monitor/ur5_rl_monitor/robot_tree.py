"""A robot description as a tree of frames: where each link is in the one before, for given joint angles."""

from collections.abc import Mapping
from math import cos, isfinite, sin, sqrt
from typing import NamedTuple
from xml.etree import ElementTree

Numbers = tuple[float, ...]
TURNING = ('revolute', 'continuous')
KINDS = ('fixed', *TURNING, 'prismatic')


class Transform(NamedTuple):
    """Where a frame is in another."""

    parent: str
    child: str
    translation: Numbers  # x, y, z [m]
    rotation: Numbers  # quaternion x, y, z, w


class Joint(NamedTuple):
    """What leads from one link to the next."""

    name: str
    kind: str
    at_zero: Transform
    axis: Numbers  # in the frame of the child, of length 1

    def transform(self, position: float = 0.0) -> Transform:
        """Returns where the child is at a position of the joint [rad or m]."""
        parent, child, translation, rotation = self.at_zero
        if self.kind in TURNING:
            half = position / 2
            turn = (*(sin(half) * part for part in self.axis), cos(half))
            return Transform(parent, child, translation, product(rotation, turn))
        if self.kind == 'prismatic':
            way = turned(rotation, tuple(position * part for part in self.axis))
            translation = tuple(a + b for a, b in zip(translation, way, strict=True))
        return Transform(parent, child, translation, rotation)


class RobotTree:
    """The links and joints of a URDF.

    Attributes:
        root: name of the one link that is nobody's child.
        frames: names of all links.
    """

    def __init__(self, urdf: str) -> None:
        """Reads a robot description.

        Raises:
            ValueError: it is none, or no tree: one line that names what is wrong.
        """
        try:
            robot = ElementTree.fromstring(urdf)
        except ElementTree.ParseError as error:
            raise ValueError(f'robot_description is no XML ({error}); give the text of a URDF') from None
        joints = [_joint(element) for element in robot.findall('joint')]
        self.frames = frozenset(element.get('name', '') for element in robot.findall('link'))
        self.root = _root(self.frames, joints)
        self._fixed = [joint for joint in joints if joint.kind == 'fixed']
        self._moving = {joint.name: joint for joint in joints if joint.kind != 'fixed'}

    def fixed(self) -> list[Transform]:
        """Returns the transforms that never change."""
        return [joint.transform() for joint in self._fixed]

    def moving(self, positions: Mapping[str, float]) -> list[Transform]:
        """Returns the transforms of the joints that are named; names of no joint of this robot are left out.

        Args:
            positions: by the name of the joint [rad or m].
        """
        return [
            self._moving[name].transform(position)
            for name, position in positions.items()
            if name in self._moving and isfinite(position)
        ]


def _joint(element: ElementTree.Element) -> Joint:
    name, kind = element.get('name', ''), element.get('type', '')
    if kind not in KINDS:
        raise ValueError(f"robot_description: joint {name} is of type '{kind}'; known are {', '.join(KINDS)}")
    parent, child = (_of(element, tag, 'link') for tag in ('parent', 'child'))
    if not (parent and child):
        raise ValueError(f'robot_description: joint {name} lacks its parent or its child')
    xyz = _numbers(name, _of(element, 'origin', 'xyz') or '0 0 0')
    rotation = from_euler(*_numbers(name, _of(element, 'origin', 'rpy') or '0 0 0'))
    axis = _numbers(name, _of(element, 'axis', 'xyz') or '1 0 0')
    length = sqrt(sum(part * part for part in axis))
    if not length:
        raise ValueError(f'robot_description: joint {name} has an axis of length 0')
    return Joint(name, kind, Transform(parent, child, xyz, rotation), tuple(part / length for part in axis))


def _of(element: ElementTree.Element, tag: str, attribute: str) -> str:
    found = element.find(tag)
    return '' if found is None else found.get(attribute, '')


def _numbers(joint: str, text: str) -> Numbers:
    try:
        x, y, z = map(float, text.split())
    except ValueError:
        raise ValueError(
            f"robot_description: joint {joint} has '{text}' where three numbers belong"
        ) from None
    return x, y, z


def _root(frames: frozenset[str], joints: list[Joint]) -> str:
    parent_of: dict[str, str] = {}
    for joint in joints:
        parent, child = joint.at_zero[:2]
        for link in (parent, child):
            if link not in frames:
                raise ValueError(
                    f'robot_description: joint {joint.name} names a link {link} that is not there'
                )
        if child in parent_of:
            raise ValueError(
                f'robot_description: link {child} has two parents, {parent_of[child]} and {parent}'
            )
        parent_of[child] = parent
    roots = sorted(frames - parent_of.keys())
    if len(roots) != 1:
        raise ValueError(f'robot_description has {len(roots)} roots ({", ".join(roots)}); a tree has one')
    for link in frames:
        seen = [link]
        while (above := parent_of.get(seen[-1])) is not None:
            if above in seen:
                raise ValueError(f'robot_description: link {link} leads back to itself')
            seen.append(above)
    return roots[0]


def from_euler(roll: float, pitch: float, yaw: float) -> Numbers:
    """Returns the quaternion of a URDF's rpy [rad]: about the fixed x, then y, then z."""
    about_x, about_y, about_z = (
        (sin(roll / 2), 0.0, 0.0, cos(roll / 2)),
        (0.0, sin(pitch / 2), 0.0, cos(pitch / 2)),
        (0.0, 0.0, sin(yaw / 2), cos(yaw / 2)),
    )
    return product(about_z, product(about_y, about_x))


def product(a: Numbers, b: Numbers) -> Numbers:
    """Returns the quaternion of rotation `b`, then `a`; x, y, z, w."""
    (ax, ay, az, aw), (bx, by, bz, bw) = a, b
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def turned(rotation: Numbers, vector: Numbers) -> Numbers:
    """Returns a vector turned by a quaternion."""
    x, y, z, w = rotation
    return product(product(rotation, (*vector, 0.0)), (-x, -y, -z, w))[:3]
