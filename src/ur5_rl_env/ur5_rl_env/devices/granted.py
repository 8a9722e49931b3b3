"""What a camera's driver has granted, beside what was asked for."""

from typing import NamedTuple

from ur5_rl_env.devices.picture import sizes_for

AUTO = (0, 2, 3)
"""Values of V4L2's exposure_auto (1 = manual) with which the camera chooses its exposure time."""


class Granted(NamedTuple):
    """Settings read back from the driver; None where it does not say."""

    width: int  # 0 or less = unknown, as is the height
    height: int
    rate_hz: float | None
    pixel_format: str  # four letters, '' = unknown
    exposure_auto: int | None  # V4L2: 1 = manual
    exposure_s: float | None

    def __str__(self) -> str:
        rate = 'unknown rate' if self.rate_hz is None else f'{self.rate_hz:g} Hz'
        kind = {None: 'unknown', 1: 'manual'}.get(self.exposure_auto, 'automatic')
        time = '' if self.exposure_s is None else f' {1e3 * self.exposure_s:g} ms'
        pixels = self.pixel_format or 'unknown format'
        return f'{self.width}x{self.height}, {rate}, {pixels}, {kind} exposure{time}'


def differences(
    granted: Granted,
    size: tuple[int, int],
    image: tuple[int, int],
    period_s: float,
    pixel_format: str,
) -> list[str]:
    """Returns one line with its remedy for each setting that is not as asked.

    Args:
        granted: by the driver.
        size: that was asked for (H, W) [pixel].
        image: what is to be sub-sampled of it (H, W) [pixel].
        period_s: between two frames that was asked for [s].
        pixel_format: that was asked for; '' = none.
    """
    lines, modes = [], 'v4l2-ctl --list-formats-ext lists what the camera can'
    known = granted.height > 0 and granted.width > 0  # a stream's is not before its first picture
    if known and (granted.height, granted.width) != size:
        remedy = sizes_for((granted.height, granted.width), *image)
        lines.append(
            f'gives {granted.width}x{granted.height}, asked was {size[1]}x{size[0]}: {remedy} ({modes})'
        )
    if granted.rate_hz is not None and abs(granted.rate_hz * period_s - 1.0) > 0.01:
        lines.append(
            f'gives {granted.rate_hz:g} Hz, asked was {1 / period_s:g} Hz: set camera_period_s of camera and '
            f'environment to {1 / granted.rate_hz:.4f}, or choose a mode with that rate ({modes})'
        )
    if pixel_format and granted.pixel_format != pixel_format:
        lines.append(
            f'gives {granted.pixel_format or "an unknown format"}, asked was {pixel_format}: '
            f"set pixel_format to one of its own, or to '' ({modes})"
        )
    if granted.exposure_auto in AUTO:
        lines.append(
            'chooses its exposure itself, so that colour and rate change with the light: '
            'v4l2-ctl -c auto_exposure=1 -c exposure_time_absolute=100 sets 10 ms'
        )
    elif granted.exposure_s is not None and granted.exposure_s > period_s:
        lines.append(
            f'exposes for {1e3 * granted.exposure_s:g} ms, the camera period is {1e3 * period_s:g} ms: '
            'v4l2-ctl -c exposure_time_absolute=100 sets 10 ms'
        )
    return lines
