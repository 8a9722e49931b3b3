"""Shapes and transforms as messages."""

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('tf2_msgs')
from builtin_interfaces.msg import Time
from visualization_msgs.msg import Marker

from ur5_rl_monitor import scene_shapes
from ur5_rl_monitor.marker_messages import markers
from ur5_rl_monitor.motion_trace import Change, Place
from ur5_rl_monitor.robot_tree import Transform
from ur5_rl_monitor.transform_messages import message_of


def test_a_transform_has_its_stamp_its_frames_and_its_numbers():
    transform = Transform('a', 'b', (1.0, 2.0, 3.0), (0.5, -0.5, 0.25, 0.75))
    (message,) = message_of([transform], Time(sec=5, nanosec=6), 'left_').transforms
    assert (message.header.frame_id, message.child_frame_id) == ('left_a', 'left_b')
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (5, 6)
    place, turn = message.transform.translation, message.transform.rotation
    assert (place.x, place.y, place.z) == (1.0, 2.0, 3.0)
    assert (turn.x, turn.y, turn.z, turn.w) == (0.5, -0.5, 0.25, 0.75)


def only(shape):
    (marker,) = markers([shape], [], 0.3).markers
    return marker


def test_a_marker_goes_by_itself_when_no_other_comes():
    marker = only(scene_shapes.box((0, 0, 0), (1, 1, 1)))
    assert (marker.lifetime.sec, marker.lifetime.nanosec) == (0, 300_000_000)
    assert marker.action == Marker.ADD


def test_a_marker_takes_the_newest_transform_of_its_frame():
    marker = only(scene_shapes.camera_view(90, 160, (100, 0, 79.5, 0, 100, 44.5, 0, 0, 1)))
    assert marker.header.frame_id == 'camera_optical_frame' and marker.frame_locked
    assert (marker.header.stamp.sec, marker.header.stamp.nanosec) == (0, 0)
    assert marker.pose.orientation.w == 1.0


def test_lines_have_points_a_width_and_one_colour():
    marker = only(scene_shapes.box((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)))
    assert (marker.type, marker.ns, marker.id) == (Marker.LINE_LIST, 'box', 0)
    assert len(marker.points) == 24 and len(marker.colors) == 0
    assert marker.scale.x == scene_shapes.LINE_M
    assert [getattr(marker.color, name) for name in 'rgba'] == pytest.approx(scene_shapes.BOX)


def test_a_path_has_a_colour_for_each_point():
    places = [Place(i, (float(i), 0.0, 0.0), i == 1) for i in range(3)]
    marker = only(scene_shapes.path(places)[0])
    assert marker.type == Marker.LINE_STRIP
    assert [point.x for point in marker.points] == [0.0, 1.0, 2.0]
    assert [colour.r for colour in marker.colors] == pytest.approx(
        [scene_shapes.AS_ASKED[0], scene_shapes.CHANGED[0], scene_shapes.AS_ASKED[0]]
    )


def test_a_disc_is_a_flat_cylinder_at_its_place():
    marker = only(scene_shapes.target(0.1, 0.2, 0.05))
    assert marker.type == Marker.CYLINDER and len(marker.points) == 0
    position = marker.pose.position
    assert (position.x, position.y, position.z) == (0.1, 0.2, 0.0)
    assert (marker.scale.x, marker.scale.y) == (0.1, 0.1) and 0.0 < marker.scale.z < 0.01


def test_an_arrow_goes_from_its_place_to_its_end():
    change = Change(3, 0, (0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    marker = only(scene_shapes.arrows([change])[0])
    assert (marker.type, marker.ns, marker.id) == (Marker.ARROW, 'requested', 3)
    assert [point.x for point in marker.points] == [0.0, 0.5]
    assert marker.scale.x < marker.scale.y  # the head is wider than the shaft


def test_what_is_gone_is_deleted_by_its_name():
    deleted, added = markers([scene_shapes.screen(1.0, 1.0)], [('executed', 7)], 1.0).markers
    assert (deleted.action, deleted.ns, deleted.id) == (Marker.DELETE, 'executed', 7)
    assert added.action == Marker.ADD
