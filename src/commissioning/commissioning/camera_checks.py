"""What a camera must be like: it is opened as node camera opens it, watched for a moment, and judged."""

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import NamedTuple

import cv2
import numpy as np

from commissioning.finding import Finding, State
from ur5_rl_env.devices.camera import Camera, CameraConfig, VideoDevice
from ur5_rl_env.reward import TARGET_HIGH, TARGET_LOW, target_mask
from ur5_rl_graph.clock import Clock

WATCHED_S = 2.0
PERIOD_TOLERANCE = 0.03
LATE_S = 0.1
FEW_PIXELS = 10
RED_GREY = 40
"""A pixel so much redder than blue and green is of the target, whatever the mask says [grey level]."""
BRIGHT, DARK = 250.0, 15.0
"""Median grey levels at which a picture shows nothing."""


class Sight(NamedTuple):
    """What was seen of a camera."""

    lines: list[tuple[str, str]]  # level and text of what it reported
    stamps_s: list[float]  # capture times of its frames
    ages_s: list[float]  # of its frames on arrival
    picture: np.ndarray | None  # the last one, (H, W, 3) uint8 BGR
    losses: dict[str, int]  # what became no frame, by what it was


def watch(
    config: CameraConfig,
    open_device: Callable[[], VideoDevice],
    show: Callable[[], None],
    clock: Clock | None = None,
    wait: Callable[[float], object] = time.sleep,
) -> Sight:
    """Looks through a camera for a moment.

    Args:
        config: CameraConfig.
        open_device: opens it.
        show: paints the target, where there is a monitor; called with each frame.
        clock: a fake one in tests.
        wait: between two attempts to open it.
    """
    clock = clock or Clock()
    lines: list[tuple[str, str]] = []
    camera = Camera(config, open_device, lambda *line: lines.append(line), wait, clock)
    stamps, ages, picture, end = [], [], None, clock.now() + WATCHED_S
    while clock.now() < end:
        show()
        frame = camera.next_frame()
        if frame is not None:
            stamps.append(1e-9 * frame.stamp_ns)
            ages.append(1e-9 * (clock.stamp() - frame.stamp_ns))
            picture = frame.pixels
    camera.check()
    losses = {what: count for what, count in camera.losses_by_name.items() if count}
    camera.close()
    return Sight(lines, stamps, ages, picture, losses)


def judge(config: CameraConfig, sight: Sight, shown: bool) -> Iterator[Finding]:
    """Yields what is found; `shown`: whether the target was on the monitor meanwhile."""
    if sight.picture is None:
        text = '; '.join(line for _, line in sight.lines) or f'no frame within {WATCHED_S:g} s'
        yield Finding(State.FAULT, 'camera', f'{config.device}: {text}')
        return
    granted = [line for level, line in sight.lines if level == 'info']
    yield Finding(State.OK, 'camera', '; '.join(granted) or f'{config.device} gives pictures')
    for level, line in sight.lines:
        if level != 'info':
            yield Finding(State.WARNING, 'camera', line)
    yield rate(config, sight)
    yield latency(sight)
    yield light(sight.picture)
    yield target(sight.picture, shown)


def rate(config: CameraConfig, sight: Sight) -> Finding:
    """Judges the period of the frames, and what was lost of them."""
    if len(sight.stamps_s) < 3:
        return Finding(
            State.FAULT, 'rate', f'{len(sight.stamps_s)} frames in {WATCHED_S:g} s', 'see its cable'
        )
    period = median(np.diff(sight.stamps_s))
    text = f'{1 / period:.1f} Hz' + ''.join(f', {count} {what}' for what, count in sight.losses.items())
    if abs(period / config.camera_period_s - 1.0) > PERIOD_TOLERANCE:
        asked = f'asked was {1 / config.camera_period_s:g} Hz'
        remedy = f"{asked}: camera_period_s: {period:.4f} for every node ('/**')"
        return Finding(State.WARNING, 'rate', text, remedy)
    return Finding(State.WARNING if sight.losses else State.OK, 'rate', text)


def latency(sight: Sight) -> Finding:
    """Judges how old frames are on arrival, by their stamps."""
    age = median(sight.ages_s)
    text = f'{1e3 * age:.0f} ms by its stamps'
    if age > LATE_S:
        return Finding(State.WARNING, 'latency', text, 'another pixel_format, a shorter exposure, no USB hub')
    return Finding(State.OK, 'latency', f'{text}; ./ur5rl calibrate measures it')


def light(picture: np.ndarray) -> Finding:
    """Judges whether there is anything to be seen."""
    grey = float(np.median(np.asarray(cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_BGR2GRAY))))
    if not DARK <= grey <= BRIGHT:
        what = 'dark' if grey < DARK else 'bright'
        remedy = 'set the exposure by hand: v4l2-ctl -c auto_exposure=1 -c exposure_time_absolute=100'
        return Finding(State.WARNING, 'light', f'the picture is {what} (median {grey:.0f} of 255)', remedy)
    return Finding(State.OK, 'light', f'median {grey:.0f} of 255')


def target(picture: np.ndarray, shown: bool) -> Finding:
    """Judges whether the target is seen, and with colours that the reward counts."""
    counted = int(np.count_nonzero(target_mask(np.ascontiguousarray(picture))))
    blue, green, red = (picture[..., channel].astype(int) for channel in range(3))
    reddish = red - np.maximum(blue, green) > RED_GREY
    seen = int(np.count_nonzero(reddish))
    if counted >= FEW_PIXELS:
        return Finding(State.OK, 'target', f'{counted} pixels of its colour')
    if seen >= FEW_PIXELS:
        b, g, r = np.median(picture[reddish], axis=0)
        counts = f'{counted} are in {TARGET_LOW} to {TARGET_HIGH}'
        text = f'{seen} reddish pixels of B, G, R {b:.0f}, {g:.0f}, {r:.0f}; {counts}'
        return Finding(
            State.FAULT, 'target', text, 'white balance and exposure by hand, no light on the monitor'
        )
    if shown:
        remedy = 'turn the camera to the monitor: at home it should see the whole screen'
        return Finding(State.FAULT, 'target', 'nothing red in the picture, though it is shown', remedy)
    return Finding(State.ASK, 'target', 'nothing red in the picture', 'is it to be seen? display:= shows one')
