"""Runs everything that an experiment names, several at once, and goes on where it was stopped."""

import os
import signal
import time
from pathlib import Path

from experiments import campaign_lock, campaign_progress, kept_settings, runs
from experiments.campaign_progress import Kind, State
from experiments.experiment import Experiment
from experiments.job import TRAINING, Job
from experiments.screen import Screen
from run_reading import speed, table
from run_reading.speed import Speed
from run_recorder.table_file import Table

POLL_S = 0.5
STOP_WAIT_S = 40.0
"""How long interrupted runs may take to end; a launch gives its nodes 20 s."""
RUN_COLUMNS = ('run', 'architecture', 'setting', 'stage', 'result', 'wall_s')


class Campaign:
    """The runs of an experiment in a folder."""

    def __init__(self, experiment: Experiment, folder: Path, screen: Screen) -> None:
        """Checks the whole campaign before anything starts, and locks its folder.

        Raises:
            ValueError: a parameter, a cost table or what the folder holds does not fit the experiment.
            OSError: the folder cannot be written.
        """
        kept_settings.check_runs(experiment)
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = campaign_lock.take(folder)
        kept = kept_settings.keep(
            folder, experiment.architectures, experiment.settings, experiment.parameters
        )
        jobs = [
            Job(experiment, run, kept[run.architecture, run.setting], folder, self._lock)
            for run in runs.runs(experiment)
        ]
        for job in jobs:
            if job.is_trained:
                runs.check_same(job.folder, experiment, job.run.setting)
        self._screen = screen
        self._done = [job for job in jobs if job.is_complete]
        self._waiting = [job for job in jobs if not job.is_complete]
        self._running: list[Job] = []
        self._failed: list[Job] = []
        self.at_once = experiment.at_once or _at_once(experiment.mode)
        self._table = Table(folder / 'runs.csv', RUN_COLUMNS)
        if self._table.damage:
            screen.say(self._table.damage)
        self._known = _known(folder / 'runs.csv')
        self._started_s = time.monotonic()

    def run(self) -> int:
        """Runs what is not complete; returns 0, or 1 where a run failed, or 130 after Ctrl-C."""
        if self._done:
            self._screen.say(f'{len(self._done)} runs are complete already')
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN:  # nohup is respected
                signal.signal(number, _interrupt)
        try:
            while self._waiting or self._running:
                self._step()
                self._show()
                time.sleep(POLL_S)
        except KeyboardInterrupt:
            self._stop()
            self._screen.say('stopped; the same command goes on from here')
            return 130
        finally:
            for job in self._running:
                job.kill()
            self._table.close()
        return self._report()

    def _step(self) -> None:
        for job in [job for job in self._running if job.ended()]:
            self._running.remove(job)
            self._go_on(job)
        while self._waiting and len(self._running) < self.at_once:
            self._start(self._waiting.pop(0))

    def _start(self, job: Job) -> None:
        try:
            job.start()
        except (ValueError, OSError) as error:
            self._failed.append(job)
            self._screen.say(f'{job.run.name} did not start: {error}')
            return
        self._running.append(job)
        self._screen.say(f'{job.run.name}: {job.stage}')

    def _go_on(self, job: Job) -> None:
        """Takes a job whose program has ended to its next one, to those done or to those that failed."""
        succeeded = job.succeeded
        self._note(job, 'done' if succeeded else 'failed')
        if not succeeded:
            self._failed.append(job)
            self._screen.say(job.failure())
        elif job.is_complete:
            self._done.append(job)
            self._screen.say(f'{job.run.name}: complete')
        else:
            self._start(job)

    def _note(self, job: Job, result: str) -> None:
        kind = (job.run.architecture, job.run.setting)
        if job.stage == TRAINING and result == 'done':
            self._known.append((kind, job.wall_s))
        self._table.append(
            run=job.run.name,
            architecture=kind[0],
            setting=kind[1],
            stage=job.stage,
            result=result,
            wall_s=f'{job.wall_s:.1f}',
        )

    def _state(self) -> State:
        waiting: list[Kind] = [(job.run.architecture, job.run.setting) for job in self._waiting]
        running = [job.state() for job in self._running]
        wall_s = time.monotonic() - self._started_s
        return State(len(self._done), len(self._failed), waiting, running, wall_s)

    def _show(self) -> None:
        state = self._state()
        left = campaign_progress.left_s(self._known, state.running, state.waiting, self.at_once)
        self._screen.show(campaign_progress.lines(state, left))

    def _stop(self) -> None:
        """Ends the runs in flight in good order; a second Ctrl-C or too long a wait ends them at once."""
        if self._running:
            self._screen.say(f'ending {len(self._running)} runs; Ctrl-C again ends them at once')
        for job in self._running:
            job.interrupt()
        deadline = time.monotonic() + STOP_WAIT_S
        try:
            while time.monotonic() < deadline and not all(job.ended() for job in self._running):
                time.sleep(0.1)
        except KeyboardInterrupt:
            pass
        for job in self._running:
            job.kill()
            self._note(job, 'stopped')

    def _report(self) -> int:
        self._screen.say(campaign_progress.lines(self._state(), None)[0])
        if speeds := self._speeds():
            runs_told = (
                f'{len(speeds)} of {len(self._done)} runs' if len(speeds) < len(self._done) else 'all runs'
            )
            self._screen.say(f'{runs_told}, each in its own time: {speed.total(speeds).line}')
        for job in self._failed:
            self._screen.say(f'failed: {job.run.name}, log {job.log}')
        if self._failed:
            self._screen.say('the same command tries the failed runs again')
        return 1 if self._failed else 0

    def _speeds(self) -> list[Speed]:
        """Of those runs in virtual time that have written how fast they went."""
        found = (_speed(job.folder) for job in self._done)
        return [of_run for of_run in found if of_run is not None]


def _speed(folder: Path) -> Speed | None:
    try:
        return speed.read(folder)
    except (ValueError, OSError):
        return None


def _at_once(mode: str) -> int:
    return len(os.sched_getaffinity(0)) if mode == 'virtual' else 1


def _known(path: Path) -> list[tuple[Kind, float]]:
    """How long runs took that earlier runners of this campaign brought to their end."""
    rows = table.read(path)
    columns = [rows.get(name, []) for name in ('architecture', 'setting', 'stage', 'result', 'wall_s')]
    return [
        ((architecture, setting), float(wall))
        for architecture, setting, stage, result, wall in zip(*columns, strict=True)
        if stage == TRAINING and result == 'done'
    ]


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
