"""The simulated arm behind its network ports: arm, power, safety and program, one step at a time.

Pure: no sockets, no clock; time is the count of control steps.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ur5_cell import supervision
from ur5_cell.control_program import ControlProgram, ProgramError
from ur5_cell.io_ports import IoPorts, fraction
from ur5_cell.motion import JOINTS, JointMotion
from ur5_cell.registers import REGISTERS, InputFields
from ur5_cell.robot_config import RobotConfig
from ur5_cell.script_port import Upload
from ur5_cell.simulated_arm import Arm, IdealArm
from ur5_rl_env.kinematics import kinematics_of, rotation_vector

POWER_OFF, IDLE, RUNNING = 3, 5, 7  # robot mode
NORMAL, PROTECTIVE, EMERGENCY = 1, 3, 7  # safety mode (7: emergency stop of the robot)
STOPPED, PLAYING, PAUSED = 1, 2, 4  # runtime state
SAFETY_BITS = {NORMAL: 0x001, PROTECTIVE: 0x404, EMERGENCY: 0x4C0}


class Robot:
    """State of the arm and of its controller.

    Args:
        config: of the arm.
        log: called with one line for everything a pendant would show.
        arm: what follows the motion ; None = an ideal one at the start joints.

    Attributes:
        motion: where the joints are to be: the target.
        q, qd: where they are [rad] and how fast [rad/s], as the arm says.
    """

    def __init__(self, config: RobotConfig, log: Callable[[str], object], arm: Arm | None = None) -> None:
        self.config = config
        self.period = config.period
        self.kinematics = kinematics_of(config.robot_model)
        self.arm: Arm = arm or IdealArm(config.start_joints)
        self.motion = JointMotion(self.arm.q, config.period)
        self.q: Sequence[float] = self.arm.q
        self.qd: Sequence[float] = [0.0] * JOINTS
        self.inputs = InputFields()
        self.output_integers = [0] * REGISTERS
        self.output_doubles = [0.0] * REGISTERS
        self.io = IoPorts(self.inputs)
        self.speed_fraction = 1.0
        self.user_role = 'NONE'  # of the pendant, as the dashboard sets it; nothing follows from it
        self.payload, self.payload_cog = 0.0, (0.0, 0.0, 0.0)
        self.robot_mode, self.safety_mode = RUNNING, NORMAL
        self.steps = 0
        self.left_out_steps = 0  # in which the arm stood still; time went on
        # What follows from the joint states of this step, for as many clients as ask.
        self._derived: dict[Any, Any] = {}
        self._log = log
        self._program: ControlProgram | None = None
        self._paused = False
        self._starting: tuple[Upload, int] | None = None  # and the step at which it starts
        self._watchdog: tuple[str, float, int] | None = (
            None  # (input field, steps it may go unwritten, step of arming)
        )
        self._stopped_at = 0  # step of the protective stop

    @property
    def time(self) -> float:
        """Seconds since the controller started."""
        return (self.steps + self.left_out_steps) * self.period

    @property
    def runtime_state(self) -> int:
        """STOPPED, PLAYING or PAUSED."""
        if self._program is None:
            return STOPPED
        return PAUSED if self._paused else PLAYING

    @property
    def is_steady(self) -> bool:
        """True when the arm has been at rest for `steady_after`."""
        return self.motion.at_rest and self.motion.steps_at_rest * self.period >= self.config.steady_after

    def within_limits(self, q: Sequence[float]) -> bool:
        """True when all six angles [rad] are inside the joint limit."""
        return all(abs(angle) < self.config.joint_limit for angle in q)

    def tool_pose(self) -> Sequence[float]:
        """x, y, z [m] and rotation vector [rad] of the flange in the controller's frame, 6 floats."""
        return self._derive(self._tool_pose, self)

    def tool_velocity(self) -> Sequence[float]:
        """Linear [m/s] and angular [rad/s] velocity of the flange in the controller's frame, 6 floats."""
        return self._derive(self.kinematics.flange_velocity, self)

    def target_tool_pose(self) -> Sequence[float]:
        """As `tool_pose`, of the target."""
        return self._derive(self._tool_pose, self.motion)

    def target_tool_velocity(self) -> Sequence[float]:
        """As `tool_velocity`, of the target."""
        return self._derive(self.kinematics.flange_velocity, self.motion)

    def elbow(self) -> Sequence[float]:
        """Position [m] and velocity [m/s] of the elbow in the controller's frame, 6 floats."""
        return self._derive(self.kinematics.elbow, self)

    def step(self) -> None:
        """Advance by one control period: first the arm, then the program that sees where it is."""
        self.steps += 1
        self.motion.step()
        self.q, self.qd = self.arm.follow(self.motion.q, self.motion.qd)
        self._derived.clear()
        self._supervise()
        if self._starting is not None and self.steps >= self._starting[1]:
            self._begin_program(self._starting[0])
        self._check_watchdog()
        if self._program is not None and not self._paused:
            self._step_program(self._program)

    def load(self, upload: Upload) -> bool:
        """Start a control program after the start delay; it replaces a running one.

        Returns:
            False where the arm's state does not allow a program.
        """
        if self.robot_mode != RUNNING or self.safety_mode != NORMAL:
            self._log(f'program refused: robot mode {self.robot_mode}, safety mode {self.safety_mode}')
            return False
        self._end_program('replaced by a new upload')
        self._starting = (upload, self.steps + round(self.config.program_start_delay / self.period))
        return True

    def stop_program(self, why: str) -> None:
        """End the program, also one that has not begun yet; the arm brakes."""
        self._starting = None
        self._end_program(why)

    def pause(self) -> bool:
        """Pause the program; the arm brakes and keeps its command. False where none is running."""
        if self.runtime_state != PLAYING:
            return False
        self._paused = True
        self._hold_if_needed()
        return True

    def play(self) -> bool:
        """Let a paused program go on. False where there is none, or a safety stop forbids it."""
        if self.runtime_state != PAUSED or self.safety_mode != NORMAL:
            return False
        self._paused = False
        self._hold_if_needed()
        return True

    def arm_watchdog(self, field: str, frequency: float) -> None:
        """Act when the input `field` is not written for longer than 1 / `frequency` [Hz]; 0 disarms."""
        steps = 1.0 / frequency / self.period if frequency > 0.0 else None
        self._watchdog = (field, steps, self.steps) if steps is not None else None

    def protective_stop(self, why: str) -> None:
        """Stop the arm fast and take the program from it."""
        if self.safety_mode != NORMAL:
            return
        self._log(f'protective stop: {why}')
        self.safety_mode, self._stopped_at = PROTECTIVE, self.steps
        self._starting = None
        if self.config.program_after_protective_stop == 'paused' and self._program is not None:
            self._paused = True
        else:
            self._end_program('protective stop')
        self._hold_if_needed()

    def release_protective_stop(self) -> float:
        """Seconds still to wait before a release is accepted; 0.0 when it has been released."""
        if self.safety_mode != PROTECTIVE:
            return 0.0
        waited = (self.steps - self._stopped_at) * self.period
        if waited < self.config.release_after:
            return self.config.release_after - waited
        self._log('protective stop released')
        self.safety_mode = NORMAL
        self._hold_if_needed()
        return 0.0

    def emergency_stop(self) -> None:
        """Emergency stop of the robot: the arm stops, loses power, and the program ends."""
        if self.safety_mode == EMERGENCY:
            return
        self._log('emergency stop')
        self.safety_mode, self.robot_mode = EMERGENCY, POWER_OFF
        self.stop_program('emergency stop')
        self._hold_if_needed()

    def release_emergency_stop(self) -> None:
        """Pull the button out again: the arm stays without power until `power_on` and `release_brakes`."""
        if self.safety_mode == EMERGENCY:
            self._log('emergency stop released; power on and release the brakes')
            self.safety_mode = NORMAL

    def set_power(self, on: bool) -> bool:
        """Switch the arm's power; on leads to IDLE, off ends the program. False during a safety stop."""
        if on and self.safety_mode != NORMAL:
            return False
        if not on:
            self.stop_program('power off')
        self.robot_mode = max(self.robot_mode, IDLE) if on else POWER_OFF
        self._hold_if_needed()
        return True

    def release_brakes(self) -> bool:
        """From IDLE (or off, as the dashboard does it in one go) to RUNNING. False during a safety stop."""
        if self.safety_mode != NORMAL:
            return False
        self.robot_mode = RUNNING
        self._hold_if_needed()
        return True

    def write_inputs(self, fields: Mapping[str, Any]) -> None:
        """Take one packet of RTDE inputs, all fields at once; IO fields act without a program."""
        self.inputs.write(fields, self.steps)
        try:
            self.io.write(fields)
            if fields.get('speed_slider_mask'):
                self.speed_fraction = max(fraction(self.inputs, 'speed_slider_fraction'), 0.01)
        except ValueError as error:
            self._log(str(error))

    def _tool_pose(self, q: Sequence[float], qd: Sequence[float]) -> Sequence[float]:
        *axes, origin = self.kinematics.tool0_axes(q)
        return [*origin, *rotation_vector(list(zip(*axes, strict=True)))]

    def _derive(self, function: Callable[..., Sequence[float]], of: 'Robot | JointMotion') -> Sequence[float]:
        key = function, of.q is self.q  # an ideal arm is at its target: one calculation for both
        if key not in self._derived:
            self._derived[key] = function(of.q, of.qd)
        return self._derived[key]

    def _begin_program(self, upload: Upload) -> None:
        self._starting, self._paused = None, False
        self._program = ControlProgram(self, upload)
        self._log('program started')

    def _step_program(self, program: ControlProgram) -> None:
        try:
            program.step()
        except StopIteration:
            self._end_program('stopped by the client')
        except ProgramError as error:
            self._end_program(f'run-time error: {error}')

    def _end_program(self, why: str) -> None:
        if self._program is None:
            return
        arm = 'at rest' if self.motion.at_rest else 'moving: it brakes'
        self._log(f'program ended: {why}; the arm is {arm}')
        self._program, self._paused, self._watchdog = None, False, None
        self.motion.brake(self.config.program_stop_deceleration)

    def _check_watchdog(self) -> None:
        if self._watchdog is None or self._program is None or self._paused:
            return
        field, limit, armed = self._watchdog
        silent = self.steps - max(self.inputs.written(field) + 1, armed)  # a write is seen one step later
        if silent > limit:
            line = f'watchdog: {field} not written for {silent * self.period * 1e3:.0f} ms'
            if self.config.watchdog_action == 'protective_stop':
                self.protective_stop(line)
            else:
                self._end_program(line)

    def _supervise(self) -> None:
        if self.safety_mode == NORMAL:
            if why := supervision.finding(self.config, self.motion.q, self.q, self.qd):
                self.protective_stop(why)
        elif self.q is not self.motion.q and not any(self.motion.qd):
            self.motion.stand_at(self.q)  # the brakes hold it where it is: nothing presses any more

    def _hold_if_needed(self) -> None:
        if self.safety_mode != NORMAL or self.robot_mode != RUNNING:
            self.motion.hold(self.config.safety_stop_deceleration)
        elif self._paused:
            self.motion.hold(self.config.program_stop_deceleration)
        else:
            self.motion.release()
