"""Shows sights in the viewer of rerun-sdk. The one module, with `rerun_layout`, that knows it."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

os.environ.setdefault('RUST_LOG', 'off')  # a server that has ended is for our own line
import rerun as rr
import rerun.urdf

from ur5_rl_monitor import sign_picture
from ur5_rl_monitor.rerun_layout import layout
from ur5_rl_monitor.robot_tree import RobotTree, Transform
from ur5_rl_monitor.scene_shapes import FLAT_M, Kind, Shape
from ur5_rl_monitor.sights import CURVES, Frames, Line, Picture, Point, Robot, Scene, Sight, Sign
from ur5_rl_monitor.status import Level

APPLICATION = 'ur5_rl'
TIMELINE = 'time'
JPEG_QUALITY = 90
BATCH_S = 0.5
"""So often what is shown goes to the server [s]: a slow page takes few large pieces sooner than many."""
LEVELS = {
    Level.OK: rr.TextLogLevel.INFO,
    Level.WARN: rr.TextLogLevel.WARN,
    Level.ERROR: rr.TextLogLevel.ERROR,
    Level.STALE: rr.TextLogLevel.WARN,
}


class RerunSink:
    """Sends sights to the server of a viewer, which keeps them for those who look."""

    def __init__(self, address: str, live: bool) -> None:
        """Connects to a server and lays its panels out.

        Args:
            address: `rerun+http://HOST:PORT/proxy`.
            live: whether the page follows what comes; else it begins at the beginning.
        """
        batches = rr.ChunkBatcherConfig(flush_tick=BATCH_S)
        self._recording = rr.RecordingStream(APPLICATION, batcher_config=batches)
        self._recording.connect_grpc(address)
        self._recording.send_blueprint(layout(live))
        self._robot = ''
        self._placed: set[str] = set()  # entities of the scene whose frame is known
        for curve, name in CURVES.items():
            look = rr.SeriesPoints if curve.startswith('return/') else rr.SeriesLines
            self._recording.log(f'curves/{curve}', look(names=name), static=True)

    def show(self, time_ns: int, sight: Sight) -> None:
        """Takes what is to be seen from a time on [ns since the epoch]."""
        self._recording.set_time(TIMELINE, timestamp=np.datetime64(time_ns, 'ns'))
        _SHOW[type(sight)](self, sight)

    def close(self) -> None:
        """Lets go of the server."""
        self._recording.disconnect()

    def _point(self, point: Point) -> None:
        self._recording.log(f'curves/{point.curve}', rr.Scalars(point.value))

    def _picture(self, picture: Picture) -> None:
        self._image(f'pictures/{picture.name}', picture.pixels)

    def _image(self, path: str, pixels: np.ndarray) -> None:
        _, jpeg = cv2.imencode('.jpg', pixels, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))
        self._recording.log(path, rr.EncodedImage(contents=jpeg.tobytes(), media_type='image/jpeg'))

    def _model(self, robot: Robot) -> None:
        """Shows the robot once: whoever starts its publisher anew says the same again."""
        if robot.urdf == self._robot:
            return
        self._robot = robot.urdf
        with tempfile.TemporaryDirectory(prefix='ur5rl_') as folder:
            path = Path(folder, 'robot.urdf')
            path.write_text(robot.urdf, encoding='utf-8')
            tree = rr.urdf.UrdfTree.from_file_path(path, 'robot')
            self._recording.send_chunks(tree.stream(include_joint_transforms=False))
        for frame in RobotTree(robot.urdf).fixed():
            self._recording.log(f'frames/{frame.child}', _transform(frame), static=True)

    def _frames(self, frames: Frames) -> None:
        for frame in frames.transforms:
            self._recording.log(f'frames/{frame.child}', _transform(frame))

    def _scene(self, scene: Scene) -> None:
        """Shapes of one namespace are one entity: numbers that grow for ever would be ever more of them."""
        groups: dict[str, list[Shape]] = {}
        for shape in scene.shapes:
            groups.setdefault(shape.namespace, []).append(shape)
        for namespace in sorted({namespace for namespace, _ in scene.gone} - groups.keys()):
            self._recording.log(f'scene/{namespace}', rr.Clear(recursive=False))
        for namespace, shapes in groups.items():
            path = f'scene/{namespace}'
            if path not in self._placed:  # static: what is cleared keeps its place
                self._placed.add(path)
                self._recording.log(path, rr.CoordinateFrame(shapes[0].frame), static=True)
            self._recording.log(path, _SHAPES[shapes[0].kind](shapes))

    def _line(self, line: Line) -> None:
        text = f'{line.source}: {line.text}'
        node = line.source.partition(':')[0]
        self._recording.log(f'log/{node}', rr.TextLog(text, level=LEVELS[line.level]))

    def _sign(self, sign: Sign) -> None:
        self._image('sign', sign_picture.picture(sign))


_SHOW: dict[type, Callable[[RerunSink, Any], None]] = {
    Point: RerunSink._point,
    Picture: RerunSink._picture,
    Robot: RerunSink._model,
    Frames: RerunSink._frames,
    Scene: RerunSink._scene,
    Line: RerunSink._line,
    Sign: RerunSink._sign,
}


def _transform(frame: Transform) -> rr.Transform3D:
    turn = rr.Quaternion(xyzw=frame.rotation)
    return rr.Transform3D(
        translation=frame.translation, quaternion=turn, parent_frame=frame.parent, child_frame=frame.child
    )


def _lines(shapes: list[Shape]) -> rr.LineStrips3D:
    return _pairs(
        shapes, [shape.points[at : at + 2] for shape in shapes for at in range(0, len(shape.points), 2)]
    )


def _strip(shapes: list[Shape]) -> rr.LineStrips3D:
    """A line for each two points in a row, in the colour of its first."""
    return _pairs(
        shapes, [pair for shape in shapes for pair in zip(shape.points, shape.points[1:], strict=False)]
    )


def _pairs(shapes: list[Shape], pairs: list) -> rr.LineStrips3D:
    colours = _colours(shapes)
    return rr.LineStrips3D(
        pairs, colors=colours if len(colours) == 1 else colours[: len(pairs)], radii=shapes[0].size / 2
    )


def _arrow(shapes: list[Shape]) -> rr.Arrows3D:
    starts, ends = np.array([shape.points for shape in shapes]).swapaxes(0, 1)
    return rr.Arrows3D(
        origins=starts, vectors=ends - starts, colors=_colours(shapes), radii=shapes[0].size / 2
    )


def _disc(shapes: list[Shape]) -> rr.Ellipsoids3D:
    return rr.Ellipsoids3D(
        centers=[shape.points[0] for shape in shapes],
        half_sizes=[(shape.size / 2, shape.size / 2, FLAT_M / 2) for shape in shapes],
        colors=_colours(shapes),
        fill_mode=rr.components.FillMode.Solid,
    )


_SHAPES = {Kind.LINES: _lines, Kind.STRIP: _strip, Kind.ARROW: _arrow, Kind.DISC: _disc}


def _colours(shapes: list[Shape]) -> np.ndarray:
    return np.round([255 * np.array(colour) for shape in shapes for colour in shape.colours]).astype(np.uint8)
