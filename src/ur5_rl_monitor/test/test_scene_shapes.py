"""What is drawn is where guard, cell and camera have it."""

from math import radians, tan

import numpy as np
import pytest

from ur5_rl_env.devices.picture import pinhole
from ur5_rl_env.guard import GuardConfig
from ur5_rl_monitor import scene_shapes
from ur5_rl_monitor.motion_trace import Change, Place
from ur5_rl_monitor.scene_shapes import Drawn, Kind


def lines(shape):
    return list(zip(shape.points[::2], shape.points[1::2], strict=True))


def test_the_box_has_the_twelve_edges_of_the_guards():
    guard = GuardConfig()
    shape = scene_shapes.box(guard.box_low, guard.box_high)
    edges = lines(shape)
    assert shape.kind is Kind.LINES and len({frozenset(edge) for edge in edges}) == 12
    assert {point for edge in edges for point in edge} == {
        (x, y, z) for x in (-0.4, 0.4) for y in (0.1, 0.8) for z in (0.1, 0.8)
    }
    for a, b in edges:
        assert sum(p != q for p, q in zip(a, b, strict=True)) == 1


def test_the_edge_of_the_screen_is_closed():
    points = scene_shapes.screen(0.53, 0.298).points
    assert points[0] == points[-1] and len(set(points)) == 4
    assert np.max(points, axis=0) == pytest.approx((0.265, 0.149, 0.0))
    assert np.min(points, axis=0) == pytest.approx((-0.265, -0.149, 0.0))


def test_the_disc_has_its_place_and_its_diameter():
    shape = scene_shapes.target(0.1, -0.05, 0.0232)
    assert (shape.kind, shape.points, shape.size) == (Kind.DISC, ((0.1, -0.05, 0.0),), 0.0464)


def test_the_view_of_the_camera_is_as_wide_as_its_picture():
    focal, cx, cy = pinhole(90, 160, 60.0)
    shape = scene_shapes.camera_view(90, 160, (focal, 0, cx, 0, focal, cy, 0, 0, 1))
    ends = {point for point in shape.points if any(point)}
    x = scene_shapes.VIEW_M * tan(radians(30.0))
    y = x * 90 / 160
    expected = {(a, b, scene_shapes.VIEW_M) for a in (-x, x) for b in (-y, y)}
    assert np.array(sorted(ends)) == pytest.approx(np.array(sorted(expected)))
    assert len(lines(shape)) == 8  # four from the lens, four around


def test_a_picture_whose_centre_lies_aside_is_seen_aside():
    shape = scene_shapes.camera_view(100, 100, (100, 0, 9.5, 0, 200, 49.5, 0, 0, 1))
    ends = np.array([point for point in shape.points if any(point)]) / scene_shapes.VIEW_M
    assert (ends[:, 0].min(), ends[:, 0].max()) == pytest.approx((-0.1, 0.9))
    assert (ends[:, 1].min(), ends[:, 1].max()) == pytest.approx((-0.25, 0.25))


@pytest.mark.parametrize('focal', [(0.0, 200.0), (100.0, 0.0), (float('nan'), 200.0)])
def test_a_camera_that_nobody_has_calibrated_has_no_view(focal):
    """So says sensor_msgs/CameraInfo: all of K is 0 then."""
    with pytest.raises(ValueError, match='camera_info'):
        scene_shapes.camera_view(100, 100, (focal[0], 0, 9.5, 0, focal[1], 49.5, 0, 0, 1))


def test_the_path_is_coloured_where_the_command_was_changed():
    places = [Place(i, (0.0, 0.1 * i, 0.0), changed) for i, changed in enumerate((False, True, False))]
    (shape,) = scene_shapes.path(places)
    assert shape.points == tuple(place.point for place in places)
    assert shape.colours == (scene_shapes.AS_ASKED, scene_shapes.CHANGED, scene_shapes.AS_ASKED)
    assert len(scene_shapes.path(places[:2])) == 1
    assert scene_shapes.path(places[:1]) == scene_shapes.path([]) == []


def test_arrows_begin_where_the_change_was_and_are_as_long_as_half_a_second_of_motion():
    change = Change(4, 0, (0.1, 0.2, 0.3), (0.2, 0.0, 0.0), (0.0, -0.1, 0.0))
    asked, done = scene_shapes.arrows([change])
    assert (asked.name, done.name) == (('requested', 4), ('executed', 4))
    assert np.array(asked.points) == pytest.approx(np.array([(0.1, 0.2, 0.3), (0.2, 0.2, 0.3)]))
    assert np.array(done.points) == pytest.approx(np.array([(0.1, 0.2, 0.3), (0.1, 0.15, 0.3)]))
    assert asked.colours != done.colours


def test_what_does_not_move_or_was_not_heard_has_no_arrow():
    stopped = Change(0, 0, (0, 0, 0), (1, 0, 0), (0, 0, 0))
    unheard = Change(1, 0, (0, 0, 0), None, (1, 0, 0))
    assert [shape.name for shape in scene_shapes.arrows([stopped, unheard])] == [
        ('requested', 0),
        ('executed', 1),
    ]


def test_what_is_no_more_is_named_once():
    drawn = Drawn()
    disc, screen = scene_shapes.target(0, 0, 0.1), scene_shapes.screen(1, 1)
    assert drawn.gone([disc, screen]) == []
    assert drawn.gone([disc]) == [('screen', 0)]
    assert drawn.gone([disc]) == []
    assert drawn.gone([]) == [('target', 0)]
