"""One run of a campaign under way: training, then evaluation."""

import shutil
import time
from pathlib import Path
from typing import IO

from experiments import campaign_progress, places, runs
from experiments.campaign_program import Program, last_line
from experiments.campaign_progress import Running
from experiments.experiment import Experiment
from experiments.places import Place
from experiments.runs import Command, Run
from ur5_rl_graph import run_files

TRAINING, EVALUATION = 'training', 'evaluation'


class Job:
    """Brings a run from wherever its folder is to its end, one program after the other."""

    def __init__(self, experiment: Experiment, run: Run, setting: Path, folder: Path, lock: IO[str]) -> None:
        """Makes a job; nothing starts yet.

        Args:
            experiment: it belongs to.
            run: it is.
            setting: file of its setting.
            folder: of the campaign.
            lock: of the campaign; every program holds it while it lives.
        """
        self.run, self.folder, self.log = run, folder / run.name, folder / f'{run.name}.log'
        self._experiment, self._setting, self._lock = experiment, setting, lock
        self._program: Program | None = None
        self._place: Place | None = None
        self.stage = ''
        self._started_s = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether its folder holds all that it is to make."""
        return self.is_trained and runs.is_evaluated(self.folder, self._experiment.evaluation_episodes)

    @property
    def is_trained(self) -> bool:
        """Whether it has had its duration, believably, and left its networks."""
        return not runs.untrained(self.folder)

    @property
    def wall_s(self) -> float:
        """How long its present program has run [s]."""
        return time.monotonic() - self._started_s

    def start(self) -> None:
        """Starts the next program; training that was not finished begins at the beginning.

        Raises:
            ValueError: in place of the run's folder stands something else.
            OSError: a program is missing, the disk is full.
        """
        trained = self.is_trained
        self.stage = EVALUATION if trained else TRAINING
        if not trained:
            _remove_unfinished(self.folder)
        command = self._evaluation() if trained else self._training()
        held = [self._lock.fileno()]
        if self._place is not None:
            held.append(self._place.socket.fileno())
        self._program = Program(command, self.log, held, append=trained)
        self._started_s = time.monotonic()

    def _training(self) -> Command:
        if self._experiment.mode == 'real_time':
            self._place = places.take()
        place = self._place.number if self._place else 0
        return runs.training(self._experiment, self.run, self._setting, self.folder, place)

    def _evaluation(self) -> Command:
        return runs.evaluation(self._experiment, self.run, self._setting, self.folder)

    def ended(self) -> bool:
        """Whether its present program has ended; its place is free then."""
        if self._program is None or self._program.code is None:
            return False
        if self._place is not None:
            self._place.socket.close()
            self._place = None
        return True

    @property
    def _code(self) -> int | None:
        return None if self._program is None else self._program.code

    @property
    def succeeded(self) -> bool:
        """Whether the program that has ended did what it was started for."""
        done = self.is_trained if self.stage == TRAINING else self.is_complete
        return self._code == 0 and done

    def failure(self) -> str:
        """Returns what went wrong, in one line."""
        code = self._code
        doubt = runs.untrained(self.folder)
        end = f'exit code {code}' if code else (doubt or 'not evaluated')
        return f'{self.run.name} failed ({self.stage}, {end}): {last_line(self.log)} | {self.log}'

    def state(self) -> Running:
        """Returns how far it is."""
        share = min(campaign_progress.elapsed_s(self.folder) / self._experiment.duration, 1.0)
        what = self.stage
        if what == TRAINING:
            what = 'learning' if campaign_progress.random_steps_over(self.folder) else 'random steps'
        kind = (self.run.architecture, self.run.setting)
        return Running(self.run.name, kind, share if what == 'learning' else 0.0, self.wall_s, what)

    def interrupt(self) -> None:
        """Asks its program to end in good order."""
        if self._program is not None:
            self._program.interrupt()

    def kill(self) -> None:
        """Ends its program."""
        if self._program is not None:
            self._program.kill()


def _remove_unfinished(folder: Path) -> None:
    """Removes what an interrupted run has left; refuses to remove anything else."""
    if not folder.exists():
        return
    if any(folder.iterdir()) and not any(
        (folder / name).exists() for name in (run_files.IDENTITY, run_files.CLOCK)
    ):
        raise ValueError(f'{folder} is in the way and is no run; move it away')
    shutil.rmtree(folder)
