"""What the viewer of rerun-sdk is given; skipped where it is not installed (`./ur5rl monitor` does that)."""

import sys
import typing
from pathlib import Path

import numpy as np
import pytest

VIEWER = Path(__file__).resolve().parents[3] / '.ur5rl/viewer'
if VIEWER.is_dir():
    sys.path.append(str(VIEWER))
rr = pytest.importorskip('rerun', reason='the viewer is not installed: run ./ur5rl monitor')
sys.path.insert(0, str(Path(__file__).parent))

from ur5_rl_env.scene_config import SceneConfig  # noqa: E402
from ur5_rl_env.urdf import robot_description  # noqa: E402
from ur5_rl_monitor import rerun_layout, rerun_sink, scene_shapes, sights  # noqa: E402
from ur5_rl_monitor.motion_trace import Change, Place  # noqa: E402
from ur5_rl_monitor.robot_tree import Transform  # noqa: E402
from ur5_rl_monitor.sights import Frames, Line, Picture, Point, Robot, Scene, Sign  # noqa: E402
from ur5_rl_monitor.status import Level  # noqa: E402

PLACES = [Place(index, (0.1 * index, 0.0, 0.0), index == 1) for index in range(3)]
SHAPES = (
    *scene_shapes.path(PLACES),
    *scene_shapes.arrows([Change(5, 0, (0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))]),
    scene_shapes.target(0.1, 0.2, 0.03),
    scene_shapes.screen(0.5, 0.3),
    scene_shapes.box((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
)
SEEN = (
    Point('reward/reward', 1.5),
    Picture('camera', np.zeros((4, 6, 3), np.uint8)),
    Robot(robot_description(SceneConfig())),
    Frames((Transform('base_link', 'tool0', (0.0, 0.0, 1.0), (0.0, 0.0, 0.0, 1.0)),)),
    Scene(SHAPES, (('path', 7), ('gone', 1))),
    Line('arm', Level.WARN, 'held'),
    Sign(Level.ERROR, 'stopped'),
)


@pytest.fixture
def sink(monkeypatch):
    """A sink whose server is a list of paths."""
    monkeypatch.setattr(rr.RecordingStream, 'connect_grpc', lambda self, address: None)
    monkeypatch.setattr(rr.RecordingStream, 'send_blueprint', lambda self, blueprint: None)
    made = rerun_sink.RerunSink('nowhere', live=True)
    made.logged = []
    monkeypatch.setattr(made._recording, 'log', lambda path, *what, **_: made.logged.append(path))
    return made


def test_every_kind_of_sight_is_shown(sink):
    assert set(rerun_sink._SHOW) == set(typing.get_args(sights.Sight)) == {type(sight) for sight in SEEN}
    for sight in SEEN:
        before = len(sink.logged)
        sink.show(1_700_000_000_000_000_000, sight)
        assert len(sink.logged) > before
    drawn = {f'scene/{shape.namespace}' for shape in SHAPES}
    assert set(sink.logged) >= drawn | {'scene/gone', 'curves/reward/reward', 'pictures/camera', 'sign'}
    assert {'log/arm', 'frames/tool0', 'frames/monitor'} <= set(sink.logged)


def test_changes_that_come_and_go_stay_one_entity(sink):
    for number in range(30):
        change = Change(number, 0, (0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
        sink.show(0, Scene(tuple(scene_shapes.arrows([change])), (('requested', number - 1),)))
    assert set(sink.logged) == {'scene/requested', 'scene/executed'}
    assert len(sink.logged) == 2 * 30 + 2  # and where they are drawn, once


def test_a_robot_that_says_itself_again_is_shown_once(sink):
    for _ in range(2):
        sink.show(0, SEEN[2])
    assert sink.logged.count('frames/monitor') == 1


def test_every_curve_and_picture_has_its_panel(monkeypatch):
    origins = []
    for kind in ('TimeSeriesView', 'Spatial2DView'):
        whole = getattr(rerun_layout.rrb, kind)
        monkeypatch.setattr(
            rerun_layout.rrb,
            kind,
            lambda origin, whole=whole, **words: origins.append(origin) or whole(origin=origin, **words),
        )
    rerun_layout.layout(live=True)
    for curve in sights.CURVES:
        assert sum(f'curves/{curve}'.startswith(origin) for origin in origins) == 1, curve
    assert {'sign', *(f'pictures/{name}' for name in sights.PICTURES)} <= set(origins)
