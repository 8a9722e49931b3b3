"""Elements of SDF, and the shapes of the cell as such."""

from collections.abc import Mapping
from math import acos, atan2, dist, pi
from xml.etree.ElementTree import Element

from ur5_cell.room import ROOM_COLOURS, SHINING
from ur5_rl_env.arm_shapes import Box, Rod

VERSION = '1.9'
"""Of the format: what libsdformat 12 reads, too; Harmonic's own is 1.11."""


def element(tag: str, *children: Element | str | float | bool, **attributes: str) -> Element:
    """Returns an element with its children; one that is no element is its text."""
    made = Element(tag, attributes)
    for child in children:
        if isinstance(child, Element):
            made.append(child)
        else:
            made.text = str(child).lower() if isinstance(child, bool) else str(child)
    return made


def numbers(*values: float) -> str:
    """Returns numbers as SDF writes vectors."""
    return ' '.join(repr(float(value)) for value in values)


def pose(xyz: tuple = (0.0, 0.0, 0.0), rpy: tuple = (0.0, 0.0, 0.0), relative_to: str = '') -> Element:
    """Returns a pose [m], [rad]; in the frame of the element around it where no other is named."""
    return element('pose', numbers(*xyz, *rpy), **({'relative_to': relative_to} if relative_to else {}))


def plugin(system: str, name: str, *settings: Element) -> Element:
    """Returns a system of Gazebo: gz-sim-<system>-system, gz::sim::systems::<name>."""
    return element('plugin', *settings, filename=f'gz-sim-{system}-system', name=f'gz::sim::systems::{name}')


def placed(shape: Rod | Box) -> list[Element]:
    """Returns pose and geometry of a shape."""
    if isinstance(shape, Box):
        xyz, rpy = shape.centre, (0.0, 0.0, 0.0)
        body = element('box', element('size', numbers(*shape.size)))
    else:
        (ax, ay, az), (bx, by, bz) = shape.start, shape.end
        length = dist(shape.start, shape.end)
        xyz = ((ax + bx) / 2, (ay + by) / 2, (az + bz) / 2)
        rpy = (0.0, acos((bz - az) / length), atan2(by - ay, bx - ax))  # of the cylinder's own z
        body = element(
            'cylinder', element('radius', numbers(shape.radius)), element('length', numbers(length))
        )
    return [pose(xyz, rpy), element('geometry', body)]


def look(name: str, parts: list[Element], colour: str, *more: Element) -> Element:
    """Returns a visual of pose and geometry; what shines looks the same in any light."""
    rgba = numbers(*ROOM_COLOURS[colour], 1.0)
    black = numbers(0.0, 0.0, 0.0, 1.0)
    lit, own = (black, rgba) if colour in SHINING else (rgba, black)
    material = element(
        'material',
        element('ambient', lit),
        element('diffuse', lit),
        element('specular', black),
        element('emissive', own),
    )
    return element('visual', *parts, material, *more, name=name)


def solid_part(name: str, parts: list[Element]) -> Element:
    """Returns a collision of pose and geometry; its name is not that of its visual, which SDF forbids."""
    return element('collision', *parts, name=f'{name}_solid')


def static_model(name: str, shapes: Mapping[str, Rod | Box], solid: bool) -> Element:
    """Returns a model that does not move, in the world's frame; `solid` = it can be touched."""
    link = element('link', name='link')
    for label, shape in shapes.items():
        link.append(look(label, placed(shape), shape.colour))
        if solid:
            link.append(solid_part(label, placed(shape)))
    return element('model', element('static', True), link, name=name)


def standing_disc(radius: float, thickness: float) -> list[Element]:
    """Returns pose and geometry of a disc that faces -y and +y."""
    body = element('cylinder', element('radius', numbers(radius)), element('length', numbers(thickness)))
    return [pose(rpy=(pi / 2, 0.0, 0.0)), element('geometry', body)]
