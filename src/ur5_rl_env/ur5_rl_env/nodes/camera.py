"""Node camera: frames of a real camera, stamped with the time of their capture."""

import threading
from functools import partial

from ur5_rl_env.devices.camera import Camera, CameraConfig
from ur5_rl_env.devices.image_encoder import choose_encoder
from ur5_rl_env.devices.picture_publisher import PicturePublisher
from ur5_rl_env.devices.video_device import open_device
from ur5_rl_graph import parameters
from ur5_rl_graph.loss_publisher import LossPublisher
from ur5_rl_graph.main import run
from ur5_rl_graph.needed_thread import NeededThread
from ur5_rl_graph.node import Node
from ur5_rl_graph.priority import Priority, wake_in_time
from ur5_rl_graph.steady import every

CHECK_PERIOD_S = 0.5


class CameraNode(Node):
    """A thread waits for frames and publishes them; the executor watches it."""

    def __init__(self) -> None:
        super().__init__('camera')
        self._config = config = parameters.declare(self, CameraConfig)
        encode, encoder = choose_encoder()
        size = config.image_height, config.image_width
        self._pictures = PicturePublisher(self, *size, config.horizontal_fov, encode)
        self._stop = threading.Event()
        self._camera = Camera(self._config, lambda: open_device(self._config), self._report, self._stop.wait)
        self.get_logger().info(f'camera {self._config.device}; messages by {encoder}')
        # A daemon: a driver may hold it for seconds after its camera has gone. A wrong size stays wrong.
        self._thread = NeededThread('camera: its thread', self._film, hopeless=(ValueError,), daemon=True)
        self._thread.start()
        every(self, CHECK_PERIOD_S, self._check)
        every(self, 1.0, LossPublisher(self, lambda: self._camera.losses_by_name).publish)

    def destroy_node(self) -> None:
        """Ends the thread first."""
        self._stop.set()
        self._thread.join(1.0)
        print(f'camera: {self._camera}', flush=True)
        super().destroy_node()

    def _film(self) -> None:
        while not self._stop.is_set():
            frame = self._camera.next_frame()
            if frame is not None:
                self._pictures.publish(frame.pixels, frame.stamp_ns)
        self._camera.close()

    def _check(self) -> None:
        self._camera.check()
        self._thread.check()

    def _report(self, level: str, text: str) -> None:
        match level:  # rclpy wants a line of its own for each severity
            case 'info':
                self.get_logger().info(text)
            case 'warning':
                self.get_logger().warning(text)
            case _:
                self.get_logger().error(text)


def main() -> int:
    """Runs the node."""
    return run(CameraNode, ready=partial(wake_in_time, Priority.PICTURES, on_any_core=True))
