"""Image messages by cv_bridge where ROS 2 has it, by our own encoder elsewhere."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sensor_msgs.msg import Image

from ur5_rl_graph.messages import image_from_msg, msg_from_image, time_from_ns

Encoder = Callable[[np.ndarray, int, str], Image]


def choose_encoder() -> tuple[Encoder, str]:
    """Returns the encoder, called as `msg_from_image`, and its name.

    cv_bridge is used only if it carries a picture over unchanged: the package of that name on PyPI is a port
    of ROS 1's and does not.
    """
    try:
        from cv_bridge import CvBridge

        bridge = CvBridge()
        sample = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
        if np.array_equal(image_from_msg(bridge.cv2_to_imgmsg(sample, 'bgr8')), sample):
            return _bridge_encoder(bridge), 'cv_bridge'
    except Exception:  # absent, or broken in one of many ways; either way we do without
        pass
    return msg_from_image, 'ur5_rl_graph'


def _bridge_encoder(bridge: Any) -> Encoder:
    def encode(pixels: np.ndarray, stamp_ns: int, frame_id: str) -> Image:
        image = bridge.cv2_to_imgmsg(np.ascontiguousarray(pixels), 'bgr8')
        image.header.stamp = time_from_ns(stamp_ns)
        image.header.frame_id = frame_id
        return image

    return encode
