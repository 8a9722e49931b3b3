"""A camera that comes and goes: frames with their capture time, outages reported once and counted.

No ROS. What delivers pictures is a `VideoDevice` (video_device.py); tests put a fake in its place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from ur5_rl_env.devices.capture_time import CaptureTime, Source
from ur5_rl_env.devices.granted import Granted, differences
from ur5_rl_env.devices.picture import stride_of, subsample
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.config import check, setting
from ur5_rl_graph.data import Image

REOPEN_S = 1.0
SILENCE_S = 2.0
"""After so long without a frame a camera that still answers is reported [s]."""
BUFFERED_S = 0.001
"""A grab that takes less found an old frame waiting in the driver."""
UNREADABLE_IN_A_ROW = 5
"""A camera of which so many frames cannot be decoded is opened again; one alone is a fault of its USB bus."""
_AGAIN = f'trying again every {REOPEN_S:.0f} s'


@dataclass(frozen=True, kw_only=True)
class CameraConfig:
    """A real camera and what is kept of its pictures."""

    device: str = setting('0', 'number, /dev path or URL of the camera, or a video file (played for ever)')
    capture_width: int = setting(640, 'width asked of the camera [pixel]', low=16, high=3840)
    capture_height: int = setting(360, 'height asked of the camera [pixel]', low=9, high=2160)
    pixel_format: str = setting('', "format asked of the camera, four letters such as 'MJPG'; '' = its own")
    camera_period_s: float = setting(0.040, 'time between two camera frames [s]', low=0.004, high=1.0)
    camera_latency_ms: float = setting(
        40.0,
        'age of a frame on arrival, where the driver gives no capture time; measure it [ms]',
        low=0.0,
        high=1000.0,
    )
    image_width: int = setting(160, 'width of the published frames: every n-th pixel', low=16, high=1920)
    image_height: int = setting(90, 'height of the published frames: every n-th row', low=9, high=1080)
    horizontal_fov: float = setting(
        60.0, 'horizontal field of view, for camera_info [degree]', low=20.0, high=120.0
    )

    def __post_init__(self) -> None:
        check(self)
        if len(self.pixel_format) not in (0, 4):
            raise ValueError(
                f"pixel_format is {self.pixel_format!r}; it must be four letters such as 'MJPG', or ''"
            )
        stride_of((self.capture_height, self.capture_width), self.image_height, self.image_width)


class VideoDevice(Protocol):
    """An open camera."""

    live: bool
    """False for a recording: equal pictures may follow each other, and it is stamped as it is played."""

    def grab(self) -> bool:
        """Waits for the next frame; False = the device is lost."""

    def retrieve(self) -> Image | None:
        """Returns the grabbed frame, (H, W, 3) uint8 BGR."""

    def driver_ms(self) -> float:
        """Returns when the grabbed frame was captured [ms], in a clock of the driver's; if `live`."""

    def granted(self) -> Granted:
        """Returns what the driver has granted; if `live`."""

    def close(self) -> None:
        """Gives the device back."""


class CameraFrame(NamedTuple):
    """One frame."""

    stamp_ns: int  # time of capture, since the epoch
    pixels: Image  # (image_height, image_width, 3)


class Camera:
    """Delivers frames for as long as there is a device, and waits for one where there is none.

    Args:
        config: CameraConfig.
        open_device: opens the device; raises OSError with the remedy in its text.
        report: called with a level ('info', 'warning', 'error') and one line.
        wait: called with seconds between two attempts to open.
        clock: a fake one in tests.
    """

    def __init__(
        self,
        config: CameraConfig,
        open_device: Callable[[], VideoDevice],
        report: Callable[[str, str], None],
        wait: Callable[[float], object],
        clock: Clock | None = None,
    ) -> None:
        self._config = config
        self._open_device, self._report, self._wait = open_device, report, wait
        self._clock = clock or Clock()
        self._device: VideoDevice | None = None
        self._times = self._new_times()  # of the device that is open
        self._said_source = Source.UNKNOWN
        self._grabbed_at = 0.0  # when the newest grab was over
        self._last_pixels: Image | None = None
        self._last_frame_at = self._clock.now()
        self._reported = False  # the outage that goes on
        self._unreadable_in_a_row = 0
        self.frames = self.losses = self.stale = self.repeated = self.mistimed = self.unreadable = 0

    def next_frame(self) -> CameraFrame | None:
        """Waits for the next frame; None where this attempt gave none that is new.

        Raises:
            ValueError: the device delivers pictures of a size that cannot be sub-sampled as configured.
        """
        device = self._device or self._open()
        if device is None:
            return None
        began = self._clock.now()
        if not device.grab():
            self._lose('is lost; check its cable')
            return None
        now = self._clock.now()
        stamp_ns = self._capture_time(device, began, now)
        if stamp_ns is None:
            return None
        picture = device.retrieve()
        if picture is None:
            self._skip_unreadable()
            return None
        self._unreadable_in_a_row = 0
        pixels = subsample(picture, self._config.image_height, self._config.image_width)
        if device.live and self._is_repeated(pixels):
            self.repeated += 1
            return None
        self._last_pixels = pixels
        self._arrived(now)
        return CameraFrame(stamp_ns, pixels)

    def _capture_time(self, device: VideoDevice, began: float, now: float) -> int | None:
        """Returns the capture time of the frame that was just grabbed, None where there is none to trust."""
        since, self._grabbed_at = began - self._grabbed_at, now
        if not device.live:
            return self._clock.stamp()
        times = self._times
        stamp_ns = times.of_frame(device.driver_ms(), now)
        self._say_source(times)
        if stamp_ns is None:
            self.mistimed += 1
        elif times.source is Source.LATENCY:
            # A frame that waited in the driver is older by an unknown time: it was there at once, or the
            # one before was taken more than a period ago.
            if now - began < BUFFERED_S or since > self._config.camera_period_s:
                self.stale += 1
                return None
        return stamp_ns

    def _is_repeated(self, pixels: Image) -> bool:
        """Returns whether a picture is the last one again: no sensor gives the same noise twice.

        Where all is white or all is black there is none to see; then the driver's time says that it is new.
        """
        if self._last_pixels is None or not np.array_equal(pixels, self._last_pixels):
            return False
        darkest, brightest = int(pixels.min()), int(pixels.max())
        clipped = darkest == brightest and darkest in (0, 255)
        return not clipped or self._times.source is Source.LATENCY

    def _say_source(self, times: CaptureTime) -> None:
        if times.source is self._said_source:
            return
        self._said_source = times.source
        line = f'camera {self._config.device} is stamped by {times.source.value}'
        if times.source is Source.LATENCY:
            latency, doubted = self._config.camera_latency_ms, times.doubted_ms
            line += f' ({latency:g} ms: measure it), since the driver says {doubted:g} ms, which cannot be'
            self._report('warning', line)
        else:
            self._report('info', f'{line}; its first frame was {1e3 * times.age_s:.0f} ms old')

    def check(self) -> None:
        """Reports a camera that is open but silent; call it now and then from another thread."""
        silence = self._clock.now() - self._last_frame_at
        if silence > SILENCE_S and not self._reported:
            self._begin_outage(
                f'has given no new frame for {silence:.0f} s ({self.stale} stale, {self.repeated} repeated '
                'ones discarded); is another program using it, is its USB bus overloaded?'
            )

    def close(self) -> None:
        """Gives the device back."""
        if self._device is not None:
            self._device.close()
            self._device = None

    @property
    def losses_by_name(self) -> dict[str, int]:
        """What did not become a frame, by what it is in words."""
        return {
            'stale frames not sent': self.stale,
            'repeated frames not sent': self.repeated,
            'frames without a capture time not sent': self.mistimed,
            'frames that cannot be decoded not sent': self.unreadable,
            'losses of the device': self.losses,
        }

    def __str__(self) -> str:
        return (
            f'{self.frames} frames; {self.stale} stale, {self.repeated} repeated ones, {self.mistimed} '
            f'without a capture time and {self.unreadable} that cannot be decoded not sent; '
            f'lost {self.losses} times'
        )

    def _new_times(self) -> CaptureTime:
        return CaptureTime(1e-3 * self._config.camera_latency_ms, self._clock)

    def _open(self) -> VideoDevice | None:
        try:
            self._device = device = self._open_device()
        except OSError as error:
            self._begin_outage(f'{error}; {_AGAIN}')
            self._wait(REOPEN_S)
            return None
        self._times = self._new_times()
        self._said_source, self._grabbed_at = Source.UNKNOWN, self._clock.now()
        if device.live:
            self._say_granted(device)
        return device

    def _say_granted(self, device: VideoDevice) -> None:
        """Says what the driver has granted, and what of it was not asked for."""
        config, granted = self._config, device.granted()
        self._report('info', f'camera {config.device} gives {granted}')
        size, image = (config.capture_height, config.capture_width), (config.image_height, config.image_width)
        for line in differences(granted, size, image, config.camera_period_s, config.pixel_format):
            self._report('warning', f'camera {config.device} {line}')

    def _skip_unreadable(self) -> None:
        """Counts a frame that cannot be decoded; the camera is lost where many follow each other."""
        self.unreadable += 1
        self._unreadable_in_a_row += 1
        if self._unreadable_in_a_row >= UNREADABLE_IN_A_ROW:
            count, self._unreadable_in_a_row = self._unreadable_in_a_row, 0
            self._lose(f'gave {count} frames in a row that cannot be decoded; see its cable and pixel_format')

    def _lose(self, why: str) -> None:
        self.losses += 1
        self.close()
        self._begin_outage(f'{why}; {_AGAIN}')
        self._wait(REOPEN_S)

    def _begin_outage(self, what: str) -> None:
        if not self._reported:
            self._reported = True
            self._report('error', f'camera {self._config.device} {what}')

    def _arrived(self, now: float) -> None:
        if self._reported:
            self._reported = False
            gap = now - self._last_frame_at
            self._report('info', f'camera {self._config.device} delivers again after {gap:.1f} s')
        self._last_frame_at = now
        self.frames += 1
