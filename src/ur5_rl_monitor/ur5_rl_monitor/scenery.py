"""What is drawn beside the robot, kept up to date by the messages of a graph; no node and no clock."""

from typing import Any

from ur5_rl_env.devices.arm_tally import velocity_by_name
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.kinematics import kinematics_of
from ur5_rl_env.tool_point import ToolPoint
from ur5_rl_env.wire import joints_of
from ur5_rl_graph.messages import ns_from_time
from ur5_rl_monitor import scene_shapes
from ur5_rl_monitor.motion_trace import MotionTrace
from ur5_rl_monitor.scene_shapes import Shape


class Scenery:
    """Takes messages in the order of their coming; what it cannot use it refuses with a ValueError."""

    def __init__(self, path_s: float, guard: GuardConfig) -> None:
        """Knows the bounds of the guard only.

        Args:
            path_s: so much of the way of the tool is drawn [s].
            guard: of the arm driver.
        """
        self._trace = MotionTrace(path_s, ToolPoint(kinematics_of(guard.robot_model), guard.tool_offset))
        self._standing = {'box': scene_shapes.box(guard.box_low, guard.box_high)}
        self._target: list[Shape] = []

    def request(self, command: Any) -> None:
        """Takes a VelocityCommand."""
        asked = velocity_by_name(command.name, command.velocity)
        self._trace.request(ns_from_time(command.header.stamp), asked)

    def execute(self, executed: Any) -> None:
        """Takes an ExecutedCommand."""
        sent = velocity_by_name(executed.name, executed.velocity)
        self._trace.execute(executed.command_stamp, sent, executed.changed)

    def move(self, state: Any) -> None:
        """Takes a JointState."""
        joints = joints_of(state)
        self._trace.move(joints.stamp_ns, joints.position.tolist())

    def aim(self, target: Any) -> None:
        """Takes a TargetState."""
        self._target = [scene_shapes.target(target.x, target.y, target.radius)]
        self._standing['screen'] = scene_shapes.screen(target.screen_width, target.screen_height)

    def look_through(self, info: Any) -> None:
        """Takes a CameraInfo."""
        self._standing['view'] = scene_shapes.camera_view(info.height, info.width, tuple(info.k))

    def moving(self) -> list[Shape]:
        """Returns the disc, the way of the tool and the changed commands."""
        trace = self._trace
        return [*self._target, *scene_shapes.path(trace.places), *scene_shapes.arrows(trace.changes)]

    def standing(self) -> list[Shape]:
        """Returns the box and, as far as they are known, the screen and the camera's view."""
        return list(self._standing.values())
