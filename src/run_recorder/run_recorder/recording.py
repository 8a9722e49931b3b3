"""The record of one run: what comes goes into its tables, events, statistics and learning curve."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from run_reading import evaluation
from run_reading.columns import CYCLE_COLUMNS, EPISODE_COLUMNS, LEARNER_COLUMNS
from run_recorder import outcome_file, run_clock
from run_recorder.processors import Shares
from run_recorder.progress_line import Progress
from run_recorder.recorder_config import RecorderConfig
from run_recorder.run_curve import RunCurve
from run_recorder.run_figures import RunFigures
from run_recorder.span_file import SpanFile
from run_recorder.table_file import Table
from run_recorder.tensorboard_events import Events
from ur5_rl_graph import run_files
from ur5_rl_graph.spans import Span
from ur5_rl_graph.whole_file import write_json
from ur5_rl_graph.writing import Writing

SLACK_S = 5.0
"""Two steps of a run in order lie no further apart than a reset, or a late action, and this [s]."""


class Recording:
    """Writes the run folder; an existing one is continued.

    Times are seconds since the epoch that go on evenly: the clock of a run counts by them.

    Attributes:
        figures: of the run so far.
    """

    def __init__(self, config: RecorderConfig, launch: str = '') -> None:
        """Opens or makes the run folder; `damages` says in lines what is damaged there.

        Args:
            config: where, and for how long.
            launch: identity of the run's launch; another one than before resumes the run.

        Raises:
            ValueError: a table there has other columns.
        """
        self._config = config
        self.folder = Path(config.run_folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.writing = Writing()
        self._longest_s = max(config.reset_s, config.action_timeout_s) + SLACK_S
        self.clock = run_clock.RunClock(
            self.folder / run_files.CLOCK, config.duration, self._longest_s, launch, self.writing
        )
        self._episodes = Table(self.folder / run_files.EPISODES, EPISODE_COLUMNS, self.writing)
        self._cycles = Table(self.folder / run_files.CYCLES, CYCLE_COLUMNS, self.writing)
        self._learner = Table(self.folder / run_files.LEARNER, LEARNER_COLUMNS, self.writing)
        self._spans = SpanFile(self.folder / run_files.SPANS, writing=self.writing)
        self._events = Events(self.folder / 'tensorboard', self.writing)
        tables = (self._episodes, self._cycles, self._learner, self._spans)
        self.damages = [line for line in (self.clock.damage, *(part.damage for part in tables)) if line]
        self.lacking: list[str] = []
        """Files that could not be written when it was closed."""
        self._early = False
        curve = RunCurve(self.folder, self._longest_s, config.random_steps, config.title)
        self.figures = RunFigures(curve, config.action_cycle_s)
        self.clock.recover(self.figures.recall(self.folder, self.damages.append), curve.ended_s)
        if self.clock.resumed or not self.clock.over_because:
            curve.forget_drawing()  # of a recorder that was killed as it drew

    def steps(self, total_steps: int, now_s: float) -> None:
        """Takes the number of environment steps so far; the clock starts after the random ones.

        Where nobody told of the last of these, it started as many action cycles ago as there are steps since.
        """
        self.figures.total_steps = max(total_steps, self.figures.total_steps)
        if self.figures.total_steps >= max(1, self._config.random_steps):
            since = self.figures.total_steps - self._config.random_steps
            self.clock.start(now_s - since * self._config.action_cycle_s)

    def updated(self, updates: int) -> None:
        """Takes the number of updates so far."""
        self.figures.updates = updates

    def episode_ended(self, *, end: float, aborted: bool, **values: Any) -> None:
        """Adds an episode; an aborted one is written, but is no part of the learning curve."""
        random = values['total_steps'] <= self._config.random_steps
        elapsed_s = 0.0 if random else self.clock.elapsed_s(end)
        self._episodes.append(end=f'{end:.3f}', elapsed_s=elapsed_s, aborted=int(aborted), **values)
        value, total_steps = float(values['return']), int(values['total_steps'])
        number, steps, duration_s = int(values['episode']), int(values['steps']), float(values['duration_s'])
        self.figures.episode_ended(number, aborted, end, value, total_steps, steps, duration_s)
        if not aborted:
            self._events.add('episode/return', value, total_steps, end)
            self._events.add('episode/overruns', values['overruns'], total_steps, end)

    def cycle(self, *, stamp: float, overrun: bool, **values: Any) -> None:
        """Adds an action cycle."""
        self._cycles.append(stamp=f'{stamp:.6f}', overrun=int(overrun), **values)
        if not self._config.random_steps:
            self.clock.start(stamp - 1e-3 * values['cycle_ms'])
        self.clock.step(stamp)
        self.figures.weights_ages.add(float(values['weights_age_s']), self.figures.updates)
        self.figures.cycles.add(
            values['cycle_ms'], values['response_ms'], values['image_to_command_ms'], overrun
        )

    def learner(self, *, stamp: float, metrics: dict[str, float], **values: Any) -> None:
        """Adds a report of the learner."""
        self.updated(int(values['updates']))
        self.figures.updates_per_s = float(values['updates_per_s'])
        self.figures.updating.add(self.figures.updates_per_s, float(values['update_ms']))
        self._learner.append(
            stamp=f'{stamp:.3f}',
            elapsed_s=self.clock.elapsed_s(stamp),
            metrics=' '.join(f'{name}={value:.6g}' for name, value in metrics.items()),
            **values,
        )
        for name in ('updates_per_s', 'update_ms', 'handover_ms', 'waiting_fraction'):
            self._events.add(f'learner/{name}', values[name], self.figures.updates, stamp)
        for name, value in metrics.items():
            self._events.add(f'sac/{name}', value, self.figures.updates, stamp)

    def spans(self, component: str, spans: Iterable[Span], moved_s: float = 0.0) -> str:
        """Adds what a component did; `moved_s` makes times of the run of theirs [s].

        Returns a line to say, where spans.csv was full; else ''.
        """
        return self._spans.add(component, spans, moved_s)

    def sampling(self, sampling_ms: float) -> None:
        """Takes the mean time of a mini-batch in the last second [ms], 0 where none was made."""
        self.figures.updating.add_sampling(sampling_ms)

    def over(self, now_s: float) -> str:
        """Returns why the run is over, '' while it goes on. What is found once lasts, on the disk, too."""
        if not self.clock.over_because:
            if self.clock.over(now_s):
                self.clock.end(now_s, f'the duration of {self._config.duration:.0f} s is over')
            elif 0 < self._config.episodes <= len(self.figures.curve.returns):
                self.clock.end(now_s, f'{self._config.episodes} episodes are finished')
        return self.clock.over_because

    def progress(self, now_s: float) -> Progress:
        """Returns the state of the run at `now_s`."""
        figures = self.figures
        return Progress(
            elapsed_s=self.clock.elapsed_s(now_s),
            left_s=self.clock.left_s(now_s),
            episode=figures.episode,
            returns=figures.curve.returns,
            total_steps=figures.total_steps,
            random_steps=self._config.random_steps,
            updates=figures.updates,
            updates_per_s=figures.updates_per_s,
            cycle=figures.cycles.summary(),
            weights_age_s=figures.weights_ages.newest_s,
            update=figures.updating.summary(),
            weights=figures.weights_ages.summary(),
        )

    def close(
        self, now_s: float, processors: Shares | None = None, lost: dict[str, int] | None = None
    ) -> list[str]:
        """Completes the run folder as of `now_s`: first what became of the run, the picture last.

        What cannot be written keeps nothing else from being written.

        Args:
            now_s: the time.
            processors: None where time is not that of this machine.
            lost: what was lost or dropped elsewhere, by what it is in words.

        Returns:
            What is remarkable, in lines; `state` says in another one what the folder is.
        """
        remarks = []

        def complete(name: str, write: Callable[[Path], object]) -> None:
            path = self.folder / name
            if not self.writing.attempt(path, lambda: write(path)):
                self.lacking.append(name)

        self.clock.save()
        self._early = bool(self._config.duration or self._config.episodes) and not self.over(now_s)
        lost = (lost or {}) | self.writing.unwritten
        values = self._outcome(bool(self.over(now_s)) and self._acted, now_s, lost)
        complete(run_files.OUTCOME, lambda path: remarks.append(outcome_file.write(path.parent, values)))
        cycle, update = self.figures.cycles.summary(), self.figures.updating.summary()
        weights = self.figures.weights_ages.summary()
        if cycle is not None:
            timing = cycle._asdict() | (update._asdict() if update else {})
            timing |= weights._asdict() if weights else {}
            timing |= processors._asdict() if processors else {}
            complete(run_files.TIMING, lambda path: write_json(path, timing))
        if self._config.episodes and (returns := self.figures.curve.returns):
            found = evaluation.evaluation(returns[: self._config.episodes])
            complete(run_files.EVALUATION, lambda path: write_json(path, found))
        for part in (self._episodes, self._cycles, self._learner, self._spans, self._events):
            part.close()
        remarks.append(self.figures.curve.draw())
        return [line for line in remarks if line]

    @property
    def state(self) -> str:
        """One line on the run folder, after `close`."""
        state = f'lacks {", ".join(self.lacking)}' if self.lacking else 'is complete'
        unfit = '' if self._acted else ', but nothing has acted: there is no run in it'
        early = '; the run ended before its time' if self._acted and self._early else ''
        return f'run folder {self.folder} {state}{unfit}{early}'

    @property
    def _acted(self) -> bool:
        """An evaluation tells its steps at the end of an episode only; before that its cycles do."""
        return self.figures.total_steps > 0 or self.figures.cycles.summary() is not None

    def _outcome(self, complete: bool, now_s: float, lost: dict[str, int]) -> dict[str, object]:
        return outcome_file.outcome(
            complete=complete,
            elapsed_s=self.clock.elapsed_s(now_s),
            steps=self.figures.total_steps,
            random_steps=self._config.random_steps,
            updates=self.figures.updates,
            aborted=self.figures.aborted,
            returns=self.figures.curve.learned,
            cycle=self.figures.cycles.summary(),
            lost=lost,
        )
