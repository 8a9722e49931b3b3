"""Draws the robot description, its frames and the markers, as a viewer of ROS would (output:=scene.png)."""

import json
import sys

import cv2
import numpy as np
from _options import options

from ur5_cell import scene as _chooses_opengl  # noqa: F401, before mujoco is imported
from ur5_cell.motion import JointMotion
from ur5_rl_env.devices.picture import pinhole
from ur5_rl_env.guard import Guard, GuardConfig
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.target import ScreenConfig
from ur5_rl_env.task import CONTROL_CYCLE_S
from ur5_rl_env.tool_point import ToolPoint
from ur5_rl_env.urdf import robot_description
from ur5_rl_graph.data import JOINT_NAMES
from ur5_rl_monitor import scene_shapes
from ur5_rl_monitor.motion_trace import MotionTrace
from ur5_rl_monitor.robot_tree import RobotTree, product, turned
from ur5_rl_monitor.scene_shapes import Kind, Shape

import mujoco  # isort: skip

SIZE = (1200, 760)
AXIS_M, AXIS_WIDTH_M = 0.09, 0.0035
AWAY = (-0.22, 0.35, -0.40, 0.05, 0.22, 0.0)
"""Velocity that leads the arm to a face of the guard's box [rad/s]."""
SECONDS = 4.0


def main() -> None:
    """Moves the arm, draws it where it has come to."""
    output = options(sys.argv[1:], output='scene.png')['output']
    trace, q = moved_arm()
    tree = RobotTree(robot_description())
    poses = poses_of(tree, q)
    focal, cx, cy = pinhole(90, 160, 60.0)
    guard, screen = GuardConfig(), ScreenConfig()
    shapes = [
        scene_shapes.box(guard.box_low, guard.box_high),
        scene_shapes.screen(screen.screen_width, screen.screen_height),
        scene_shapes.target(0.12, 0.05, screen.target_radius),
        scene_shapes.camera_view(90, 160, (focal, 0.0, cx, 0.0, focal, cy, 0.0, 0.0, 1.0)),
        *scene_shapes.path(trace.places),
        *scene_shapes.arrows(trace.changes),
    ]
    picture = Picture(q)
    for name in sorted(tree.frames):
        picture.axes(poses[name])
    for shape in shapes:
        picture.shape(shape, poses[shape.frame])
    if not cv2.imwrite(output, picture.drawn()):
        raise SystemExit(f'{output} cannot be written; give a path that ends in .png')
    print(
        f'{output}: {len(tree.frames)} frames, {len(shapes)} markers, {len(trace.changes)} changed commands'
    )
    print(json.dumps({'frames': len(tree.frames), 'markers': len(shapes), 'changes': len(trace.changes)}))


def moved_arm() -> tuple[MotionTrace, np.ndarray]:
    """Returns the trace of an ideal arm that is asked to leave the box, and where the guard has kept it."""
    guard, trace = Guard(GuardConfig()), MotionTrace(2 * SECONDS, ToolPoint(Kinematics(UR5)))
    motion = JointMotion(UR5.home, CONTROL_CYCLE_S)
    for step in range(round(SECONDS / CONTROL_CYCLE_S)):
        now = round(step * CONTROL_CYCLE_S * 1e9)
        command = now - now % 40_000_000 + 1  # a new one in each action cycle
        trace.request(command, AWAY)
        trace.move(now, motion.q)
        verdict = guard.filter(motion.q, motion.qd, AWAY)
        trace.execute(command, verdict.velocity, verdict.intervened)
        motion.step()
        motion.speed(verdict.velocity, guard.acceleration)
    return trace, np.array(motion.q)


def poses_of(tree: RobotTree, q: np.ndarray) -> dict:
    """Returns translation and rotation of every frame in the root, from the transforms that tf carries."""
    found = {tree.root: ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))}
    waiting = [*tree.fixed(), *tree.moving(dict(zip(JOINT_NAMES, q, strict=True)))]
    while waiting:
        transform = waiting.pop(0)
        if transform.parent not in found:
            waiting.append(transform)
            continue
        place, turn = found[transform.parent]
        moved = turned(turn, transform.translation)
        place = tuple(a + b for a, b in zip(place, moved, strict=True))
        found[transform.child] = (place, product(turn, transform.rotation))
    return found


class Picture:
    """The robot as MuJoCo's URDF compiler reads it, with lines and discs on top."""

    def __init__(self, q: np.ndarray) -> None:
        """Places the robot."""
        keep = '<mujoco><compiler fusestatic="false" discardvisual="false"/></mujoco>'
        text = robot_description().replace('<robot name="ur5">', f'<robot name="ur5">{keep}')
        model = mujoco.MjModel.from_xml_string(text)
        model.vis.global_.offwidth, model.vis.global_.offheight = SIZE
        model.vis.headlight.ambient[:] = 0.6
        model.vis.map.znear = 0.01
        data = mujoco.MjData(model)
        data.qpos[:] = q
        mujoco.mj_forward(model, data)
        camera = mujoco.MjvCamera()
        camera.lookat[:] = (-0.02, 0.42, 0.36)
        camera.distance, camera.azimuth, camera.elevation = 1.6, 148.0, -20.0
        self._renderer = mujoco.Renderer(model, SIZE[1], SIZE[0])
        option = mujoco.MjvOption()
        option.geomgroup[:] = 0
        option.geomgroup[1] = 1  # what is seen; what can be touched is group 0
        self._renderer.update_scene(data, camera, option)

    def axes(self, pose: tuple) -> None:
        """Draws x red, y green, z blue."""
        place, turn = pose
        for i in range(3):
            along = turned(turn, tuple(AXIS_M * (i == j) for j in range(3)))
            colour = tuple(0.9 * (i == j) for j in range(3))
            end = tuple(a + b for a, b in zip(place, along, strict=True))
            self._connect(place, end, AXIS_WIDTH_M, (*colour, 1.0), mujoco.mjtGeom.mjGEOM_CAPSULE)

    def shape(self, shape: Shape, pose: tuple) -> None:
        """Draws a marker in its frame."""
        place, turn = pose
        points = [
            tuple(a + b for a, b in zip(place, turned(turn, point), strict=True)) for point in shape.points
        ]
        colours = shape.colours if len(shape.colours) > 1 else shape.colours * len(points)
        if shape.kind is Kind.DISC:
            out = turned(turn, (0.0, 0.0, 0.002))
            end = tuple(a + b for a, b in zip(points[0], out, strict=True))
            self._connect(points[0], end, shape.size / 2, colours[0], mujoco.mjtGeom.mjGEOM_CYLINDER)
            return
        step = 1 if shape.kind is Kind.STRIP else 2
        kind = mujoco.mjtGeom.mjGEOM_ARROW if shape.kind is Kind.ARROW else mujoco.mjtGeom.mjGEOM_CAPSULE
        for i in range(0, len(points) - 1, step):
            self._connect(points[i], points[i + 1], shape.size / 2, colours[i + 1], kind)

    def drawn(self) -> np.ndarray:
        """Returns the picture, (height, width, 3) uint8 BGR."""
        picture = cv2.cvtColor(self._renderer.render(), cv2.COLOR_RGB2BGR)
        background = (picture == 0).all(axis=2)
        picture[background] = 245
        self._renderer.close()
        return picture

    def _connect(self, start: tuple, end: tuple, width: float, colour: tuple, kind: int) -> None:
        scene = self._renderer.scene
        geom = scene.geoms[scene.ngeom]
        nothing = np.zeros(3)
        mujoco.mjv_initGeom(geom, kind, nothing, nothing, np.eye(3).ravel(), np.array(colour, np.float32))
        mujoco.mjv_connector(geom, kind, width, np.array(start, float), np.array(end, float))
        scene.ngeom += 1


if __name__ == '__main__':
    main()
