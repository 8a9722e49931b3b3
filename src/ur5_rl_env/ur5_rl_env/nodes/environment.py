"""Environment node: sensors and actions in, observations and velocity commands out (thesis 3.2, 3.3).

A shell around `journaled.Environment`: messages are decoded and handed to it, what it answers is sent, its
journal after that. One thread; whoever waits waits in the executor.
"""

import secrets
import sys
import time
from functools import partial
from typing import Any

from std_srvs.srv import Trigger

from ur5_rl_env import events, outputs, wire
from ur5_rl_env.episode_progress import Progress
from ur5_rl_env.journaled import Environment
from ur5_rl_env.lifecycle import State
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import main as graph_main
from ur5_rl_graph import messages, parameters, topics
from ur5_rl_graph.node import Node
from ur5_rl_graph.polled import Polled
from ur5_rl_graph.priority import Priority, wake_in_time
from ur5_rl_graph.run_config import RunConfig
from ur5_rl_graph.say import one_line
from ur5_rl_graph.span_publisher import SpanPublisher
from ur5_rl_graph.steady import every
from ur5_rl_interfaces import msg, srv

PRESENCE_PERIOD_S = 0.1
JOURNAL_S = 0.2
"""Where no action gives the occasion, entries of the journal wait so long and a little [s]."""
FIRED = -1.0  # no wake_at: the timer must be set anew, or cancelled
EARLY_S = 0.0005
"""The executor is woken so much before an observation is due: rclpy takes that long to call back."""

PUBLISHED = (
    topics.OBSERVATION,
    topics.VELOCITY_COMMAND,
    topics.CYCLE_TIMING,
    topics.EPISODE,
    topics.TARGET_START,
    topics.MONITOR_REWARD,
    topics.MONITOR_RETURN,
    topics.MONITOR_CYCLE,
    topics.JOURNAL,
)


class EnvironmentNode(Node):
    """Node `environment`. Topics and services: docs/topics.md."""

    def __init__(self) -> None:
        """Declares parameters, connects, starts."""
        super().__init__('environment')
        self._task = parameters.declare(self, TaskConfig)
        config = parameters.declare(self, LifecycleConfig)
        self._run = RunConfig.of(self)
        self._awaits_recorder = config.awaits_recorder
        self._commander: dict[str, Any] = {
            'run': self._run.run_identity,
            'process': secrets.randbits(64),
        }
        progress = Progress(config.run_folder)
        if progress.episode:
            self.get_logger().info(
                f'going on after episode {progress.episode}, which had begun at step {progress.total_steps}'
            )
        self._word = PersonsWord(
            config.confirm,
            config.run_folder,
            self._commander['run'],
            self.resolve_service_name(topics.START_ENVIRONMENT.name),
        )
        self._environment = Environment(self._task, config, progress, self._word, self._commander)
        self._lifecycle = self._environment.lifecycle
        self._spans = SpanPublisher(self)
        self._event_ns = self._reset_ns = 0  # begin of the present event, of the newest reset
        self._refused: set[str] = set()  # kinds of sensor messages; one line each, not 125 a second
        self._connect()
        parameters.on_change(self, LifecycleConfig, lambda new: self._handle(events.Seeded(new['seed'])))
        self._timer = every(self, 1.0, self._on_timer)
        self._armed_for: float | None = FIRED  # wake_at that the timer is set to
        every(self, PRESENCE_PERIOD_S, self._on_presence)
        self._on_presence()
        self._set_timer()

    def _connect(self) -> None:
        self._joints = Polled(self, topics.JOINT_STATES)
        self._executed = Polled(self, topics.EXECUTED_COMMAND)
        self._target = Polled(self, topics.TARGET)
        topics.IMAGE.subscription(self, self._on_image)
        topics.ARM_STATUS.subscription(self, self._on_arm)
        topics.ACTION.subscription(self, self._on_action)
        self._published = {topic.name: topic.publisher(self) for topic in PUBLISHED}
        self._devices = {
            'stop': topics.STOP_ARM.client(self),
            'home': topics.MOVE_HOME.client(self),
            'target': topics.NEW_TARGET.client(self),
        }
        for service, request in (
            (topics.START_ENVIRONMENT, 'start'),
            (topics.STOP_ENVIRONMENT, 'stop'),
            (topics.RESET_ENVIRONMENT, 'reset'),
        ):
            service.server(self, lambda _, response, request=request: self._on_request(request, response))

    # --- events ---

    def _on_image(self, message) -> None:
        self._event_ns = time.perf_counter_ns()
        try:
            frame = wire.frame_of(message, self._task)
        except ValueError as error:
            self._refuse('image', error)
            return
        self._look()
        self._handle(events.Saw(frame))

    def _look(self) -> None:
        """Takes what has come of the streams that nobody is called back for."""
        if (target := self._target.newest()) is not None:
            self._handle(events.Shown(target.x, target.y))
        if (report := self._executed.newest()) is not None:
            try:
                self._handle(events.Reported(wire.executed_of(report)))
            except ValueError as error:
                self._refuse('executed command', error)
        samples = []
        for message in self._joints.all():
            try:
                samples.append(wire.joints_of(message))
            except ValueError as error:
                self._refuse('joint states', error)
        if samples:
            self._handle(events.Felt(tuple(samples)))

    def _on_arm(self, message) -> None:
        if self._run.may_be_own(message.run):
            self._handle(events.ArmSaid(message.state, one_line(message.text), message.protective_stops))

    def _on_action(self, message) -> None:
        self._event_ns = time.perf_counter_ns()
        orders = self._handle(events.Acted(messages.action_from_msg(message)))
        if any(isinstance(order, outputs.Move) for order in orders):
            self._spans.add('command', self._event_ns)
        self._publish_journal()  # the longest gap of a cycle begins
        self._spans.publish_if_due()

    def _on_timer(self) -> None:
        wake_at = self._lifecycle.wake_at
        self._look()  # before the time is up: those around the newest image have come long ago
        if self._lifecycle.wake_at != wake_at:
            return  # they were awaited; the timer has been set anew
        self._armed_for = FIRED
        if wake_at is not None and (early := wake_at - time.monotonic()) > 0.0:
            time.sleep(early)  # at most EARLY_S, and more precise than the executor
        self._event_ns = time.perf_counter_ns()
        self._handle(events.Woke())

    def _on_presence(self) -> None:
        since = self._environment.journal.since
        if since is not None and time.monotonic() - since > JOURNAL_S:
            self._publish_journal()
        if self._lifecycle.state is State.RUNNING:
            self._awaits_recorder = False  # once: one that dies later stops nobody
            return
        self._spans.publish_if_due()
        absent = [client.srv_name for client in self._devices.values() if not client.service_is_ready()]
        listening = self._published[topics.OBSERVATION.name].get_subscription_count() > 0
        if not (listening and self.count_publishers(topics.ACTION.name) > 0):
            absent.append('actor')
        if self._awaits_recorder and not self._recorded():
            absent.append('recorder')
        if tuple(absent) != self._lifecycle.readiness.absent:
            self._handle(events.Missed(tuple(absent)))

    def _recorded(self) -> bool:
        """Whether the run's recorder, which others that hear of episodes are not, hears of them."""
        hearers = self.get_subscriptions_info_by_topic(topics.EPISODE.name)
        recorder = 'run_recorder', self.get_namespace()
        return any((hearer.node_name, hearer.node_namespace) == recorder for hearer in hearers)

    def _on_request(self, request: str, response: Trigger.Response) -> Trigger.Response:
        orders = self._handle(events.Asked(request))
        stopped = self._lifecycle.state is State.STOPPED
        response.success = stopped if request == 'stop' else self._word.given and not stopped
        said = [order.text for order in orders if isinstance(order, outputs.Say)]
        response.message = '; '.join([f'environment is {self._lifecycle.state.value}', *said])
        return response

    def _refuse(self, what: str, error: ValueError) -> None:
        if what not in self._refused:
            self._refused.add(what)
            self.get_logger().error(f'{what} refused, as all like it from now on: {one_line(str(error))}')

    # --- outputs ---

    def _handle(self, event: events.Event) -> list[outputs.Output]:
        """Has the environment take an event and does what it asks for, which is returned."""
        orders = self._environment.take(event)
        self._do(orders, self._environment.stamp_ns)
        return orders

    def _do(self, orders: list[outputs.Output], stamp_ns: int) -> None:
        for order in orders:
            for topic, message in wire.messages_of(order, stamp_ns, self._commander):
                self._published[topic.name].publish(message)
            match order:
                case outputs.Observe(observation, _):
                    self._add_spans_until_observed(observation.step)
                case outputs.Call(service, token, seed):
                    if service == 'target':  # once in each attempt to reset
                        self._reset_ns = self._event_ns
                    self._call(service, token, seed)
                case outputs.Say('warning', text):
                    self.get_logger().warning(text)  # rclpy wants a line of its own for each severity
                case outputs.Say(_, text):
                    self.get_logger().info(text)
                case outputs.End(code, text):
                    self._publish_journal()
                    print(f'error: {text}', file=sys.stderr, flush=True)
                    raise SystemExit(code)
        self._set_timer()

    def _publish_journal(self) -> None:
        message = msg.Journal(**self._environment.journal.take()._asdict())
        message.header.stamp = messages.time_from_ns(time.time_ns())
        self._published[topics.JOURNAL.name].publish(message)

    def _add_spans_until_observed(self, step: int) -> None:
        if step == 0:
            self._spans.add('reset', self._reset_ns, self._event_ns)
        self._spans.add('observe', self._event_ns)

    def _call(self, service: str, token: int, seed: int) -> None:
        if not self._devices[service].service_is_ready():  # a call would never be answered
            self._handle(events.Answered(service, token, False, 'no node offers it'))
            return
        request = srv.NewTarget.Request(seed=seed) if service == 'target' else Trigger.Request()
        future = self._devices[service].call_async(request)
        future.add_done_callback(lambda done: self._on_answer(service, token, done))

    def _on_answer(self, service: str, token: int, future) -> None:
        answer = future.result()
        self._handle(events.Answered(service, token, answer.success, one_line(answer.message)))

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
    return graph_main.run(EnvironmentNode, ready=partial(wake_in_time, Priority.CYCLE))
