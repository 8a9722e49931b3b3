"""Environment node: sensors and actions in, observations and velocity commands out (thesis 3.2, 3.3).

A shell around `lifecycle.Lifecycle`: messages are decoded and handed to it, what it answers is sent. One
thread; whoever waits waits in the executor.
"""

import gc
import secrets
import sys
import time

from rclpy.node import Node
from std_msgs.msg import Float32
from std_srvs.srv import Trigger

from ur5_rl_env import outputs
from ur5_rl_env.clock import Clock
from ur5_rl_env.lifecycle import Lifecycle, State
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.observation import executed_from_report, frame_from_image, joints_from_state
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_env.progress import Progress
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import main as graph_main
from ur5_rl_graph import messages, parameters, topics
from ur5_rl_graph.data import JOINT_NAMES
from ur5_rl_graph.polled import Polled
from ur5_rl_graph.priority import Priority, wake_in_time
from ur5_rl_graph.run_config import RunConfig
from ur5_rl_graph.span_publisher import SpanPublisher
from ur5_rl_interfaces import msg, srv

PRESENCE_PERIOD_S = 0.1
FIRED = -1.0  # no wake_at: the timer must be set anew, or cancelled
EARLY_S = 0.0005
"""The executor is woken so much before an observation is due: rclpy takes that long to call back."""


class EnvironmentNode(Node):
    """Node `environment`. Topics and services: docs/topics.md."""

    def __init__(self) -> None:
        """Declares parameters, connects, starts."""
        super().__init__('environment')
        self._task = parameters.declare(self, TaskConfig)
        config = parameters.declare(self, LifecycleConfig)
        self._commander = {
            'run': RunConfig.of(self).run_identity,
            'process': secrets.randbits(64),
        }
        progress = Progress(config.run_folder)
        if progress.episode:
            self.get_logger().info(
                f'going on after episode {progress.episode}, which had begun at step {progress.total_steps}'
            )
        word = PersonsWord(
            config.confirm,
            config.run_folder,
            self._commander['run'],
            self.resolve_service_name(topics.START_ENVIRONMENT.name),
        )
        self._lifecycle = Lifecycle(self._task, config, Clock(), progress, word)
        self._target_at = (0.0, 0.0)
        self._spans = SpanPublisher(self)
        self._event_ns = self._reset_ns = 0  # begin of the present event, of the newest reset
        self._refused: set[str] = set()  # kinds of sensor messages; one line each, not 125 a second
        self._connect()
        self._timer = self.create_timer(1.0, self._on_timer)
        self._armed_for: float | None = FIRED  # wake_at that the timer is set to
        self.create_timer(PRESENCE_PERIOD_S, self._on_presence)
        gc.collect()
        gc.freeze()  # what was made by now is never looked at again by the collector
        self._on_presence()
        self._do([])

    def _connect(self) -> None:
        self._joints = Polled(self, topics.JOINT_STATES)
        self._executed = Polled(self, topics.EXECUTED_COMMAND)
        self._target = Polled(self, topics.TARGET)
        topics.IMAGE.subscription(self, self._on_image)
        topics.ARM_STATUS.subscription(self, self._on_arm)
        topics.ACTION.subscription(self, self._on_action)
        self._observation = topics.OBSERVATION.publisher(self)
        self._command = topics.VELOCITY_COMMAND.publisher(self)
        self._timing = topics.CYCLE_TIMING.publisher(self)
        self._episode = topics.EPISODE.publisher(self)
        self._target_start = topics.TARGET_START.publisher(self)
        self._monitor_reward = topics.MONITOR_REWARD.publisher(self)
        self._monitor_return = topics.MONITOR_RETURN.publisher(self)
        self._monitor_cycle = topics.MONITOR_CYCLE.publisher(self)
        self._devices = {
            'stop': topics.STOP_ARM.client(self),
            'home': topics.MOVE_HOME.client(self),
            'target': topics.NEW_TARGET.client(self),
        }
        for service, event in (
            (topics.START_ENVIRONMENT, self._lifecycle.start),
            (topics.STOP_ENVIRONMENT, self._lifecycle.stop),
            (topics.RESET_ENVIRONMENT, self._lifecycle.reset),
        ):
            service.server(self, lambda request, response, event=event: self._on_request(event, response))

    # --- events ---

    def _on_image(self, message) -> None:
        self._event_ns = time.perf_counter_ns()
        stamp = messages.ns_from_time(message.header.stamp)
        try:
            frame = frame_from_image(messages.image_from_msg(message), stamp, self._task)
        except ValueError as error:
            self._refuse('image', error)
            return
        self._take_executed()
        self._take_joints()
        self._do(self._lifecycle.on_frame(frame))

    def _take_executed(self) -> None:
        message = self._executed.newest()
        if message is None:
            return
        try:
            executed = executed_from_report(
                message.command_stamp, message.name, message.mean_velocity, message.changed
            )
        except ValueError as error:
            self._refuse('executed command', error)
            return
        self._lifecycle.on_executed(executed)

    def _take_joints(self) -> None:
        samples = []
        for message in self._joints.all():
            stamp = messages.ns_from_time(message.header.stamp)
            try:
                samples.append(joints_from_state(message.name, message.position, message.velocity, stamp))
            except ValueError as error:
                self._refuse('joint states', error)
        if samples:
            self._do(self._lifecycle.on_joints(*samples))

    def _on_arm(self, message) -> None:
        self._do(self._lifecycle.on_arm(message.state, message.text))

    def _on_action(self, message) -> None:
        self._event_ns = time.perf_counter_ns()
        orders = self._lifecycle.on_action(messages.action_from_msg(message))
        self._do(orders)
        if any(isinstance(order, outputs.Move) for order in orders):
            self._spans.add('command', self._event_ns)
        self._spans.publish_if_due()  # the longest gap of a cycle begins

    def _on_timer(self) -> None:
        wake_at = self._lifecycle.wake_at
        self._take_executed()
        self._take_joints()  # before the time is up: those around the newest image have come long ago
        if self._lifecycle.wake_at != wake_at:
            return  # they were awaited; the timer has been set anew
        self._armed_for = FIRED
        if wake_at is not None and (early := wake_at - time.monotonic()) > 0.0:
            time.sleep(early)  # at most EARLY_S, and more precise than the executor
        self._event_ns = time.perf_counter_ns()
        self._do(self._lifecycle.tick())

    def _on_presence(self) -> None:
        if self._lifecycle.state is State.RUNNING:
            return
        self._spans.publish_if_due()
        absent = [client.srv_name for client in self._devices.values() if not client.service_is_ready()]
        listening = self._observation.get_subscription_count() > 0
        if not (listening and self.count_publishers(topics.ACTION.name) > 0):
            absent.append('actor')
        self._lifecycle.readiness.absent = tuple(absent)

    def _on_request(self, event, response: Trigger.Response) -> Trigger.Response:
        orders = event()
        self._do(orders)
        stopped = self._lifecycle.state is State.STOPPED
        response.success = stopped == (event == self._lifecycle.stop)
        said = [] if response.success else [order.text for order in orders if isinstance(order, outputs.Say)]
        response.message = '; '.join([f'environment is {self._lifecycle.state.value}', *said])
        return response

    def _refuse(self, what: str, error: ValueError) -> None:
        if what not in self._refused:
            self._refused.add(what)
            self.get_logger().error(f'{what} refused, as all like it from now on: {error}')

    # --- outputs ---

    def _do(self, orders: list[outputs.Output]) -> None:
        for order in orders:
            match order:
                case outputs.Move(velocity, stamp_ns):
                    command = msg.VelocityCommand(
                        name=JOINT_NAMES, velocity=[*velocity.tolist(), 0.0], **self._commander
                    )
                    command.header.stamp = messages.time_from_ns(stamp_ns)
                    self._command.publish(command)
                case outputs.Observe(observation, timing):
                    self._observation.publish(messages.msg_from_observation(observation))
                    self._publish_timing(observation, timing)
                    self._add_spans_until_observed(observation.step)
                case outputs.Call(service, token, seed):
                    if service == 'target':  # once in each attempt to reset
                        self._reset_ns = self._event_ns
                        self._publish_target_start(seed, 0)
                    self._call(service, token, seed)
                case outputs.StartTarget(seed, stamp_ns):
                    self._publish_target_start(seed, stamp_ns)
                case outputs.Finish(summary):
                    self._publish_summary(summary)
                case outputs.Say('warning', text):
                    self.get_logger().warning(text)  # rclpy wants a line of its own for each severity
                case outputs.Say(_, text):
                    self.get_logger().info(text)
                case outputs.End(code, text):
                    print(f'error: {text}', file=sys.stderr, flush=True)
                    raise SystemExit(code)
        self._set_timer()

    def _add_spans_until_observed(self, step: int) -> None:
        if step == 0:
            self._spans.add('reset', self._reset_ns, self._event_ns)
        self._spans.add('observe', self._event_ns)

    def _publish_timing(self, observation, timing: outputs.CycleTiming | None) -> None:
        if timing is None:
            return
        message = msg.CycleTiming(**timing._asdict())
        message.header.stamp = messages.time_from_ns(observation.stamp_ns)
        self._timing.publish(message)
        self._monitor_reward.publish(Float32(data=observation.reward))
        self._monitor_cycle.publish(Float32(data=timing.cycle_ms))

    def _publish_target_start(self, seed: int, start_stamp: int) -> None:
        message = msg.TargetStart(seed=seed, start_stamp=start_stamp)
        message.header.stamp = messages.time_from_ns(time.time_ns())
        self._target_start.publish(message)

    def _publish_summary(self, summary: outputs.EpisodeSummary) -> None:
        target = self._target.newest()
        if target is not None:
            self._target_at = (target.x, target.y)
        x, y = self._target_at
        message = msg.Episode(**summary._asdict(), target_x=x, target_y=y)
        message.header.stamp = messages.time_from_ns(time.time_ns())
        self._episode.publish(message)
        self._monitor_return.publish(Float32(data=summary.episode_return))

    def _call(self, service: str, token: int, seed: int) -> None:
        if not self._devices[service].service_is_ready():  # a call would never be answered
            self._do(self._lifecycle.on_answer(service, token, False, 'no node offers it'))
            return
        request = srv.NewTarget.Request(seed=seed) if service == 'target' else Trigger.Request()
        future = self._devices[service].call_async(request)
        future.add_done_callback(lambda done: self._on_answer(service, token, done))

    def _on_answer(self, service: str, token: int, future) -> None:
        answer = future.result()
        self._do(self._lifecycle.on_answer(service, token, answer.success, answer.message))

    def _set_timer(self) -> None:
        wake_at = self._lifecycle.wake_at
        if wake_at == self._armed_for:
            return
        self._armed_for = wake_at
        if wake_at is None:
            self._timer.cancel()
            return
        delay = max(wake_at - EARLY_S - time.monotonic(), 0.0)
        self._timer.timer_period_ns = max(int(1e9 * delay), 1)
        self._timer.reset()


def main() -> int:
    """Runs the node."""
    wake_in_time(Priority.CYCLE)
    return graph_main.run(EnvironmentNode)
