"""The camera_info message of an ideal pinhole camera."""

from sensor_msgs.msg import CameraInfo

from ur5_rl_env.devices.picture import pinhole
from ur5_rl_env.frames import OPTICAL_FRAME


def pinhole_info(height: int, width: int, horizontal_fov: float) -> CameraInfo:
    """Returns the message without a stamp; nominal, as long as nobody has calibrated the camera."""
    f, cx, cy = pinhole(height, width, horizontal_fov)
    info = CameraInfo(height=height, width=width, distortion_model='plumb_bob', d=[0.0] * 5)
    info.k = [f, 0.0, cx, 0.0, f, cy, 0.0, 0.0, 1.0]
    info.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    info.p = [f, 0.0, cx, 0.0, 0.0, f, cy, 0.0, 0.0, 0.0, 1.0, 0.0]
    info.header.frame_id = OPTICAL_FRAME
    return info
