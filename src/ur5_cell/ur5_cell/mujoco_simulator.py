"""MuJoCo behind the controller: the arm is where the controller says, MuJoCo draws it."""

import contextlib
import threading

import numpy as np

from ur5_cell.camera_loop import CameraLoop
from ur5_cell.cell_config import SimulatedCameraConfig
from ur5_cell.controller_process import ControllerProcess
from ur5_cell.joint_state_ring import StaleJointState
from ur5_cell.sensor_delay import DelayLine
from ur5_cell.simulator import Cell, Picture
from ur5_rl_env.scene_config import MONITOR_CENTRE


class MujocoSimulator:
    """Draws what the wrist camera sees at the exact joint angles of the capture time."""

    def __init__(
        self,
        cell: Cell,
        camera: SimulatedCameraConfig,
        period_s: float,
        line: DelayLine,
        noise: np.random.Generator,
    ) -> None:
        """Makes nothing yet: OpenGL belongs to the thread of `run`."""
        self._cell, self._config, self._period = cell, camera, period_s
        self._line, self._noise = line, noise
        self._loop: CameraLoop | None = None

    def start_controller(self, address: str, fault_port: int, arguments: list[str]) -> ControllerProcess:
        """Returns the controller with an ideal arm that does not go through the screen."""
        config, (x, _, z) = self._config, MONITOR_CENTRE
        screen = (x, config.monitor_y, z, config.screen_width, config.screen_height)
        words = [*arguments, '--screen', *map(str, screen)]
        return ControllerProcess(address, fault_port=fault_port, arguments=words)

    def run(self, controller: ControllerProcess, stop: threading.Event) -> None:
        """Films until `stop` is set.

        Raises:
            OSError: there is no off-screen OpenGL.
        """
        from ur5_cell.simulated_camera import SimulatedCamera  # which needs OpenGL to be imported

        self._ring = controller.ring
        self._camera = SimulatedCamera(self._config, self._noise)
        with contextlib.closing(self._camera):
            self._loop = CameraLoop(self._period, self._capture, self._cell.deliver, self._line)
            self._loop.run(stop)
        print(f'robot_cell: camera: {self._loop}', flush=True)

    def losses(self) -> dict[str, int]:
        """Returns how many frames were left out, by reason."""
        loop = self._loop
        return {} if loop is None else {'frames skipped': loop.skipped, 'without joint states': loop.missing}

    def _capture(self, stamp_ns: int, monotonic_ns: int) -> Picture | None:
        try:
            q = self._ring.at(monotonic_ns).q
        except StaleJointState as error:
            self._cell.complain('stale', f'a camera frame is left out: {error}')
            return None
        return Picture(stamp_ns, self._camera.picture(q, self._cell.target_at(stamp_ns)))
