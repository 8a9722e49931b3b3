"""The record of one run: tables, TensorBoard events, statistics and the learning curve."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from run_recorder import evaluation, learning_curve, outcome, table
from run_recorder.clock import RunClock
from run_recorder.config import RecorderConfig
from run_recorder.events import Events
from run_recorder.processors import Shares
from run_recorder.progress import Progress
from run_recorder.timing import CycleStatistics, UpdateStatistics
from ur5_rl_graph.spans import Span
from ur5_rl_graph.whole_file import write_json
from ur5_rl_graph.writing import Writing

EPISODE_COLUMNS = (
    'episode',
    'end',
    'elapsed_s',
    'total_steps',
    'steps',
    'return',
    'duration_s',
    'reset_s',
    'overruns',
    'changed_steps',
    'unreported_steps',
    'stale_images',
    'refused_stamps',
    'extrapolated_joints',
    'older_images',
    'aborted',
    'target_x',
    'target_y',
    'text',
)
CYCLE_COLUMNS = (
    'stamp',
    'episode',
    'step',
    'cycle_ms',
    'lateness_ms',
    'overrun',
    'response_ms',
    'image_age_ms',
    'joint_age_ms',
    'image_to_command_ms',
    'weights_age_s',
)
LEARNER_COLUMNS = (
    'stamp',
    'elapsed_s',
    'updates',
    'weights_version',
    'updates_per_s',
    'update_ms',
    'handover_ms',
    'waiting_fraction',
    'metrics',
)
SPAN_COLUMNS = ('component', 'span', 'start_s', 'duration_ms')


class Recording:
    """Writes the run folder. Times are seconds since the epoch; an existing folder is continued."""

    def __init__(self, config: RecorderConfig) -> None:
        """Opens or makes the run folder.

        Raises:
            ValueError: a table there is damaged, or has other columns.
        """
        self._config = config
        self.folder = Path(config.run_folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.writing = Writing()
        self.clock = RunClock(self.folder / 'clock.json', config.duration, self.writing)
        self._episodes = table.Table(self.folder / 'episodes.csv', EPISODE_COLUMNS, self.writing)
        self._cycles = table.Table(self.folder / 'cycle_timing.csv', CYCLE_COLUMNS, self.writing)
        self._learner = table.Table(self.folder / 'learner.csv', LEARNER_COLUMNS, self.writing)
        self._spans = table.Table(self.folder / 'spans.csv', SPAN_COLUMNS, self.writing)
        self._events = Events(self.folder / 'tensorboard', self.writing)
        self._statistics = CycleStatistics(1e3 * config.action_cycle_s)
        self._update_statistics = UpdateStatistics()
        self.bytes_cut = sum(t.bytes_cut for t in (self._episodes, self._cycles, self._learner, self._spans))
        self._recall(self._episodes, self._recall_episodes)
        self._recall(self._cycles, self._recall_cycles)
        self._recall(self._learner, self._recall_updates)
        self.updates = 0
        self.updates_per_s = 0.0
        self.weights_age_s = 0.0

    def _recall(self, part: table.Table, take: Callable[[dict[str, list[str]]], None]) -> None:
        rows = table.read(part.path)
        try:
            take(rows)
        except ValueError as error:
            raise ValueError(table.damaged(part.path, error)) from None

    def _recall_episodes(self, rows: dict[str, list[str]]) -> None:
        kept = [i for i, aborted in enumerate(rows.get('aborted', [])) if aborted == '0']
        self.returns = [float(rows['return'][i]) for i in kept]
        self.aborted = len(rows.get('aborted', [])) - len(kept)
        self._ends = [float(rows['end'][i]) for i in kept]
        self._steps = [int(rows['total_steps'][i]) for i in kept]
        self.total_steps = self._steps[-1] if self._steps else 0
        self.episode = int(rows['episode'][-1]) if rows else 0
        if rows and (elapsed_s := float(rows['elapsed_s'][-1])) > 0.0:  # where clock.json was lost
            self.clock.start(float(rows['end'][-1]) - elapsed_s)

    def _recall_cycles(self, rows: dict[str, list[str]]) -> None:
        names = ('cycle_ms', 'response_ms', 'image_to_command_ms', 'overrun')
        for row in zip(*(rows.get(name, []) for name in names), strict=True):
            self._statistics.add(*(float(value) for value in row[:3]), row[3] == '1')

    def _recall_updates(self, rows: dict[str, list[str]]) -> None:
        for report in zip(*(rows.get(name, []) for name in ('updates_per_s', 'update_ms')), strict=True):
            self._update_statistics.add(*map(float, report))

    def steps(self, total_steps: int, now_s: float) -> None:
        """Takes the number of environment steps so far; the clock starts after the random ones."""
        self.total_steps = max(total_steps, self.total_steps)
        if self.total_steps >= self._config.random_steps:
            self.clock.start(now_s)

    def episode_ended(self, *, end: float, aborted: bool, **values: object) -> None:
        """Adds an episode; an aborted one is written, but is no part of the learning curve."""
        self.episode = int(values['episode'])
        self._episodes.append(
            end=f'{end:.3f}', elapsed_s=self.clock.elapsed_s(end), aborted=int(aborted), **values
        )
        if aborted:
            self.aborted += 1
            return
        self.returns.append(float(values['return']))
        self._ends.append(end)
        self._steps.append(int(values['total_steps']))
        self._scalar('episode/return', self.returns[-1], self._steps[-1], end)
        self._scalar('episode/overruns', values['overruns'], self._steps[-1], end)

    def cycle(self, *, stamp: float, overrun: bool, **values: object) -> None:
        """Adds an action cycle."""
        self._cycles.append(stamp=f'{stamp:.6f}', overrun=int(overrun), **values)
        self.weights_age_s = float(values['weights_age_s'])
        self._statistics.add(
            values['cycle_ms'], values['response_ms'], values['image_to_command_ms'], overrun
        )

    def learner(self, *, stamp: float, metrics: dict[str, float], **values: object) -> None:
        """Adds a report of the learner."""
        self.updates = int(values['updates'])
        self.updates_per_s = float(values['updates_per_s'])
        self._update_statistics.add(self.updates_per_s, float(values['update_ms']))
        self._learner.append(
            stamp=f'{stamp:.3f}',
            elapsed_s=self.clock.elapsed_s(stamp),
            metrics=' '.join(f'{name}={value:.6g}' for name, value in metrics.items()),
            **values,
        )
        for name in ('updates_per_s', 'update_ms', 'handover_ms', 'waiting_fraction'):
            self._scalar(f'learner/{name}', values[name], self.updates, stamp)
        for name, value in metrics.items():
            self._scalar(f'sac/{name}', value, self.updates, stamp)

    def spans(self, component: str, spans: Iterable[Span], moved_s: float = 0.0) -> None:
        """Adds what a component did; `moved_s` makes times of the run of theirs [s]."""
        self._spans.extend(
            (component, span.name, f'{1e-9 * span.start_ns + moved_s:.6f}', f'{1e-6 * span.duration_ns:.3f}')
            for span in spans
        )

    def _scalar(self, tag: str, value: float, step: int, stamp: float) -> None:
        self._events.add(tag, value, step, stamp)

    def sampling(self, sampling_ms: float) -> None:
        """Takes the mean time of a mini-batch in the last second [ms], 0 where none was made."""
        self._update_statistics.add_sampling(sampling_ms)

    def over(self, now_s: float) -> bool:
        """Whether the run has had its duration, or an evaluation its episodes."""
        return self.clock.over(now_s) or 0 < self._config.episodes <= len(self.returns)

    def progress(self, now_s: float) -> Progress:
        """Returns the state of the run at `now_s`."""
        return Progress(
            elapsed_s=self.clock.elapsed_s(now_s),
            left_s=self.clock.left_s(now_s),
            episode=self.episode,
            returns=self.returns,
            total_steps=self.total_steps,
            random_steps=self._config.random_steps,
            updates=self.updates,
            updates_per_s=self.updates_per_s,
            cycle=self._statistics.summary(),
            weights_age_s=self.weights_age_s,
            update=self._update_statistics.summary(),
        )

    def close(self, now_s: float, processors: Shares | None = None) -> str:
        """Completes the run folder as of `now_s`: timing.json, learning_curve.png and, last, summary.json.

        What cannot be written keeps nothing else from being written.

        Args:
            now_s: end of the run [s].
            processors: None where time is not that of this machine.

        Returns:
            One line: the folder is complete, or what it lacks.
        """
        lacking: list[str] = []

        def complete(name: str, write: Callable[[Path], object]) -> None:
            path = self.folder / name
            if not self.writing.attempt(path, lambda: write(path)):
                lacking.append(name)

        cycle, update = self._statistics.summary(), self._update_statistics.summary()
        if cycle is not None:
            timing = cycle._asdict() | (update._asdict() if update else {})
            timing |= processors._asdict() if processors else {}
            complete('timing.json', lambda path: write_json(path, timing))
        if self._config.episodes and self.returns:
            returns = self.returns[: self._config.episodes]
            complete('evaluation.json', lambda path: evaluation.write(path, returns))
        if self.returns:
            complete('learning_curve.png', self._draw_learning_curve)
        for part in (self._episodes, self._cycles, self._learner, self._spans, self._events):
            part.close()
        values = self._outcome(now_s)
        complete(outcome.FILE_NAME, lambda path: outcome.write(path.parent, values))
        return f'run folder {self.folder} ' + (f'lacks {", ".join(lacking)}' if lacking else 'is complete')

    def _draw_learning_curve(self, path: Path) -> None:
        ends = np.asarray(self._ends)
        random = sum(steps <= self._config.random_steps for steps in self._steps)
        minutes = (ends - ends[0]) / 60.0
        learning_curve.draw(path, minutes, np.asarray(self.returns), random, self._config.title)

    def _outcome(self, now_s: float) -> dict[str, object]:
        ended = zip(self.returns, self._ends, strict=True)
        learning = [value for value, end in ended if self.clock.elapsed_s(end) > 0.0]
        return outcome.outcome(
            complete=self.over(now_s),
            elapsed_s=self.clock.elapsed_s(now_s),
            steps=self.total_steps,
            updates=self.updates,
            aborted=self.aborted,
            returns=np.asarray(learning),
            cycle=self._statistics.summary(),
        )
