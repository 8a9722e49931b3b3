"""Shapes as markers of visualization_msgs, and back."""

from collections.abc import Iterable

from builtin_interfaces.msg import Duration as LifetimeMessage
from geometry_msgs.msg import Point
from rclpy.duration import Duration
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from ur5_rl_monitor.scene_shapes import FLAT_M, Kind, Shape

TYPES = {
    Kind.LINES: Marker.LINE_LIST,
    Kind.STRIP: Marker.LINE_STRIP,
    Kind.ARROW: Marker.ARROW,
    Kind.DISC: Marker.CYLINDER,
}


def markers(shapes: Iterable[Shape], gone: Iterable[tuple[str, int]], lifetime_s: float) -> MarkerArray:
    """Returns the message that draws shapes and takes away those that are gone.

    Args:
        shapes: to draw.
        gone: names of shapes that were drawn.
        lifetime_s: so long after a message a viewer still shows them [s].
    """
    lifetime = Duration(seconds=lifetime_s).to_msg()
    deleted = [Marker(ns=namespace, id=number, action=Marker.DELETE) for namespace, number in gone]
    return MarkerArray(markers=[*deleted, *(_marker(shape, lifetime) for shape in shapes)])


def _marker(shape: Shape, lifetime: LifetimeMessage) -> Marker:
    """No stamp: a viewer takes the newest transform of the frame, and goes with it."""
    marker = Marker(ns=shape.namespace, id=shape.number, type=TYPES[shape.kind], action=Marker.ADD)
    marker.header.frame_id = shape.frame
    marker.frame_locked = True
    marker.lifetime = lifetime
    marker.pose.orientation.w = 1.0
    red, green, blue, alpha = shape.colours[0]
    marker.color = ColorRGBA(r=red, g=green, b=blue, a=alpha)
    size = shape.size
    points = [Point(x=x, y=y, z=z) for x, y, z in shape.points]
    if shape.kind is Kind.DISC:
        marker.pose.position = points[0]
        marker.scale.x, marker.scale.y, marker.scale.z = size, size, FLAT_M
        return marker
    marker.points = points
    marker.scale.x = size  # of lines: their width; of an arrow: shaft, head, length of the head
    if shape.kind is Kind.ARROW:
        marker.scale.y, marker.scale.z = 2 * size, 3 * size
    if len(shape.colours) > 1:
        marker.colors = [ColorRGBA(r=r, g=g, b=b, a=a) for r, g, b, a in shape.colours]
    return marker


KINDS = {number: kind for kind, number in TYPES.items()}


def shapes_of(message: MarkerArray) -> tuple[tuple[Shape, ...], tuple[tuple[str, int], ...]]:
    """Returns the shapes that a message draws, and the names of those that it takes away.

    What `markers` never makes (meshes, texts, markers that are turned) is left out.
    """
    shapes, gone = [], []
    for marker in message.markers:
        if marker.action == Marker.DELETE:
            gone.append((marker.ns, marker.id))
        elif marker.action == Marker.ADD and marker.type in KINDS:
            shapes.append(_shape(marker))
    return tuple(shapes), tuple(gone)


def _shape(marker: Marker) -> Shape:
    kind = KINDS[marker.type]
    points = [marker.pose.position] if kind is Kind.DISC else marker.points
    colours = tuple((c.r, c.g, c.b, c.a) for c in marker.colors or [marker.color])
    places = tuple((point.x, point.y, point.z) for point in points)
    return Shape(marker.ns, marker.id, kind, marker.header.frame_id, places, colours, marker.scale.x)
