"""Node calibration: plays monitor and environment, measures, writes the setting, ends the run."""

import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from std_srvs.srv import Trigger

from commissioning.calibration import plots, poses, result
from commissioning.calibration.monitor_geometry import Geometry
from commissioning.calibration.procedure import FASTEST, CalibrationError, Procedure
from commissioning.calibration.sensed import Picture, Recording
from commissioning.calibration_config import CalibrationConfig
from ur5_rl_env import red_disc, wire
from ur5_rl_env.devices.monitor_window import MonitorWindow
from ur5_rl_env.frames import MONITOR
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.kinematics import kinematics_of
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_env.readiness import Readiness
from ur5_rl_env.sensor_config import SensorConfig
from ur5_rl_env.stamps import SetClock
from ur5_rl_graph import parameter_file, parameters, topics
from ur5_rl_graph.clock import Clock, offset_ns
from ur5_rl_graph.data import JOINT_NAMES
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import image_from_msg, ns_from_time, time_from_ns
from ur5_rl_graph.node import Node
from ur5_rl_graph.pictures import attempt
from ur5_rl_graph.priority import as_ordinary, wake_in_time
from ur5_rl_graph.random_streams import Stream, generator
from ur5_rl_graph.run_config import RunConfig
from ur5_rl_graph.say import one_line
from ur5_rl_graph.steady import every
from ur5_rl_interfaces.msg import TargetState, VelocityCommand

TURN_S = 0.007
"""Between two turns; no part of a camera's period, so that jumps come at any moment of it."""
COLOURS_EVERY = 25  # pictures
SETTING = 'calibrated.yaml'
FAILED = 3  # exit code that ends the run


class CalibrationNode(Node):
    """The hands of the procedure."""

    def __init__(self) -> None:
        super().__init__('calibration')
        self._config = parameters.declare(self, CalibrationConfig)
        self._guard = parameters.declare(self, GuardConfig)
        self._whose = RunConfig.of(self)
        self._run = self._whose.run_identity
        self._process = secrets.randbits(64)
        self._start_name = self.resolve_service_name(topics.START_ENVIRONMENT.name)
        self._word = PersonsWord(self._config.confirm, self._config.run_folder, self._run, self._start_name)
        self._window = None
        if self._config.display:
            self._window = MonitorWindow(self._config.display, self._config, self._config.display_place)
        self._restart_clock()
        self._stopped = ''  # why
        self._readiness = Readiness(SensorConfig().sensor_timeout_s)
        self._recording = Recording()
        self._size: tuple[int, int] | None = None  # of the pictures
        self._procedure: Procedure | None = None
        self._steps: Iterator[None] | None = None
        self._awaited = ''
        self._commands = topics.VELOCITY_COMMAND.publisher(self)
        self._targets = topics.TARGET.publisher(self)
        self._home = topics.MOVE_HOME.client(self)
        self._stop_arm = topics.STOP_ARM.client(self)
        topics.START_ENVIRONMENT.server(self, self._on_word)
        topics.STOP_ENVIRONMENT.server(self, self._on_stop)
        topics.JOINT_STATES.subscription(self, self._on_joints)
        topics.IMAGE.subscription(self, self._on_image)
        topics.ARM_STATUS.subscription(self, self._on_arm)
        every(self, TURN_S, self._turn)

    # --- what comes ---

    def _on_joints(self, msg) -> None:
        try:
            joints = wire.joints_of(msg)
        except ValueError as error:
            self._readiness.refused('joint_states', str(error))
            return
        self._readiness.heard('joint_states', time.monotonic())
        if self._steps is not None:  # the word may take hours, in which nothing is to grow
            self._recording.add_joints(1e-9 * joints.stamp_ns, tuple(joints.position), tuple(joints.velocity))

    def _on_image(self, msg) -> None:
        arrival = self.now()
        try:
            pixels = image_from_msg(msg)
        except ValueError as error:
            self._readiness.refused('camera', str(error))
            return
        self._readiness.heard('camera', time.monotonic())
        self._size = (pixels.shape[0], pixels.shape[1])
        if self._steps is None:
            return
        spot = red_disc.find(pixels)
        pictures = self._recording.pictures
        pictures.append(Picture(1e-9 * ns_from_time(msg.header.stamp), arrival, spot))
        if spot and len(pictures) % COLOURS_EVERY == 0:
            self._recording.colours.append(red_disc.core(pixels))

    def _on_arm(self, msg) -> None:
        if self._whose.may_be_own(msg.run):
            self._readiness.arm_said(msg.state, one_line(msg.text), time.monotonic())

    def _on_word(self, _, response: Trigger.Response) -> Trigger.Response:
        try:
            self._word.give()
        except OSError as error:
            response.message = f'not begun: the word cannot be kept for the arm driver: {error}'
            return response
        response.success, response.message = True, 'begins as soon as arm and camera are ready'
        return response

    def _on_stop(self, _, response: Trigger.Response) -> Trigger.Response:
        self._stopped = 'stopped by environment/stop'
        self._stop_arm.call_async(Trigger.Request())  # and no command comes after it
        try:
            self._word.take_back()
        except OSError as error:
            self._stopped += f' (its word cannot be kept: {error})'
        response.success, response.message = True, 'the arm comes to rest, and the calibration ends'
        return response

    # --- the hands of the procedure ---

    def now(self) -> float:
        """See Hands: the system clock, as it stood when the node began."""
        return self._begun + time.monotonic()

    def show(self, right: float, up: float) -> float:
        """See Hands."""
        config = self._config
        x, y = right * config.screen_width, up * config.screen_height
        if self._window is not None:
            self._window.show(x, y)
        told = self.now()
        out = TargetState(x=x, y=y, radius=config.target_radius)
        out.screen_width, out.screen_height = config.screen_width, config.screen_height
        out.header.stamp, out.header.frame_id = time_from_ns(round(1e9 * told)), MONITOR
        self._targets.publish(out)
        return told

    def move(self, velocity: tuple) -> None:
        """See Hands."""
        out = VelocityCommand(run=self._run, process=self._process, name=list(JOINT_NAMES))
        out.velocity = [float(part) for part in velocity]
        out.header.stamp = time_from_ns(time.time_ns())
        self._commands.publish(out)

    def go_home(self):
        """See Hands."""
        future = self._home.call_async(Trigger.Request())
        return lambda: (future.result().success, future.result().message) if future.done() else None

    def trouble(self) -> str | None:
        """See Hands."""
        fault = self._readiness.fault(time.monotonic(), moving_home=True)
        if fault and not self._word.given:
            return (
                f'{fault}; it was stopped: when nobody is within its reach, ros2 service call '
                f'{self._start_name} std_srvs/srv/Trigger'
            )
        return fault

    def over(self) -> str | None:
        """See Hands."""
        if self._stopped:
            return self._stopped
        if jump_s := self._set_clock.jump_s():
            return f"this host's clock was set by {jump_s:.3f} s"
        return self._readiness.end_of_run()

    def say(self, text: str) -> None:
        """See Hands."""
        print(f'calibration: {text}', flush=True)

    # --- the turns ---

    def _restart_clock(self) -> None:
        """From now on time goes on evenly, and a clock that is set is told."""
        self._begun = 1e-9 * offset_ns(Clock())  # from the monotonic clock to the system's [s]
        self._set_clock = SetClock(Clock())

    def _turn(self) -> None:
        try:
            if self._steps is None and self._stopped:
                raise CalibrationError(self._stopped)
            if self._steps is None:
                self._begin()
            elif next(self._steps, self) is self:
                self._end()
        except (CalibrationError, ValueError, OSError) as error:
            print(f'error: calibration: {error}', file=sys.stderr, flush=True)
            raise SystemExit(FAILED) from None

    def _begin(self) -> None:
        """Begins the procedure when nothing is missing any more; says once what is."""
        missing, size = self._missing(), self._size
        if missing != self._awaited:
            self._awaited = missing
            if missing:
                self.say(missing)
        if not missing and size is not None:
            rng = generator(self._config.seed, Stream.JUMPS)
            start = Geometry.nominal(self._config)
            with as_ordinary():  # the servo is not to wait for it
                places = poses.choose(self._config.home, self._guard, start, size)
            self._restart_clock()  # the word may have taken hours, in which it was set
            self._procedure = Procedure(self, self._recording, places, rng, self._guard.max_velocity)
            self._steps = self._procedure.steps()

    def _missing(self) -> str:
        if not self._word.given:
            fastest = min(FASTEST, self._guard.max_velocity)
            return (
                'the arm waits for your word. When nobody is within its reach: ros2 service call '
                f'{self._start_name} std_srvs/srv/Trigger. It then moves home, swings a joint, and goes to '
                f'{poses.POSES} places before the monitor, at {fastest} rad/s at most'
            )
        if self._size is None or not self._home.service_is_ready():
            return 'waiting for pictures and the arm'
        fault = self._readiness.fault(time.monotonic())
        return f'waiting: {fault}' if fault else ''

    def _end(self) -> None:
        with as_ordinary():
            self._report()
        raise SystemExit(0)

    def _report(self) -> None:
        """Says what was found, draws it, and writes the setting last of all."""
        folder, config = Path(self._config.run_folder), self._config
        arm = kinematics_of(self._guard.robot_model)
        assert self._procedure is not None and self._size is not None  # it has ended
        size, harvest, start = self._size, self._procedure.harvest, Geometry.nominal(config)
        measured = result.of(harvest, self._recording, start, size, self._guard.acceleration, arm)
        lines = [str(finding) for finding in result.findings(measured)]
        print('\n'.join(lines), flush=True)
        for warning in (
            attempt(plots.draw_delays, folder / 'delays.png', harvest, self._recording, measured),
            attempt(plots.draw_screen, folder / 'screen.png', measured, size, arm),
        ):
            if warning:
                self.say(warning)
        nodes = result.parameters(measured, parameter_file.read(Path(config.setting_file)))
        result.write(folder / SETTING, nodes, [f'{Path(config.setting_file).name}, calibrated', *lines])
        self.say(f'look at {folder}/delays.png and screen.png; then launch with setting:={folder / SETTING}')


def main() -> int:
    """Runs the node."""
    return run(CalibrationNode, ready=wake_in_time)
