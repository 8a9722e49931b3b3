"""arm_driver: the UR5 in the graph. Decodes commands and requests, encodes what the servo process reports."""

import dataclasses
import sys
import threading
import time
from typing import Any

from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.task import Future
from sensor_msgs.msg import JointState

from ur5_rl_env.agreement import check_home
from ur5_rl_env.commander import Commander, Verdict
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.arm_packets import HOPELESS, ExecutedPacket, Request, StatePacket, TextPacket
from ur5_rl_env.devices.arm_session import ArmSession
from ur5_rl_env.devices.arm_tally import SILENT_TEXT, ArmTally, velocity_by_name
from ur5_rl_env.devices.protective_stops import ProtectiveStops
from ur5_rl_env.frames import BASE_LINK
from ur5_rl_env.guard import Guard, GuardConfig
from ur5_rl_env.neighbours import LIVE_S, Finding, Neighbours
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_env.readiness import ArmState
from ur5_rl_env.watchdog import WatchdogConfig
from ur5_rl_graph import parameters, topics
from ur5_rl_graph.data import JOINT_NAMES
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import ns_from_time, time_from_ns
from ur5_rl_graph.node import Node
from ur5_rl_graph.priority import wake_in_time
from ur5_rl_graph.run_config import RunConfig
from ur5_rl_graph.say import one_line
from ur5_rl_graph.steady import every
from ur5_rl_graph.whole_run import hold_driver
from ur5_rl_interfaces.msg import ArmStatus, ExecutedCommand

RCLError = rclpy_implementation.RCLError
STATUS_PERIOD_S = 0.1
TROUBLE = (
    ArmState.DISCONNECTED,
    ArmState.PROTECTIVE_STOP,
    ArmState.EMERGENCY_STOP,
    ArmState.OUT_OF_BOUNDS,
    ArmState.WRIST_OUT_OF_BOUNDS,
    ArmState.SPEED_REDUCED,
)


class ArmDriver(Node):
    """The shell around `ArmSession`. Its thread publishes the streams; all else happens in the executor."""

    def __init__(self) -> None:
        super().__init__('arm_driver')
        self._config = parameters.declare(self, ArmConfig)
        guard = parameters.declare(self, GuardConfig)
        watchdog = parameters.declare(self, WatchdogConfig)
        check_home(self._config.home, Guard(guard))
        self._run = RunConfig.of(self)
        word: dict[str, Any] = {
            'needed': self._config.confirm,
            'run_folder': self._config.run_folder,
            'run': self._run.run_identity,
        }
        PersonsWord(**word)  # the servo process waits for it; what could never be heard is refused here
        hold_driver(self.context.get_domain_id(), self.get_namespace())
        self._commander = Commander(self._run.run_identity, watchdog.watchdog_s, self._config.action_cycle_s)
        self._tally = ArmTally()
        self._stops = ProtectiveStops(time.monotonic)
        self._lock = threading.Lock()
        self._joint_states = topics.JOINT_STATES.publisher(self)
        self._executed = topics.EXECUTED_COMMAND.publisher(self)
        self._status = topics.ARM_STATUS.publisher(self)
        self._state_msg = JointState(name=list(JOINT_NAMES))
        self._executed_msg = ExecutedCommand(name=list(JOINT_NAMES))
        self._state_msg.header.frame_id = self._executed_msg.header.frame_id = BASE_LINK
        self._neighbours = Neighbours(self._run.run_identity, lambda: self._run.age_s)
        topics.VELOCITY_COMMAND.subscription(self, self._on_velocity)
        topics.ARM_STATUS.subscription(self, self._on_status)
        topics.MOVE_HOME.server(self, self._on_move_home)
        topics.STOP_ARM.server(self, self._on_stop)
        topics.UNLOCK_ARM.server(self, self._on_unlock)
        every(self, STATUS_PERIOD_S, self._on_timer)
        self._give_up_at = time.monotonic() + self._config.connect_timeout_s
        self._unlocking = False
        settings = {
            'arm': dataclasses.asdict(self._config),
            'guard': dataclasses.asdict(guard),
            'watchdog': dataclasses.asdict(watchdog),
            'word': word,
        }
        self._hopeless = False
        self._session = ArmSession(settings, self._heard, self._ended, self._config.retry_s)

    def destroy_node(self) -> None:
        """Ramps the arm to zero first."""
        self._session.close()
        super().destroy_node()

    def _on_velocity(self, msg) -> None:
        self._tally.received += 1
        verdict = self._commander.judge(msg.run, msg.process)
        if verdict is not Verdict.OBEY:
            self._refuse(verdict, msg.run)
            return
        try:
            velocity = velocity_by_name(msg.name, msg.velocity)
        except ValueError as error:
            self._tally.refused += 1
            self.get_logger().error(f'arm: {error}; not executed', throttle_duration_sec=1.0)
            return
        self._session.velocity(ns_from_time(msg.header.stamp), velocity)

    def _refuse(self, verdict, run) -> None:
        self._tally.refused += 1
        if verdict is Verdict.FOREIGN:
            if line := self._commander.refusal(run):
                self.get_logger().warning(f'arm: {line}')
        elif not self._tally.contest:
            self._tally.contest = self._commander.contest()
            self.get_logger().error(f'arm: {self._tally.contest}')  # and the watchdog stops it
            self._publish_status()

    def _on_status(self, msg) -> None:
        sent_s_ago = 1e-9 * (time.time_ns() - ns_from_time(msg.header.stamp))
        finding = self._neighbours.hear(msg.run, msg.run_age_s, sent_s_ago)
        if finding is Finding.NOTHING:
            return
        run = f'run {one_line(msg.run) or "of nodes started by hand"}'
        if finding is Finding.IGNORE:
            text = (
                f'an arm/status of {run} is ignored (sent {sent_s_ago:.0f} s ago, {LIVE_S:.0f} count; '
                f'run_age_s {msg.run_age_s:g}): play bags in another ROS_DOMAIN_ID; set its clock'
            )
            self.get_logger().warning(f'arm: {text}')
            return
        text = f'{run} ({msg.run_age_s:.0f} s old) has an arm here, too'
        if finding is Finding.WARN:
            self.get_logger().warning(f'arm: {text}: this one obeys run {self._run.run_identity} alone')
            return
        print(
            f'error: {text}, and is not younger than this run: end it, or set another ROS_DOMAIN_ID, '
            'or give namespace:=NAME',
            file=sys.stderr,
            flush=True,
        )
        raise SystemExit(2)

    async def _on_move_home(self, _, response):
        return await self._ask(Request.HOME, response)

    async def _on_stop(self, _, response):
        return await self._ask(Request.STOP, response)

    async def _on_unlock(self, _, response):
        refusal = self._stops.refusal
        if refusal:
            response.success, response.message = False, refusal
            return response
        return await self._ask(Request.UNLOCK, response)

    async def _ask(self, request, response):
        future = Future(executor=self.executor)

        def answer(ok, text) -> None:
            future.set_result((ok, text))
            if self.executor is not None:
                self.executor.wake()

        self._session.request(request, answer)
        response.success, response.message = await future
        self._tell(request, response)
        return response

    def _tell(self, request, response) -> None:
        """Home and stop come with every episode: only what is new to a person is printed."""
        text = f'arm: {request.name.lower()}: {response.message}'
        if not response.success:
            self.get_logger().warning(text)
        elif request is Request.UNLOCK:
            self.get_logger().info(text)
        else:
            self.get_logger().debug(text)

    def _heard(self, packet) -> None:
        """In the session's thread, so that the streams do not wait for the executor."""
        try:
            self._publish(packet)
        except RCLError:
            if self.context.ok():
                raise  # else ROS has been shut down, and the arm is being brought to rest

    def _publish(self, packet) -> None:
        if isinstance(packet, StatePacket):
            msg = self._state_msg
            msg.header.stamp = time_from_ns(packet.capture_ns)
            msg.position, msg.velocity = packet.q, packet.qd
            self._joint_states.publish(msg)
            changed = self._tally.take(packet)
            new = self._tally.new_protective_stops()
            self._stops.count(new)
            if changed or new:
                self._publish_status()
        elif isinstance(packet, ExecutedPacket):
            msg = self._executed_msg
            msg.header.stamp = time_from_ns(packet.sent_ns)
            msg.command_stamp, msg.velocity = packet.stamp_ns, packet.velocity
            msg.mean_velocity, msg.speed_scaling = packet.mean_velocity, packet.speed_scaling
            msg.changed = packet.changed
            self._executed.publish(msg)
        elif isinstance(packet, TextPacket):
            self._say(packet.state, packet.text)

    def _ended(self, code) -> None:
        if code == HOPELESS:
            self._hopeless = True  # the timer ends this process
        elif code:
            how = f'signal {-code}' if code < 0 else f'code {code}'
            self._say(ArmState.DISCONNECTED, f'the servo process ended with {how}; starting another')
        self._tally.session_ended()

    def _say(self, state, text) -> None:
        before, (state, text) = self._tally.state, (ArmState(state), text)
        if self._tally.say(state, text):
            if state in TROUBLE:
                self.get_logger().warning(f'arm: {text}')
            elif before in TROUBLE:
                self.get_logger().info(f'arm: in operation ({text})')
        self._publish_status()

    def _on_timer(self) -> None:
        self._session.check()
        if self._hopeless:
            self._end(self._tally.text)
        if not self._tally.connected and time.monotonic() > self._give_up_at:
            text = self._tally.text.removesuffix(self._config.retrying)
            self._end(f'{text} gave up after {self._config.connect_timeout_s:.0f} s (connect_timeout_s)')
        if self._tally.notice_silence():
            self.get_logger().warning(f'arm: {SILENT_TEXT}')
        if self._tally.contest and not self._commander.contested:
            self._tally.contest = ''
            self.get_logger().info('arm: one process commands it again')
        if self._config.auto_unlock and self._tally.state is ArmState.PROTECTIVE_STOP:
            self._unlock_by_itself()
        self._publish_status()

    def _end(self, text) -> None:
        self.get_logger().fatal(f'arm: {text}')
        raise SystemExit(2)

    def _unlock_by_itself(self) -> None:
        if self._unlocking or self._stops.refusal:
            return
        self._unlocking = True

        def answer(ok, text) -> None:
            self._unlocking = False
            self.get_logger().warning(f'arm: auto_unlock: {text}')

        self._session.request(Request.UNLOCK, answer)

    def _publish_status(self) -> None:
        with self._lock:
            msg = ArmStatus(run=self._run.run_identity, run_age_s=self._run.age_s, **self._tally.fields())
            if msg.state == ArmStatus.STATE_PROTECTIVE_STOP:
                msg.text = self._stops.exhausted or msg.text
            msg.header.stamp = time_from_ns(time.time_ns())
            self._status.publish(msg)


def main():
    """Entry point of the executable `arm_driver`."""
    return run(ArmDriver, ready=wake_in_time)


if __name__ == '__main__':
    raise SystemExit(main())
