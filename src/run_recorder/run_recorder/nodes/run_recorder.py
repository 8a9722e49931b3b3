"""Node that records a run, shows its progress and ends it when its time is over."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from run_reading import configuration, evaluation
from run_reading.columns import CYCLE_COLUMNS, EPISODE_COLUMNS, LEARNER_COLUMNS
from run_recorder import identity_file
from run_recorder.added_up import AddedUp
from run_recorder.parameter_survey import ParameterSurvey
from run_recorder.processors import Processors
from run_recorder.progress_line import line, summary
from run_recorder.recorder_config import RecorderConfig
from run_recorder.recording import Recording
from run_recorder.steady_clock import SteadyClock
from ur5_rl_graph import parameter_file, parameters, run_files, topics
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.loss_publisher import LossPublisher
from ur5_rl_graph.main import run
from ur5_rl_graph.messages import ns_from_time, spans_from_msg
from ur5_rl_graph.node import Node
from ur5_rl_graph.polled import Polled
from ur5_rl_graph.run_config import RunConfig
from ur5_rl_graph.say import one_line
from ur5_rl_graph.steady import every
from ur5_rl_graph.whole_file import LARGEST, write_text

INCOMPLETE = 4
"""Exit code of a recorder that could not write its last files; its launch ends with it, and fails."""
LATEST_NS = 4_000_000_000_000_000_000
"""No span begins after this, in the year 2096 [ns since the epoch]."""


class RunRecorder(Node):
    """Subscribes to what a run says of itself and writes it into the run folder."""

    def __init__(self) -> None:
        """Opens the run folder; exits with code 0 when the duration of the run is over."""
        super().__init__('run_recorder')
        self._config = parameters.declare(self, RecorderConfig)
        self._run = RunConfig.of(self)
        self._recording = Recording(self._config, self._run.run_identity)
        self._steady = SteadyClock(
            self._recording.folder / 'steady_clock.json', Clock(), writing=self._recording.writing
        )
        self._lost: dict[str, int] = {}
        self._refused: set[str] = set()  # topics of which a message was
        self._number = 0  # of the message that is heard, among those of its sender; 0 = not known
        self._counts = AddedUp()  # what nodes tell of themselves
        self._spans_dropped = AddedUp()  # by component
        self._acts = False
        self._processors = Processors()
        self._started = time.monotonic()
        self._told = 0.0
        self._updated: Polled | None = None
        self._configuration_path = Path(self._config.run_folder) / run_files.CONFIGURATION
        self._configuration, damaged = configuration.recall(self._configuration_path)
        damaged += ': the nodes are asked for their parameters anew' if damaged else ''
        self._configuration_written = True
        self._survey = ParameterSurvey(self, self._on_parameters)
        self._say(f'run folder {self._recording.folder}')
        over = self._recording.over(self._steady.now())
        for damage in (*self._recording.damages, self._steady.damage, damaged, self._identify(over)):
            if damage:
                self._say(damage)
        if self._recording.figures.curve.returns:
            self._say(f'continues a run of {len(self._recording.figures.curve.returns)} episodes')
        if over:  # what is still being done is no part of the run
            self._say(f'it is over: {over}; a larger duration:= with resume:= lets a run go on')
        else:
            self._listen()
        self._losses = LossPublisher(self, self._own_losses)
        every(self, 1.0, self._tick)

    def _listen(self) -> None:
        self._updated = Polled(self, topics.MINI_BATCH_DONE)
        for topic, callback in (
            (topics.CYCLE_TIMING, self._on_cycle),
            (topics.LEARNER_STATUS, self._on_learner),
            (topics.BUFFER_STATUS, self._on_buffer),
            (topics.ARM_STATUS, self._on_arm),
            (topics.SPANS, self._on_spans),
            (topics.LOSSES, self._on_losses),
            (topics.EPISODE, self._on_episode),  # last: the environment begins when it knows this one
        ):
            topic.subscription(self, partial(self._hear, topic.name, callback))

    def _hear(
        self, name: str, callback: Callable[[object], None], message: Any, info: Mapping[str, Any]
    ) -> None:
        """Takes one message and what DDS says of it; one that no node of a run would send ends nothing."""
        self._number = info.get('publication_sequence_number') or 0  # not every middleware tells
        try:
            _check_numbers(message)
            callback(message)
        except ValueError as error:
            if name not in self._refused:
                self._refused.add(name)
                why = one_line(str(error))
                self._say(f'a message on {name} is refused ({why}); further ones there are only counted')
            self._lost['messages refused'] = self._lost.get('messages refused', 0) + 1

    def _identify(self, over: str) -> str:
        """Writes run.json; returns '' or a line on what was damaged."""
        said = ['']
        path = self._recording.folder / run_files.IDENTITY
        self._recording.writing.attempt(
            path, lambda: said.append(identity_file.write(self._config, over=bool(over))), count=0
        )
        return said[-1]

    def _tell_of_first_action(self) -> None:
        if not self._acts:
            self._acts = True
            self._say(f'first action {time.monotonic() - self._started:.1f} s after the recorder started')

    def _on_episode(self, message: Any) -> None:
        end = self._time_of(message)
        self._recording.steps(message.total_steps, end)
        values = _fields(message, EPISODE_COLUMNS, {'end', 'elapsed_s', 'aborted', 'return'})
        values['return'] = message.episode_return
        self._recording.episode_ended(end=end, aborted=message.aborted, **values)
        if message.aborted:
            self._say(f'episode {message.episode} aborted: {one_line(message.text)}')

    def _on_cycle(self, message: Any) -> None:
        self._tell_of_first_action()
        values = _fields(message, CYCLE_COLUMNS, {'stamp', 'overrun'})
        self._recording.cycle(stamp=self._time_of(message), overrun=message.overrun, **values)

    def _on_learner(self, message: Any) -> None:
        self._recording.learner(
            stamp=self._time_of(message),
            metrics=dict(zip(message.metric_names, message.metric_values, strict=True)),
            **_fields(message, LEARNER_COLUMNS, {'stamp', 'elapsed_s', 'metrics'}),
        )

    def _on_buffer(self, message: Any) -> None:
        self._recording.steps(message.total_steps, self._time_of(message))
        self._recording.sampling(message.sampling_ms)
        self._counts.take('transitions', message.transitions_lost, self._number)

    def _on_arm(self, message: Any) -> None:
        if not self._run.may_be_own(message.run):
            return  # of a bag that is played, or of another run's arm: counts that are not ours
        self._counts.take('velocity commands refused', message.commands_rejected, self._number)
        self._counts.take('protective stops', message.protective_stops, self._number)

    def _on_spans(self, message: Any) -> None:
        spans, moved_s = spans_from_msg(message), self._steady.of(0.0)
        if not all(0 <= span.start_ns <= LATEST_NS and 0 <= span.duration_ns <= LARGEST for span in spans):
            raise ValueError(f'spans of {message.component} have times that cannot be')
        if full := self._recording.spans(message.component, spans, moved_s):
            self._say(full)
        self._spans_dropped.take(message.component, message.dropped, self._number)
        self._lost['spans'] = sum(self._spans_dropped.totals.values())

    def _on_losses(self, message: Any) -> None:
        if message.name != self.get_name():
            for pair in message.values:
                self._counts.take(one_line(f'{message.name}: {pair.key}'), int(pair.value), self._number)

    def _tick(self) -> None:
        now = self._steady.now()
        because = self._recording.over(now)
        if because:
            self._say(because)
            if self._config.episodes:
                self._say(evaluation.line(self._recording.figures.curve.returns[: self._config.episodes]))
            raise SystemExit(0)
        self._steady.keep()
        self._recording.clock.save()
        self._write_configuration()
        self._losses.publish()
        self._survey.step()
        if time.monotonic() - self._told >= self._config.progress_period_s:
            self._told = time.monotonic()
            if self._acts:
                self._say(line(self._recording.progress(now)))

    def _own_losses(self) -> dict[str, int]:
        """What no other message counts."""
        return {'messages refused': self._lost.get('messages refused', 0)} | self._recording.writing.unwritten

    def _on_parameters(self, node: str, values: dict[str, object]) -> None:
        try:
            parameter_file.dump({node: values})
        except ValueError as error:  # bytes, or nothing: of a node of another kind that has a name of ours
            self._say(f'{self._configuration_path.name} lacks {node}: {error}')
            return
        self._configuration[node] = values
        self._configuration_written = False

    def _write_configuration(self) -> None:
        if self._configuration_written:
            return
        path, text = self._configuration_path, parameter_file.dump(self._configuration)
        writing = self._recording.writing
        self._configuration_written = writing.attempt(path, lambda: write_text(path, text), count=0)

    def _time_of(self, message: Any) -> float:
        """Returns the time in the run that the stamp of a message says [s]; none comes from the future."""
        return min(self._steady.of(ns_from_time(message.header.stamp) * 1e-9), self._steady.now())

    def _say(self, text: str) -> None:
        print(text, flush=True)

    @property
    def lacking(self) -> list[str]:
        """Files that could not be written at the end."""
        return self._recording.lacking

    def _take_the_rest(self) -> None:
        """On a busy machine messages wait: an executor takes one of each topic at a time, and has ended."""
        for subscription in self.subscriptions:
            while (taken := topics.take_with_info(subscription)) is not None:
                subscription.callback(*taken)

    def destroy_node(self) -> None:
        """Takes what has come until now, completes the run folder and prints the summary."""
        done = None
        try:
            done = self._updated.newest() if self._updated is not None else None
            self._take_the_rest()
        except Exception as error:  # of whatever program: the summary of the run comes first
            self._say(f'warning: messages of the last moment are lost ({type(error).__name__}: {error})')
        if done is not None and done.updates <= LARGEST:
            # The learner's report of a second says less than its newest word to the sampler.
            self._recording.updated(done.updates)
        self._write_configuration()
        if silent := [name for name in self._survey.silent if name not in self._configuration]:
            self._say(
                f'{self._configuration_path.name} lacks {", ".join(silent)}: not answered before the end'
            )
        now, shares = self._steady.now(), self._processors.shares()
        lost = self._lost | self._counts.totals | self._recording.figures.lost
        remarks = self._recording.close(now, shares, lost)
        self._say(summary(self._recording.progress(now), lost | self._recording.writing.unwritten))
        for text in (str(shares), *remarks, self._recording.state):
            self._say(text)
        super().destroy_node()


def _check_numbers(message: Any) -> None:
    """Raises ValueError where a number that a message tells is not finite, or too large to be one of a run.

    Arrays are let through: a metric that is not finite is what a learner has to tell.
    """
    for name in message.get_fields_and_field_types():
        value = getattr(message, name)
        if isinstance(value, int | float) and not abs(value) <= LARGEST:
            raise ValueError(f'{name} is {value}; allowed are finite numbers up to {LARGEST:.0e}')


def _fields(message: Any, columns: tuple[str, ...], computed: set[str]) -> dict[str, object]:
    """Returns the fields of a message that are columns of a table under their own names."""
    return {name: getattr(message, name) for name in columns if name not in computed}


def main() -> int:
    """Runs the node; returns `INCOMPLETE` where its folder lacks a file."""
    recorders: list[RunRecorder] = []

    def make() -> RunRecorder:
        recorders.append(RunRecorder())
        return recorders[-1]

    code = run(make)
    return INCOMPLETE if code == 0 and any(made.lacking for made in recorders) else code
