"""The real servo and the real controller, and all that lies between them in an adversary's hand: no sockets,
no clock.

One control step: packets arrive at the controller, it takes a step, and its reading goes to the servo.
"""

from collections import deque

import numpy as np

from ur5_cell.control_program import SET_WATCHDOG, SPEED_J
from ur5_cell.motion import JointMotion
from ur5_cell.robot import PLAYING, Robot
from ur5_cell.robot_config import RobotConfig
from ur5_cell.script_port import Upload
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.arm_link import Reading
from ur5_rl_env.devices.arm_packets import VelocityPacket
from ur5_rl_env.devices.arm_servo import Servo
from ur5_rl_env.guard import Guard
from ur5_rl_env.kinematics import kinematics_of
from ur5_rl_env.tool_point import ToolPoint
from ur5_rl_env.watchdog import CommandWatchdog, WatchdogConfig

JOINTS, BOX = (0, 1, 2, 3, 4, 9, 10, 11, 12, 13), (6, 7, 8, 15, 16, 17)  # lower bounds, then upper ones
MOVED = JOINTS + BOX  # of the 18 bounds those that we can reach


class Cell:
    """One arm at `q` (6,) [rad], with a program on it, and a servo that has begun its speed motion.

    Attributes:
        config: GuardConfig.
        frozen: control steps for which the servo process still stands still.
        packets_late: control steps that packets to the controller take longer.
        reading_late: control steps that a reading is old when the servo hears it.
        worst: the farthest that joints and tool point were beyond each bound, (18,) [rad, m].
    """

    def __init__(self, q, config, stop_deceleration=None):
        self.frozen = self.packets_late = self.reading_late = 0
        self.has_program = False
        robot = RobotConfig(
            robot_model=config.robot_model,
            start_joints=tuple(q),
            program_start_delay=0.0,
            program_stop_deceleration=stop_deceleration or config.stop_deceleration,
        )
        self.robot = Robot(robot, lambda line: None)
        self.robot.load(Upload(0, 0))
        self.config, self._tool = config, ToolPoint(kinematics_of(config.robot_model), config.tool_offset)
        self._low = np.array([*config.joint_low, *config.box_low])
        self._high = np.array([*config.joint_high, *config.box_high])
        self._packets = deque()  # (control step at which it arrives, fields)
        self._readings = deque(maxlen=config.late_steps)
        self.now = 10**15
        self.servo = Servo(
            self, Guard(config), CommandWatchdog(WatchdogConfig(), 0.04),
            ArmConfig(robot_model=config.robot_model),
            lambda packet: None, lambda: self.now, lambda: self.now,
        )  # fmt: skip
        self.worst = self._beyond()
        for _ in range(3):
            self.step()

    @property
    def jacobian(self):
        """How joints and tool point change with the five joints, (9, 5)."""
        return np.vstack([np.eye(6), self._tool.jacobian(self.robot.motion.q)])[:, :5]

    @property
    def room(self):
        """Way left to each bound, (18,) [rad, m]: the lower ones, then the upper ones."""
        return -self._beyond()

    def danger(self, steps, deceleration):
        """How far the arm would pass a bound if it went on as it does for `steps`, and then braked."""
        motion = JointMotion(self.robot.motion.q, self.config.control_period_s)
        motion.qd = list(self.robot.motion.qd)
        motion.speed(motion.qd, 1.0)
        worst = -1.0
        for step in range(round(4.0 / self.config.control_period_s)):
            if step == steps:
                motion.brake(deceleration)
            motion.step()
            if step % 4 == 0 or motion.at_rest:
                worst = max(worst, self._beyond(motion.q)[list(MOVED)].max())
            if step > steps and motion.at_rest:
                return worst

    def step(self, command=None, again=None, late=0):
        """One control step; `command` and `again` (5,) [rad/s] come to the servo after its reading.

        Where `late` is given, it stands still for so many steps while it writes the answer to `command`.
        """
        while self._packets and self._packets[0][0] <= self.robot.steps:
            self.robot.write_inputs(self._packets.popleft()[1])
        self.robot.step()
        self.now += round(1e9 * self.config.control_period_s)
        self.worst = np.maximum(self.worst, self._beyond())
        self._readings.append(self._reading())
        if self.frozen:
            self.frozen -= 1
            return
        self.servo.tick(self._readings[-1 - min(self.reading_late, len(self._readings) - 1)])
        self.packets_late += late
        for velocity in (command, again):
            if velocity is not None:
                self.servo.velocity(VelocityPacket(self.now, (*velocity, 0.0)))
        self.packets_late -= late
        self.frozen += late

    def come_to_rest(self):
        """No more commands; steps until nothing moves the arm any more."""
        while self._packets or not self.robot.motion.at_rest:
            self.step()

    def kill(self):
        """SIGKILL of the servo, or SIGSTOP."""
        self.frozen = 10**9

    def start_program(self):
        self.has_program = True

    def begin_speed(self, watchdog_s):
        self._write(SET_WATCHDOG, 1.0 / watchdog_s)
        self.robot.step()

    def speed(self, velocity, acceleration):
        self._write(SPEED_J, *velocity, acceleration, self.config.control_period_s)

    def _write(self, command, *doubles):
        fields = {f'input_double_register_{i}': float(value) for i, value in enumerate(doubles)}
        arrives = self.robot.steps + self.packets_late
        if self._packets:  # packets keep their order
            arrives = max(arrives, self._packets[-1][0])
        self._packets.append((arrives, {**fields, 'input_int_register_0': command}))
        if not self.packets_late:
            while self._packets and self._packets[0][0] <= self.robot.steps:
                self.robot.write_inputs(self._packets.popleft()[1])

    def _reading(self):
        motion = self.robot.motion
        q, qd = tuple(motion.q), tuple(motion.qd)
        playing = self.robot.runtime_state == PLAYING
        return Reading(self.now, 1e-9 * self.now, q, qd, q, qd, 7, 1, playing, False, False)

    def _beyond(self, q=None):
        q = self.robot.motion.q if q is None else q
        place = np.array([*q, *self._tool.position(q)])
        return np.concatenate([self._low - place, place - self._high])


def outward(cell, bounds, speed, bluntly=False):
    """A request towards `bounds` (indices into `Cell.room`), (5,) [rad/s]; bluntly: all joints alike."""
    rows = cell.jacobian
    towards = sum(rows[i % 9] / np.abs(rows[i % 9]).max() * (-1.0 if i < 9 else 1.0) for i in bounds)
    if bluntly:
        return speed * np.sign(np.round(towards, 6))
    return speed * towards / np.abs(towards).max()
