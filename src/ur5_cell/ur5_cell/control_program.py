"""The control program that ur_rtde uploads, emulated: one generator, advanced once per control step.

Client and program talk through registers. The client writes a command number to input integer register 0;
the program answers in output integer register 0 (1 ready, 2 done), with an integer result in register 1 and a
vector in the output double registers 0 to 5. Output integer register 2 is the progress word of asynchronous
moves. All registers are shifted by the offset of the upload (0 or 24). Realtime commands are executed
whenever they are seen and never keep the client waiting; all others run once, until the client writes 0.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from ur5_cell.motion import JOINTS
from ur5_cell.script_port import Upload

if TYPE_CHECKING:
    from ur5_cell.robot import Robot

READY, DONE = 1, 2

NO_COMMAND, MOVE_J, SPEED_J, SPEED_STOP, SET_PAYLOAD, PROTECTIVE_STOP = 0, 1, 9, 15, 17, 31
STOP_L, STOP_J, SET_WATCHDOG, JOINTS_SAFE, FORWARD_KINEMATICS, IS_STEADY = 33, 34, 35, 37, 43, 47
FLANGE_POSE, STOP_SCRIPT = 58, 255
REALTIME = frozenset((6, SPEED_J, 10, 11, 24, 25, 26, 27, 38, FLANGE_POSE, *range(66, 72)))


class ProgramError(Exception):
    """A URScript run-time error; the controller ends the program."""


class ControlProgram:
    """One run of the control program.

    Args:
        robot: what a program may touch: motion, inputs, output registers, safety functions.
        upload: register offsets.
    """

    def __init__(self, robot: 'Robot', upload: Upload) -> None:
        self._robot = robot
        self._integer, self._double = upload
        self._main = self._loop()
        # 'speed', 'move', 'stop' -> generator; each controls the robot while it exists.
        self._threads: dict[str, Iterator[None]] = {}
        # (velocity, acceleration, time) of the newest speedj
        self._speed: tuple[list[float], float, float] | None = None
        self._stop_linear = False
        self._progress_writes = self._operations = 0

    @property
    def watched_register(self) -> str:
        """The input that tells that the client lives: the command register."""
        return f'input_int_register_{self._integer}'

    def step(self) -> None:
        """Run until every thread waits for the next control step.

        Raises:
            StopIteration: the program has come to its end.
            ProgramError: a run-time error.
        """
        next(self._main)
        for name, thread in list(self._threads.items()):
            try:
                next(thread)
            except StopIteration:
                del self._threads[name]
                self._report_progress(running=False)

    def _loop(self) -> Iterator[None]:
        self._report_progress(running=False)
        self._set_integer(0, READY)
        executing = False
        while True:
            command = self._robot.inputs.integer(self._integer)
            if command in REALTIME:
                yield from self._execute(command)
                self._set_integer(0, READY)
            elif command == NO_COMMAND:
                executing = False
                self._set_integer(0, READY)
            elif not executing:
                if command == STOP_SCRIPT:
                    return
                yield from self._execute(command)
                self._set_integer(0, DONE)
                executing = True
            yield

    def _execute(self, command: int) -> Iterator[None]:
        """Run one command; a generator that yields once per control step while the command blocks."""
        handler = _HANDLERS.get(command)
        if handler is None:
            raise ProgramError(f'command {command} is not emulated; known: {", ".join(map(str, _HANDLERS))}')
        yield from handler(self) or ()

    def _move_j(self) -> Iterable[None]:
        q = self._vector(0)
        speed, acceleration = self._numbers(JOINTS, 2)
        self._check_acceleration('movej: acceleration', acceleration)
        if not self._robot.within_limits(q):
            raise ProgramError(
                f'movej: {q} is beyond the joint limit of {self._robot.config.joint_limit:.3f} rad'
            )
        self._kill_move()
        if self._robot.inputs.integer(self._integer + 1) == 1:
            self._start_thread('move', self._move(q, speed, acceleration))
            return ()
        self._require_control()
        return self._move(q, speed, acceleration)

    def _move(self, q: Sequence[float], speed: float, acceleration: float) -> Iterator[None]:
        try:
            self._robot.motion.move(q, speed * self._robot.speed_fraction, acceleration)
        except ValueError as error:
            raise ProgramError(f'movej: {error}') from error
        return self._until_rest()

    def _speed_j(self) -> None:
        velocity = self._vector(0)
        acceleration, time = self._numbers(JOINTS, 2)
        self._speed = velocity, acceleration, time
        if 'speed' not in self._threads:
            self._require_control()
            self._threads['speed'] = self._speed_thread()

    def _speed_thread(self) -> Iterator[None]:
        # speedj returns after its time or, without one, when the speed is reached; only then does the thread
        # read the newest target. With a time of one control period the newest command always wins. The speed
        # slider acts at any time.
        while True:
            assert self._speed is not None  # a speedj starts the thread
            velocity, acceleration, time = self._speed
            self._check_acceleration('speedj: acceleration', acceleration)
            steps = 0
            while True:
                self._robot.motion.speed([v * self._robot.speed_fraction for v in velocity], acceleration)
                yield
                steps += 1
                if time > 0.0:
                    if steps * self._robot.period >= time - 1e-6 * self._robot.period:
                        break
                elif self._robot.motion.speed_reached:
                    break

    def _speed_stop(self) -> Iterator[None]:
        self._threads.pop('speed', None)
        self._require_control()
        return self._brake(self._numbers(0, 1)[0])

    def _stop_j_or_l(self) -> Iterable[None]:
        deceleration = self._numbers(0, 1)[0]
        asynchronous = self._robot.inputs.integer(self._integer + 1) == 1
        if self._threads.pop('stop', None) is not None:
            self._report_progress(running=False)
        else:
            self._kill_move()
        if asynchronous:
            # As uploaded: every asynchronous stop is a stopl, and so are the stops after it.
            self._stop_linear = True
            self._start_thread('stop', self._brake(deceleration, linear=True))
            return ()
        self._require_control()
        return self._brake(deceleration, linear=self._stop_linear)

    def _brake(self, deceleration: float, linear: bool = False) -> Iterator[None]:
        self._check_acceleration('stop: deceleration', deceleration)
        motion = self._robot.motion
        if linear:  # deceleration of the tool [m/s^2]: the joints brake in the time the tool would need
            x, y, z = self._robot.kinematics.flange_velocity(motion.q, motion.qd)[:3]
            tool_speed = (x * x + y * y + z * z) ** 0.5
            if tool_speed > 1e-6:
                deceleration *= max(map(abs, motion.qd)) / tool_speed
                deceleration = min(deceleration, self._robot.config.joint_acceleration_limit)
        motion.brake(deceleration)
        return self._until_rest()

    def _until_rest(self) -> Iterator[None]:
        while not self._robot.motion.at_rest:
            yield

    def _set_watchdog(self) -> None:
        self._robot.arm_watchdog(self.watched_register, self._numbers(0, 1)[0])

    def _protective_stop(self) -> None:
        self._robot.protective_stop('asked for by the control program')

    def _set_payload(self) -> None:
        self._robot.payload, x, y, z = self._numbers(0, 4)
        self._robot.payload_cog = x, y, z

    def _joints_safe(self) -> None:
        self._set_integer(1, int(self._robot.within_limits(self._vector(0))))

    def _is_steady(self) -> None:
        self._set_integer(1, int(self._robot.is_steady))

    def _tool_pose(self) -> None:
        first = self._double
        self._robot.output_doubles[first : first + JOINTS] = self._robot.tool_pose()

    def _start_thread(self, name: str, thread: Iterator[None]) -> None:
        self._require_control()
        self._threads[name] = thread
        self._report_progress(running=True)

    def _kill_move(self) -> None:
        if self._threads.pop('move', None) is not None:
            self._robot.motion.brake(self._robot.config.program_stop_deceleration)
            self._report_progress(running=False)

    def _require_control(self) -> None:
        if self._threads:
            thread = next(iter(self._threads))
            raise ProgramError(f'another thread ({thread}) is already controlling the robot; stop it first')

    def _check_acceleration(self, what: str, value: float) -> None:
        limit = self._robot.config.joint_acceleration_limit
        if not 0.0 < value <= limit:
            raise ProgramError(f'{what} is {value}; it must be greater than 0 and at most {limit}')

    def _vector(self, register: int) -> list[float]:
        return self._numbers(register, JOINTS)

    def _numbers(self, register: int, count: int) -> list[float]:
        values = self._robot.inputs.doubles(self._double + register, count)
        if not all(map(isfinite, values)):
            raise ProgramError(f'arguments are not finite: {values}')
        return values

    def _set_integer(self, register: int, value: int) -> None:
        self._robot.output_integers[self._integer + register] = value

    def _report_progress(self, running: bool) -> None:
        """Progress word: bits 16-22 count of writes, 24-30 count of operations, bit 15 running."""
        self._progress_writes = (self._progress_writes + 1) % 128
        if running:
            self._operations = (self._operations + 1) % 128
        self._set_integer(2, self._progress_writes << 16 | self._operations << 24 | int(running) << 15)


_HANDLERS: dict[int, Callable[[ControlProgram], Iterable[None] | None]] = {
    MOVE_J: ControlProgram._move_j,
    SPEED_J: ControlProgram._speed_j,
    SPEED_STOP: ControlProgram._speed_stop,
    SET_PAYLOAD: ControlProgram._set_payload,
    PROTECTIVE_STOP: ControlProgram._protective_stop,
    STOP_L: ControlProgram._stop_j_or_l,
    STOP_J: ControlProgram._stop_j_or_l,
    SET_WATCHDOG: ControlProgram._set_watchdog,
    JOINTS_SAFE: ControlProgram._joints_safe,
    FORWARD_KINEMATICS: ControlProgram._tool_pose,
    IS_STEADY: ControlProgram._is_steady,
    FLANGE_POSE: ControlProgram._tool_pose,
}
