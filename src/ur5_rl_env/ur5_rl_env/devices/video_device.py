"""Cameras and video files through OpenCV."""

import os
import time
from pathlib import Path

import cv2
import numpy as np

from ur5_rl_env.devices.camera import CameraConfig, VideoDevice
from ur5_rl_env.devices.granted import Granted

if hasattr(cv2.utils, 'logging'):  # OpenCV's own warnings would come with every attempt to open
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
elif hasattr(cv2, 'setLogLevel'):
    cv2.setLogLevel(2)  # errors


def open_device(config: CameraConfig) -> VideoDevice:
    """Opens the camera or file that `config.device` names.

    Raises:
        OSError: it cannot be opened; the text, put behind the camera's name, tells what to do.
    """
    return VideoFile(config) if os.path.isfile(config.device) else LiveCamera(config)


class _Capture:
    """What OpenCV does alike for every source."""

    _capture: cv2.VideoCapture

    def retrieve(self) -> np.ndarray | None:
        """See VideoDevice."""
        good, picture = self._capture.retrieve()
        return picture if good else None

    def close(self) -> None:
        """See VideoDevice."""
        self._capture.release()

    def driver_ms(self) -> float:
        """See VideoDevice. Of V4L2 this is the time stamp of the buffer that was grabbed."""
        return self._capture.get(cv2.CAP_PROP_POS_MSEC)

    def granted(self) -> Granted:
        """See VideoDevice. A driver answers 0 or -1 where it does not know."""
        read = self._capture.get
        code, auto = int(read(cv2.CAP_PROP_FOURCC)), read(cv2.CAP_PROP_AUTO_EXPOSURE)
        letters = code.to_bytes(4, 'little', signed=True)
        return Granted(
            width=round(read(cv2.CAP_PROP_FRAME_WIDTH)),
            height=round(read(cv2.CAP_PROP_FRAME_HEIGHT)),
            rate_hz=read(cv2.CAP_PROP_FPS) if read(cv2.CAP_PROP_FPS) > 0 else None,
            pixel_format=letters.decode() if letters.isalnum() else '',
            exposure_auto=int(auto) if auto >= 0 else None,
            exposure_s=1e-4 * read(cv2.CAP_PROP_EXPOSURE) if read(cv2.CAP_PROP_EXPOSURE) > 0 else None,
        )


class LiveCamera(_Capture):
    """A USB camera or a stream. V4L2 by name: other ways to the same camera give other times, or none."""

    live = True

    def __init__(self, config: CameraConfig) -> None:
        number, local = config.device.isdecimal(), config.device.startswith('/dev/')
        self._capture = cv2.VideoCapture(
            int(config.device) if number else config.device, cv2.CAP_V4L2 if number or local else cv2.CAP_ANY
        )
        if not self._capture.isOpened():
            present = ', '.join(sorted(str(path) for path in Path('/dev').glob('video*'))) or 'none'
            raise OSError(
                f'cannot be opened; is it connected, and may this user read it (group video)? '
                f'Video devices here: {present}'
            )
        if config.pixel_format:  # first: the sizes depend on it
            self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*config.pixel_format))
        for name, value in (
            (cv2.CAP_PROP_FRAME_WIDTH, config.capture_width),
            (cv2.CAP_PROP_FRAME_HEIGHT, config.capture_height),
            (cv2.CAP_PROP_FPS, 1.0 / config.camera_period_s),
            (cv2.CAP_PROP_BUFFERSIZE, 1),
        ):
            self._capture.set(name, value)

    def grab(self) -> bool:
        """See VideoDevice."""
        return self._capture.grab()


class VideoFile(_Capture):
    """A recording, one frame every camera period, from the beginning again at its end."""

    live = False

    def __init__(self, config: CameraConfig) -> None:
        self._capture = cv2.VideoCapture(config.device)
        if not self._capture.isOpened():
            raise OSError('is a file that OpenCV cannot read as a video')
        self._period = config.camera_period_s
        self._due = time.monotonic()

    def grab(self) -> bool:
        """See VideoDevice."""
        time.sleep(max(self._due - time.monotonic(), 0.0))
        self._due = max(self._due + self._period, time.monotonic())
        if self._capture.grab():
            return True
        self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
        return self._capture.grab()
