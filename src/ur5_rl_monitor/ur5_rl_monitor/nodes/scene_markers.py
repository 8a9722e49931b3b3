"""Node scene_markers: the guard's box, the target, the camera's view and the way of the tool, for people."""

from rclpy.node import Node

from ur5_rl_env.devices.arm_tally import velocity_by_name
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.tool_point import ToolPoint
from ur5_rl_env.wire import joints_of
from ur5_rl_graph import parameters, topics
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import ns_from_time
from ur5_rl_graph.polled import Polled
from ur5_rl_graph.steady import every
from ur5_rl_monitor import marker_messages, scene_shapes
from ur5_rl_monitor.markers_config import MarkersConfig
from ur5_rl_monitor.motion_trace import MotionTrace

LOOK_S = 0.040
"""Between two looks at what has come: once for each action cycle, as a rule."""
STATIC_S = 1.0
"""Between two messages about what stands still."""
LIFETIMES = 3.0
"""A marker is shown for so many periods of its messages: those of a node that has ended go by themselves."""


class SceneMarkers(Node):
    """Looks at the newest messages of the graph and draws; nothing waits for it."""

    def __init__(self) -> None:
        super().__init__('scene_markers')
        self._config = parameters.declare(self, MarkersConfig)
        guard = parameters.declare(self, GuardConfig)
        self._trace = MotionTrace(self._config.path_s, ToolPoint(guard.tool_offset))
        self._standing = {'box': scene_shapes.box(guard.box_low, guard.box_high)}
        self._target = []
        self._drawn = scene_shapes.Drawn()
        self._joints = Polled(self, topics.JOINT_STATES)
        self._commands = Polled(self, topics.VELOCITY_COMMAND)
        self._executed = Polled(self, topics.EXECUTED_COMMAND)
        self._targets = Polled(self, topics.TARGET)
        self._infos = Polled(self, topics.CAMERA_INFO)
        self._moving = topics.MARKERS.publisher(self)
        self._static = topics.STATIC_MARKERS.publisher(self)
        every(self, LOOK_S, self._look)
        every(self, 1.0 / self._config.markers_frequency, self._draw)
        every(self, STATIC_S, self._draw_standing)

    def _look(self) -> None:
        try:
            if (command := self._commands.newest()) is not None:
                asked = velocity_by_name(command.name, command.velocity)
                self._trace.request(ns_from_time(command.header.stamp), asked)
            if (executed := self._executed.newest()) is not None:
                sent = velocity_by_name(executed.name, executed.velocity)
                self._trace.execute(executed.command_stamp, sent, executed.changed)
            if (state := self._joints.newest()) is not None:
                joints = joints_of(state)
                self._trace.move(joints.stamp_ns, joints.position)
        except ValueError as error:
            self._refuse(error)

    def _draw(self) -> None:
        if (target := self._targets.newest()) is not None:
            self._target = [scene_shapes.target(target.x, target.y, target.radius)]
            self._standing['screen'] = scene_shapes.screen(target.screen_width, target.screen_height)
        trace = self._trace
        shapes = [*self._target, *scene_shapes.path(trace.places), *scene_shapes.arrows(trace.changes)]
        lifetime_s = LIFETIMES / self._config.markers_frequency
        self._moving.publish(marker_messages.markers(shapes, self._drawn.gone(shapes), lifetime_s))

    def _draw_standing(self) -> None:
        if (info := self._infos.newest()) is not None:
            try:
                self._standing['view'] = scene_shapes.camera_view(info.height, info.width, tuple(info.k))
            except ValueError as error:
                self._refuse(error)
        shapes = self._standing.values()
        self._static.publish(marker_messages.markers(shapes, (), LIFETIMES * STATIC_S))

    def _refuse(self, error: ValueError) -> None:
        self.get_logger().warning(f'markers: {error}; not drawn', throttle_duration_sec=10.0)


def main() -> int:
    """Runs the node."""
    return run(SceneMarkers)
