"""What a UR controller must be like before an arm moves: each check judges what was read of it."""

import math
from collections.abc import Iterable, Iterator

import numpy as np

from commissioning.controller_reading import Reading
from commissioning.finding import Finding, State
from ur5_rl_env.bounds import Bounds
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.controller_modes import NORMAL, PLAYING, REDUCED, ROBOT_MODES, RUNNING
from ur5_rl_env.devices.examination import LinkLostError, UnfitControllerError, check_free, check_model
from ur5_rl_env.guard import Guard, GuardConfig
from ur5_rl_env.kinematics import kinematics_of, rotation_matrix

SAFETY_MODES = {
    1: 'NORMAL',
    2: 'REDUCED',
    3: 'PROTECTIVE_STOP',
    4: 'RECOVERY',
    5: 'SAFEGUARD_STOP',
    6: 'SYSTEM_EMERGENCY_STOP',
    7: 'ROBOT_EMERGENCY_STOP',
    8: 'VIOLATION',
    9: 'FAULT',
}
FULL_SPEED = 0.995
GOOD_M, BAD_M = 0.002, 0.010
"""A factory calibration moves the flange by millimetres; other link lengths by centimetres."""


def judge(host: str, reading: Reading, guard: GuardConfig, arm: ArmConfig) -> Iterator[Finding]:
    """Yields what is found, and at the end what only a person can tell."""
    yield Finding(State.OK, 'controller', f'RTDE, dashboard and script port answer at {host}')
    yield model(host, reading, arm)
    yield registers(host, reading)
    yield stream(reading, guard)
    yield power(reading)
    yield safety_mode(reading)
    yield program(reading)
    yield slider(reading)
    yield payload(reading, arm)
    yield place(reading, guard)
    yield kinematics(reading, guard)
    yield remote(reading)
    yield planes(guard, arm)


def model(host: str, reading: Reading, arm: ArmConfig) -> Finding:
    """Judges the model, and the series by the version of its software."""
    found = reading.found
    try:
        check_model(found, host, arm.robot_model)
    except UnfitControllerError as error:
        return Finding(State.FAULT, 'model', str(error))
    return Finding(State.OK, 'model', f'{found.model}, PolyScope {".".join(map(str, found.version[:3]))}')


def registers(host: str, reading: Reading) -> Finding:
    """Judges whether another client commands the controller."""
    try:
        check_free(reading.found, host)
    except LinkLostError as error:
        return Finding(State.FAULT, 'registers', str(error))
    return Finding(State.OK, 'registers', 'free')


def stream(reading: Reading, guard: GuardConfig) -> Finding:
    """Judges rate and evenness of the states; the guard counts on none that is later than `late_steps`."""
    period_s = guard.control_period_s
    text = f'{reading.rate_hz:.1f} states a second, at most {1e3 * reading.longest_gap_s:.0f} ms apart'
    if abs(reading.rate_hz * period_s - 1.0) > 0.01:
        return Finding(State.FAULT, 'stream', text, f'{1 / period_s:g} were asked for')
    if reading.longest_gap_s > guard.late_steps * period_s:
        remedy = 'a cable of its own, no switch that others use, and a computer that does nothing else'
        return Finding(State.WARNING, 'stream', text, remedy)
    return Finding(State.OK, 'stream', text)


def power(reading: Reading) -> Finding:
    """Judges the robot's mode."""
    mode = int(reading.values['robot_mode'][0])
    text = ROBOT_MODES.get(mode, f'mode {mode}')
    if mode != RUNNING:
        return Finding(State.FAULT, 'power', text, 'switch it on at the pendant and release the brakes')
    return Finding(State.OK, 'power', text)


def safety_mode(reading: Reading) -> Finding:
    """Judges the mode of the safety system."""
    mode = int(reading.values['safety_mode'][0])
    text = SAFETY_MODES.get(mode, f'mode {mode}')
    if mode == REDUCED:
        return Finding(State.WARNING, 'safety', text, 'slower than the guard counts on: leave it')
    if mode != NORMAL:
        return Finding(State.FAULT, 'safety', text, 'look for the cause, then clear it at the pendant')
    return Finding(State.OK, 'safety', text)


def program(reading: Reading) -> Finding:
    """Judges whether a program runs."""
    if int(reading.values['runtime_state'][0]) == PLAYING:
        text = 'a program runs on the controller; it is stopped when you give your word'
        return Finding(State.WARNING, 'program', text, 'stop it at the pendant if it is not ours')
    return Finding(State.OK, 'program', 'none runs')


def slider(reading: Reading) -> Finding:
    """Judges the speed that the controller grants."""
    granted = reading.values['speed_scaling'][0] * reading.values['target_speed_fraction'][0]
    text = f'{100 * granted:.0f} % of the speed'
    if granted < FULL_SPEED:
        return Finding(State.FAULT, 'slider', text, 'set the speed slider to 100 %; a run pauses below')
    return Finding(State.OK, 'slider', text)


def payload(reading: Reading, arm: ArmConfig) -> Finding:
    """Judges mass and centre of gravity at the flange, which braking and protective stops depend on."""
    if arm.payload is not None:
        mass, cog = arm.payload
        return Finding(State.OK, 'payload', f'{mass:g} kg at {cog} m is told to it when our program starts')
    told = reading.values.get('payload')
    if told is None:
        text = 'this controller does not tell it'
        return Finding(State.ASK, 'payload', text, 'does the pendant name mass and centre of the camera?')
    text = f'{told[0]:.2f} kg' + (
        f' at {_m(reading.values["payload_cog"])}' if 'payload_cog' in reading.values else ''
    )
    if told[0] <= 0.0:
        remedy = 'weigh camera and mount: Installation, TCP, or payload_mass and payload_cog of arm_driver'
        return Finding(State.WARNING, 'payload', text, remedy)
    return Finding(State.ASK, 'payload', f'{text} is set on the pendant', 'is that camera and mount?')


def place(reading: Reading, config: GuardConfig) -> Finding:
    """Judges where the arm is, against the guard's bounds."""
    q, bounds = reading.values['actual_q'], Bounds(config)
    if text := bounds.out_of_reach(q):
        return Finding(State.FAULT, 'place', text)
    if Guard(config).outside(q):
        remedy = f'it will be brought back at {config.return_velocity} rad/s; or move it inside by hand'
        return Finding(State.WARNING, 'place', f"{bounds.passed(q)} is outside the guard's bounds", remedy)
    return Finding(State.OK, 'place', "inside the guard's bounds")


def kinematics(reading: Reading, guard: GuardConfig) -> Finding:
    """Judges the link lengths that guard and reward count on, by the arm's own word on its flange."""
    if not {'actual_TCP_pose', 'tcp_offset'} <= reading.values.keys():
        text = 'this controller does not tell its tool offset'
        return Finding(State.ASK, 'kinematics', text, 'compare its flange with docs/units_and_frames.md')
    pose, offset = reading.values['actual_TCP_pose'], reading.values['tcp_offset']
    flange = np.array(pose[:3]) - rotation_matrix(pose[3:]) @ rotation_matrix(offset[3:]).T @ np.array(
        offset[:3]
    )
    ours = kinematics_of(guard.robot_model).controller_from_tool0(reading.values['actual_q'])[:3, 3]
    apart = float(np.linalg.norm(flange - ours))
    text = f'its flange is {1e3 * apart:.1f} mm from where our link lengths have it'
    if apart > BAD_M:
        return Finding(State.FAULT, 'kinematics', text, f'this is no {guard.robot_model}: do not move it')
    if apart > GOOD_M:
        remedy = "its factory calibration: keep the safety planes so much inside, the guard's box likewise"
        return Finding(State.WARNING, 'kinematics', text, remedy)
    return Finding(State.OK, 'kinematics', text)


def remote(reading: Reading) -> Finding:
    """Judges remote control, where the controller has such a switch and tells of it."""
    answer = reading.answers.get('is in remote control', '').lower()
    if answer == 'true':
        return Finding(State.OK, 'remote', 'in remote control')
    if answer == 'false':
        return Finding(State.FAULT, 'remote', 'in local control', 'switch to remote control at the pendant')
    text = 'this controller does not tell it'
    return Finding(State.ASK, 'remote', text, 'has the pendant such a switch, and is it on remote?')


def planes(guard: GuardConfig, arm: ArmConfig) -> Finding:
    """Says what only a person can compare: no protocol tells the limits of the safety system."""
    remedy = f'compare Installation, Safety with these: {"; ".join(safety_limits(guard, arm))}'
    return Finding(State.ASK, 'planes', 'no protocol tells safety planes, joint and speed limits', remedy)


def safety_limits(guard: GuardConfig, arm: ArmConfig) -> list[str]:
    """Returns the guard's bounds as PolyScope wants them: mm in the frame Base, degrees.

    `base_link` turned by pi about z is the controller's frame, so that x and y change sign. Speed is that of
    the way home, where that is faster.
    """
    (x0, y0, z0), (x1, y1, z1) = guard.box_low, guard.box_high
    box = {'x': (-x1, -x0), 'y': (-y1, -y0), 'z': (z0, z1)}
    lines = [f'plane {axis} {1e3 * low:.0f} to {1e3 * high:.0f} mm' for axis, (low, high) in box.items()]
    if any(guard.tool_offset):  # the planes bound the TCP, the guard this point
        lines.append(f'TCP {", ".join(f"{1e3 * part:.0f}" for part in guard.tool_offset)} mm')
    names = ('base', 'shoulder', 'elbow', 'wrist 1', 'wrist 2', 'wrist 3')
    for name, low, high in zip(names, guard.joint_low, guard.joint_high, strict=True):
        lines.append(f'{name} {math.degrees(low):.0f} to {math.degrees(high):.0f} deg')
    fastest = math.degrees(max(guard.max_velocity, arm.home_velocity))
    lines.append(f'joint speeds {math.ceil(fastest)} deg/s')
    return lines


def _m(values: Iterable[float]) -> str:
    return '(' + ', '.join(f'{value:.3f}' for value in values) + ') m'
