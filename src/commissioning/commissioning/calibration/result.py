"""What the measurements say: in lines for a person, and in the parameters of a setting."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from commissioning.calibration import delays, monitor_geometry
from commissioning.calibration.delays import Delay
from commissioning.calibration.procedure import JOGGED, Harvest, jumps_seen
from commissioning.calibration.sensed import Recording
from commissioning.finding import Finding, State
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.reward import TARGET_HIGH, TARGET_LOW
from ur5_rl_env.scene_config import MONITOR_CENTRE
from ur5_rl_env.task import CONTROL_CYCLE_S
from ur5_rl_graph import parameter_file, settings
from ur5_rl_graph.parameter_file import EVERY_NODE
from ur5_rl_graph.whole_file import write_text

STAMPS_S = CONTROL_CYCLE_S
"""Joint states are themselves stamped when they are taken up, up to a control step after: no delay against
them is known better."""
SLOW_S = 0.1
ASIDE_M, TILT_DEG = 0.010, 2.0
"""How far screen and camera may be from their places before a person is asked to move them."""
SURE_M, USELESS_M = 0.005, 0.020
"""Twice the standard deviation of the screen's place, width and height: what is good, what is not written."""
COUNTED = 0.9
"""Share of the disc's pixels that the reward has to count."""


class Result(NamedTuple):
    """All that was measured."""

    stamps: Delay  # of the camera's stamps, after what they show
    camera: Delay  # from what a picture shows to its arrival
    monitor: Delay  # from the word to the light
    arm: Delay  # from a command to the motion
    screen: monitor_geometry.Measured
    colour: np.ndarray  # (n, 3) B, G, R of the pixels of the disc


def of(
    harvest: Harvest,
    recording: Recording,
    start: monitor_geometry.Geometry,
    size: tuple[int, int],
    acceleration: float,
    arm: Kinematics,
) -> Result:
    """Returns what the recording says.

    Args:
        harvest: of the procedure.
        recording: that belongs to it.
        start: about where things are.
        size: of the pictures (H, W) [pixel].
        acceleration: of the arm [rad/s^2].
        arm: that looked.

    Raises:
        ValueError: it does not say something; the line says what.
    """
    arrival = delays.of_jumps(jumps_seen(harvest.shown, recording.pictures, lambda picture: picture.arrival))
    camera = _of_motion(harvest, recording, 'arrival')
    times, _, velocities = recording.joints_between(*harvest.jog)
    sent_times, sent = np.array(recording.sent).T
    return Result(
        stamps=_of_motion(harvest, recording, 'stamp'),
        camera=camera,
        monitor=Delay(arrival.seconds - camera.seconds, math.hypot(arrival.within, camera.within)),
        arm=_against_stamps(delays.of_response(sent_times, sent, times, velocities[:, JOGGED], acceleration)),
        screen=monitor_geometry.measure(harvest.sightings, start, size, arm),
        colour=np.concatenate(recording.colours) if recording.colours else np.empty((0, 3)),
    )


def jogged(harvest: Harvest, recording: Recording, time: str) -> tuple[np.ndarray, ...]:
    """Returns times (n,) and places (n, 2) of the disc, and times (m,) and angles (m,) of the jogged joint.

    Args:
        harvest: of the procedure.
        recording: that belongs to it.
        time: 'stamp' or 'arrival', of the pictures.
    """
    begin, end = harvest.jog
    pictures = recording.pictures_between(begin, end)
    joint_times, positions, _ = recording.joints_between(begin - 1.0, end + 1.0)
    spots = [picture.spot for picture in pictures if picture.spot]
    seen = np.array([(spot.column, spot.row) for spot in spots]).reshape(-1, 2)
    return np.array([getattr(picture, time) for picture in pictures]), seen, joint_times, positions[:, JOGGED]


def _of_motion(harvest: Harvest, recording: Recording, time: str) -> Delay:
    return _against_stamps(delays.of_motion(*jogged(harvest, recording, time)))


def _against_stamps(delay: Delay) -> Delay:
    return Delay(delay.seconds, math.hypot(delay.within, STAMPS_S))


def findings(result: Result) -> Iterator[Finding]:
    """Yields a line for each thing that was measured, with what a person can change."""
    yield _stamps(result)
    yield _delay('camera', 'from what a picture shows to its arrival', result.camera)
    yield _delay('monitor', 'from the word to the light', result.monitor)
    yield _delay('arm', 'from a command to the motion', result.arm)
    yield _screen(result)
    yield _mount(result)
    yield colour(result.colour)
    off = math.sqrt(float((result.screen.residuals**2).mean()))
    used, left_out = len(result.screen.used), result.screen.left_out
    seen = f'{used} discs lie {off:.2f} pixels off what explains them, {left_out} left out'
    few = off > 1.0 or left_out > used // 10
    yield Finding(State.WARNING if few else State.OK, 'fit', seen, 'look at screen.png' if few else '')


def colour(pixels: np.ndarray) -> Finding:
    """Judges what share of the disc's pixels, (n, 3) B, G, R, has colours that the reward counts."""
    if not len(pixels):
        return Finding(
            State.WARNING, 'colour', 'no pixels of the disc were kept', 'start the calibration again'
        )
    counted = float(np.all((pixels >= TARGET_LOW) & (pixels <= TARGET_HIGH), axis=1).mean())
    low, high = (np.percentile(pixels, share, axis=0).round().astype(int).tolist() for share in (5, 95))
    limits = f'{TARGET_LOW} to {TARGET_HIGH}'
    text = f'the disc is B, G, R {low} to {high}; {100 * counted:.0f} % of it are in {limits}'
    if counted < COUNTED:
        remedy = 'set white balance and exposure by hand, keep lamps off the screen'
        return Finding(State.WARNING, 'colour', text, remedy)
    return Finding(State.OK, 'colour', text)


def parameters(result: Result, setting: dict[str, dict]) -> dict[str, dict]:
    """Returns a copy of the parameters of a setting, by the name of the node, with what was measured.

    Raises:
        ValueError: something was measured that a parameter does not take; its limits are told. Or the screen
            was not seen from enough places to know where it stands.
    """
    if (within := _within(result.screen)) > USELESS_M:
        raise ValueError(
            f'the screen is known within {1e3 * within:.0f} mm only (limit {1e3 * USELESS_M:.0f}), by '
            f'{len(result.screen.used)} discs: what hides it from the other places? look at screen.png'
        )
    geometry = result.screen.geometry
    measured = {
        EVERY_NODE: {
            'screen_width': geometry.width,
            'screen_height': geometry.height,
            'monitor_y': float(geometry.centre[1]),
            'horizontal_fov': geometry.horizontal_fov,
        },
        '/camera': {'camera_latency_ms': 1e3 * max(result.camera.seconds, 0.0)},
        '/robot_cell': {'camera_delay_ms': 1e3 * max(result.camera.seconds, 0.0)},
    }
    checked = {
        node: {
            name: parameter_file.checked(node, name, round(float(value), 4)) for name, value in values.items()
        }
        for node, values in measured.items()
    }
    nodes = {node: dict(values) for node, values in setting.items()}
    settings.give(nodes, checked)
    return nodes


def write(path: Path, nodes: dict[str, dict], lines: list[str]) -> None:
    """Writes a setting as a whole, with what was measured as a comment."""
    write_text(path, ''.join(f'# {line}\n' for line in lines) + parameter_file.dump(nodes))


def _stamps(result: Result) -> Finding:
    late = result.stamps.seconds
    text = f'pictures are stamped {_ms(result.stamps)} after what they show'
    if abs(late) > STAMPS_S:
        remedy = (
            'camera_latency_ms of this setting mends it where the driver gives no capture time; elsewhere '
            'images are paired with joints of so much later: a shorter exposure, another driver'
        )
        return Finding(State.WARNING, 'stamps', text, remedy)
    return Finding(State.OK, 'stamps', text)


def _delay(name: str, what: str, delay: Delay) -> Finding:
    text = f'{_ms(delay)} {what}'
    if delay.seconds > SLOW_S:
        return Finding(State.WARNING, name, text, 'that is much for an action cycle of 40 ms')
    return Finding(State.OK, name, text)


def _screen(result: Result) -> Finding:
    found, within = result.screen.geometry, _within(result.screen)
    right, near, up = found.centre - (MONITOR_CENTRE[0], 0.0, MONITOR_CENTRE[2])
    tilt = math.degrees(float(np.linalg.norm(found.turn)))
    text = (
        f'{1e3 * found.width:.0f} x {1e3 * found.height:.0f} mm, at y = {near:.3f} m '
        f'(within {1e3 * within:.1f} mm), {1e3 * right:+.0f} mm right and '
        f'{1e3 * up:+.0f} mm up of its place, turned by {tilt:.1f} deg'
    )
    if max(abs(right), abs(up)) > ASIDE_M or tilt > TILT_DEG:
        return Finding(State.WARNING, 'screen', text, 'move it there: its centre has no parameter')
    if within > SURE_M:
        return Finding(State.WARNING, 'screen', text, 'it was seen from too few places: look at screen.png')
    return Finding(State.OK, 'screen', text)


def _within(found: monitor_geometry.Measured) -> float:
    """Twice the largest standard deviation of the screen's place and size [m]."""
    deviation = found.deviations
    return 2.0 * float(max(*deviation.centre, deviation.width, deviation.height))


def _mount(result: Result) -> Finding:
    found = result.screen.geometry
    x, y, z = 1e3 * found.camera_place
    turn = np.degrees(found.camera_turn)
    text = (
        f'the camera is {x:.0f}, {y:.0f}, {z:.0f} mm from the flange in tool0, turned by '
        f'{turn[0]:.1f}, {turn[1]:.1f}, {turn[2]:.1f} deg about x, y, z, and sees '
        f'{found.horizontal_fov:.1f} deg'
    )
    if float(np.abs(turn).max()) > TILT_DEG:
        return Finding(State.WARNING, 'mount', text, 'turn it back: it is to look along z of tool0')
    return Finding(State.OK, 'mount', text)


def _ms(delay: Delay) -> str:
    return f'{1e3 * delay.seconds:.1f} ms (within {1e3 * delay.within:.1f})'
