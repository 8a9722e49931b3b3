"""Node that records a run, shows its progress and ends it when its time is over."""

import time
from pathlib import Path

import yaml
from rclpy.node import Node
from rclpy.parameter import parameter_value_to_python
from rclpy.parameter_client import AsyncParameterClient

from run_recorder import configuration, evaluation, identity
from run_recorder.config import RecorderConfig
from run_recorder.processors import Processors
from run_recorder.progress import line, summary
from run_recorder.recording import CYCLE_COLUMNS, EPISODE_COLUMNS, LEARNER_COLUMNS, Recording
from run_recorder.steady_clock import SteadyClock
from ur5_rl_graph import parameters, topics
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import ns_from_time, spans_from_msg
from ur5_rl_graph.whole_file import write_text


class RunRecorder(Node):
    """Subscribes to what a run says of itself and writes it into the run folder."""

    def __init__(self) -> None:
        """Opens the run folder; exits with code 0 when the duration of the run is over."""
        super().__init__('run_recorder')
        self._config = parameters.declare(self, RecorderConfig)
        self._recording = Recording(self._config)
        self._steady = SteadyClock(
            self._recording.folder / 'steady_clock.json', writing=self._recording.writing
        )
        identity.write(self._config)
        self._lost: dict[str, int] = {}
        self._spans_dropped: dict[str, int] = {}  # by component
        self._acts = False
        self._processors = Processors()
        self._started = time.monotonic()
        self._told = 0.0
        topics.EPISODE.subscription(self, self._on_episode)
        topics.CYCLE_TIMING.subscription(self, self._on_cycle)
        topics.LEARNER_STATUS.subscription(self, self._on_learner)
        topics.BUFFER_STATUS.subscription(self, self._on_buffer)
        topics.ARM_STATUS.subscription(self, self._on_arm)
        topics.SPANS.subscription(self, self._on_spans)
        self._configuration_path = Path(self._config.run_folder) / 'configuration.yaml'
        self._configuration, damaged = configuration.recall(self._configuration_path)
        self._configuration_written = True
        self._asked: dict[str, AsyncParameterClient] = {}
        self.create_timer(1.0, self._tick)
        self._say(f'run folder {self._recording.folder}')
        for damage in (self._recording.clock.damage, self._steady.damage, damaged):
            if damage:
                self._say(damage)
        if self._recording.bytes_cut:
            self._say(f'cut {self._recording.bytes_cut} bytes of torn lines from its tables')
        if self._recording.returns:
            self._say(f'continues a run of {len(self._recording.returns)} episodes')

    def _tell_of_first_action(self) -> None:
        if not self._acts:
            self._acts = True
            self._say(f'first action {time.monotonic() - self._started:.1f} s after the recorder started')

    def _on_episode(self, message: object) -> None:
        end = self._time_of(message)
        self._recording.steps(message.total_steps, end)
        values = _fields(message, EPISODE_COLUMNS, {'end', 'elapsed_s', 'aborted', 'return'})
        values['return'] = message.episode_return
        self._recording.episode_ended(end=end, aborted=message.aborted, **values)
        self._lost['episodes aborted'] = self._recording.aborted
        if message.aborted:
            self._say(f'episode {message.episode} aborted: {message.text}')

    def _on_cycle(self, message: object) -> None:
        self._tell_of_first_action()
        values = _fields(message, CYCLE_COLUMNS, {'stamp', 'overrun'})
        self._recording.cycle(stamp=self._time_of(message), overrun=message.overrun, **values)

    def _on_learner(self, message: object) -> None:
        self._recording.learner(
            stamp=self._time_of(message),
            metrics=dict(zip(message.metric_names, message.metric_values, strict=True)),
            **_fields(message, LEARNER_COLUMNS, {'stamp', 'elapsed_s', 'metrics'}),
        )

    def _on_buffer(self, message: object) -> None:
        self._recording.steps(message.total_steps, self._time_of(message))
        self._recording.sampling(message.sampling_ms)
        self._lost['transitions'] = message.transitions_lost

    def _on_arm(self, message: object) -> None:
        self._lost['velocity commands'] = message.commands_rejected
        self._lost['protective stops'] = message.protective_stops

    def _on_spans(self, message: object) -> None:
        spans, moved_s = spans_from_msg(message), self._steady.of(0.0)
        self._recording.spans(message.component, spans, moved_s)
        self._spans_dropped[message.component] = message.dropped
        self._lost['spans'] = sum(self._spans_dropped.values())

    def _tick(self) -> None:
        self._steady.keep()
        self._collect_configuration()
        self._write_configuration()
        now = self._steady.now()
        if self._recording.over(now):
            if self._recording.clock.over(now):
                self._say(f'the duration of {self._config.duration:.0f} s is over')
            if self._config.episodes:
                self._say(evaluation.line(self._recording.returns[: self._config.episodes]))
            raise SystemExit(0)
        if time.monotonic() - self._told >= self._config.progress_period_s:
            self._told = time.monotonic()
            if self._acts:
                self._say(line(self._recording.progress(now)))

    def _collect_configuration(self) -> None:
        """Asks every node of this namespace once for its parameters, for configuration.yaml."""
        for name, namespace in self.get_node_names_and_namespaces():
            full = f'{namespace.rstrip("/")}/{name}'
            if full in self._asked or namespace != self.get_namespace():
                continue
            client = AsyncParameterClient(self, full)
            if client.services_are_ready():
                self._asked[full] = client
                client.list_parameters().add_done_callback(lambda f, n=full: self._on_names(n, f))

    def _on_names(self, node: str, future: object) -> None:
        names = sorted(future.result().result.names)
        answer = self._asked[node].get_parameters(names)
        answer.add_done_callback(lambda f: self._on_values(node, names, f))

    def _on_values(self, node: str, names: list[str], future: object) -> None:
        values = [parameter_value_to_python(value) for value in future.result().values]
        plain = [list(v) if hasattr(v, 'tolist') else v for v in values]
        self._configuration[node] = {'ros__parameters': dict(zip(names, plain, strict=True))}
        self._configuration_written = False

    def _write_configuration(self) -> None:
        if self._configuration_written:
            return
        path, text = self._configuration_path, yaml.safe_dump(self._configuration)
        writing = self._recording.writing
        self._configuration_written = writing.attempt(path, lambda: write_text(path, text), count=0)

    def _time_of(self, message: object) -> float:
        """Returns the time in the run that the stamp of a message says [s]."""
        return self._steady.of(ns_from_time(message.header.stamp) * 1e-9)

    def _say(self, text: str) -> None:
        print(text, flush=True)

    def _take_the_rest(self) -> None:
        """On a busy machine messages wait: an executor takes one of each topic at a time, and has ended."""
        for subscription in self.subscriptions:
            while (message := topics.take(subscription)) is not None:
                subscription.callback(message)

    def destroy_node(self) -> None:
        """Takes what has come until now, prints the summary and completes the run folder."""
        self._take_the_rest()
        self._write_configuration()
        now, shares = self._steady.now(), self._processors.shares()
        self._say(summary(self._recording.progress(now), self._lost | self._recording.writing.unwritten))
        self._say(str(shares))
        self._say(self._recording.close(now, shares))
        super().destroy_node()


def _fields(message: object, columns: tuple[str, ...], computed: set[str]) -> dict[str, object]:
    """Returns the fields of a message that are columns of a table under their own names."""
    return {name: getattr(message, name) for name in columns if name not in computed}


def main() -> int:
    """Runs the node."""
    return run(RunRecorder)
