"""Node robot_cell: a UR5 behind a controller that speaks RTDE, and a camera on its wrist. Simulation only.

What moves the arm and draws is a simulator (`simulator.py`).
"""

import sys
import threading
from functools import partial

import numpy as np
from std_srvs.srv import Trigger

from ur5_cell.cell_config import CellConfig, SimulatedCameraConfig
from ur5_cell.controller_process import ControllerFailed
from ur5_cell.gazebo_relay import GazeboRelay
from ur5_cell.gazebo_simulator import GazeboSimulator
from ur5_cell.mujoco_simulator import MujocoSimulator
from ur5_cell.sensor_delay import DelayConfig, DelayLine
from ur5_cell.simulator import Cell, Picture, Simulator
from ur5_rl_env.cell_owner import FAULT_PORT
from ur5_rl_env.devices.picture_publisher import PicturePublisher
from ur5_rl_env.target import ShownTarget, TargetPoint, on_screen
from ur5_rl_graph import parameters, topics
from ur5_rl_graph.loss_publisher import LossPublisher
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import ns_from_time
from ur5_rl_graph.needed_thread import NeededThread
from ur5_rl_graph.node import Node
from ur5_rl_graph.priority import Priority, wake_in_time
from ur5_rl_graph.random_streams import Stream, generator
from ur5_rl_graph.run_config import RunConfig
from ur5_rl_graph.steady import every

CHECK_PERIOD_S = 0.2
FAULTS = {
    'protective_stop': topics.CELL_PROTECTIVE_STOP,
    'emergency_stop': topics.CELL_EMERGENCY_STOP,
    'release_emergency_stop': topics.CELL_RELEASE_EMERGENCY_STOP,
}


class RobotCell(Node):
    """Starts the controller and what is behind it, publishes its pictures; ends if either ends."""

    def __init__(self) -> None:
        super().__init__('robot_cell')
        self._config = parameters.declare(self, CellConfig)
        self._camera_config = parameters.declare(self, SimulatedCameraConfig)
        self._delay = parameters.declare(self, DelayConfig)
        self._target: ShownTarget | None = None
        self._told: set[str] = set()
        self._stop = threading.Event()
        arguments = ['--run-identity', RunConfig.of(self).run_identity]
        arguments += ['--robot-model', self._camera_config.robot_model]
        for fault, service in FAULTS.items():
            service.server(self, self._fault_handler(fault))
        if self._config.publish_camera:
            camera = self._camera_config
            size = camera.image_height, camera.image_width
            self._pictures = PicturePublisher(self, *size, camera.horizontal_fov)
        self._simulator = self._make_simulator()
        self._thread = self._make_thread()
        every(self, CHECK_PERIOD_S, self._check)
        # Last: what breaks a constructor off (Ctrl-C) must not leave the process that it has started.
        try:
            self._controller = self._simulator.start_controller(
                self._config.controller_address, FAULT_PORT, arguments
            )
        except ControllerFailed as error:
            raise OSError(str(error)) from None
        if self._thread is not None:
            self._thread.start()

    def destroy_node(self) -> None:
        """Ends simulator and controller."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._controller.stop()
        super().destroy_node()

    def _make_simulator(self) -> Simulator:
        config, camera = self._config, self._camera_config
        films = config.publish_camera
        cell = Cell(self._publish, self._target_at, self._say_once)
        line = DelayLine(self._delay, generator(config.seed, Stream.SENSOR_DELAY))
        if config.simulator == 'gazebo':
            return GazeboSimulator(self, GazeboRelay(cell, camera, line), films)
        noise = generator(config.seed, Stream.PIXEL_NOISE)
        return MujocoSimulator(cell, camera, config.camera_period_s, line, noise)

    def _make_thread(self) -> NeededThread | None:
        """Returns the simulator's thread; None where nothing is drawn and the arm moves without it."""
        simulator = self._config.simulator
        if not self._config.publish_camera and simulator == 'mujoco':
            return None
        topics.TARGET.subscription(self, self._on_target)
        every(self, 1.0, LossPublisher(self, self._simulator.losses).publish)
        # Without OpenGL, an OSError, a restart would not help.
        return NeededThread(
            f'robot_cell: the simulation in {simulator}',
            lambda: self._simulator.run(self._controller, self._stop),
            hopeless=(OSError,),
        )

    def _target_at(self, stamp_ns: int) -> tuple[float, float] | None:
        target = self._target
        return None if target is None else target.at(stamp_ns)[:2]

    def _publish(self, picture: Picture) -> None:
        self._pictures.publish(picture.pixels, picture.stamp_ns)

    def _on_target(self, target) -> None:
        config = self._camera_config
        point = TargetPoint(target.x, target.y, target.vx, target.vy)
        half_range = (target.screen_width / 2 - target.radius, target.screen_height / 2 - target.radius)
        shown = (target.radius, target.screen_width, target.screen_height)
        drawn = (config.target_radius, config.screen_width, config.screen_height)
        if not np.allclose(shown, drawn):
            self._say_once(
                'sizes',
                f'target_monitor shows radius and screen {shown} m, this node draws {drawn} m; give both '
                'nodes the same target_radius, screen_width, screen_height',
            )
            point, half_range = on_screen(point, shown[1:], config), config.half_range
        try:
            stamp, start = ns_from_time(target.header.stamp), target.start_stamp or None
            self._target = ShownTarget.announced(stamp, point, start, half_range)
        except ValueError as error:
            self._say_once('target', f'{error}; the last good one stays')

    def _check(self) -> None:
        if self._controller.exit_code is not None:
            self._end(f'the robot controller has ended with exit code {self._controller.exit_code}', 1)
        if self._thread is not None:
            self._thread.check()

    def _end(self, text: str, code: int) -> None:
        print(f'error: robot_cell: {text}', file=sys.stderr, flush=True)
        raise SystemExit(code)

    def _say_once(self, kind: str, text: str) -> None:
        if kind not in self._told:
            self._told.add(kind)
            self.get_logger().error(text)

    def _fault_handler(self, fault: str):
        def handle(_, response: Trigger.Response) -> Trigger.Response:
            try:
                self._controller.fault(fault)
                response.success, response.message = True, f'{fault}: done'
            except (OSError, ValueError) as error:
                response.success, response.message = False, f'{fault}: {error}'
            return response

        return handle


def main() -> int:
    """Runs the node."""
    return run(RobotCell, ready=partial(wake_in_time, Priority.PICTURES, on_any_core=True))
