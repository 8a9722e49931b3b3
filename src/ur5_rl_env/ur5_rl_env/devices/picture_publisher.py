"""The two topics of the wrist camera, whichever node has one."""

import numpy as np
from rclpy.node import Node

from ur5_rl_env.devices.camera_info import pinhole_info
from ur5_rl_env.devices.image_encoder import Encoder
from ur5_rl_env.frames import OPTICAL_FRAME
from ur5_rl_graph import topics
from ur5_rl_graph.messages import msg_from_image


class PicturePublisher:
    """Publishes pictures, each with the camera_info of an ideal pinhole camera."""

    def __init__(
        self, node: Node, height: int, width: int, horizontal_fov: float, encode: Encoder = msg_from_image
    ) -> None:
        """Makes the publishers on `node`, for pictures of this size [pixel] and field of view [degree]."""
        self._images, self._infos = topics.IMAGE.publisher(node), topics.CAMERA_INFO.publisher(node)
        self._info, self._encode = pinhole_info(height, width, horizontal_fov), encode

    def publish(self, pixels: np.ndarray, stamp_ns: int) -> None:
        """Publishes a picture, uint8 BGR, that was captured at `stamp_ns` [ns since the epoch]."""
        image = self._encode(pixels, stamp_ns, OPTICAL_FRAME)
        self._info.header.stamp = image.header.stamp
        self._images.publish(image)
        self._infos.publish(self._info)
