"""The environment without ROS: its lifecycle, one reading of the clocks for each event, and its journal."""

import dataclasses
from collections.abc import Callable
from typing import Any

from ur5_rl_env.episode_progress import Progress
from ur5_rl_env.events import Event, apply
from ur5_rl_env.journal import OBSERVATION, RESET, START, WORD, Journal
from ur5_rl_env.lifecycle import Lifecycle
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.outputs import Call, Observe, Output
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.clock import Clock, HeldClock, read


class Environment:
    """Takes events; all of what it answers follows from them, from their times and from its start."""

    def __init__(
        self,
        task: TaskConfig,
        config: LifecycleConfig,
        progress: Progress,
        word: PersonsWord,
        commander: dict[str, Any],
        clock: Clock | None = None,
    ) -> None:
        """Begins a life of the environment, and its journal.

        Args:
            task: what it is.
            config: how it runs.
            progress: where an earlier life has come to.
            word: a person's.
            commander: fields `run` and `process` of its velocity commands.
            clock: of the process.
        """
        self._clock = clock or Clock()
        self._held = HeldClock(read(self._clock))
        self.journal = Journal(commander['process'])
        self._progress = progress
        self._start = {
            'task': dataclasses.asdict(task),
            'config': dataclasses.asdict(config),
            'commander': commander,
            'episode': progress.episode,
            'total_steps': progress.total_steps,
        }
        noted = _NotedWord(word, lambda given: self.journal.note(WORD, self._held.reading, given))
        self.lifecycle = Lifecycle(task, config, self._held.clock, progress, noted)
        self.journal.note(START, self._held.reading, self._start)

    @property
    def stamp_ns(self) -> int:
        """Time of the newest event [ns since the epoch]."""
        return self._held.reading.stamp

    def take(self, event: Event) -> list[Output]:
        """Takes an event, now. Returns what there is to be done."""
        self._held.reading = at = read(self._clock)
        outputs = apply(self.lifecycle, event)
        self.journal.event(event, at)
        for output in outputs:
            match output:
                case Observe(observation, _):
                    self.journal.note(OBSERVATION, at, observation)
                case Call('target', token, _):
                    progress = {
                        'episode': self._progress.episode,
                        'total_steps': self.lifecycle.total_steps,
                        'token': token,
                        'absent': self.lifecycle.readiness.absent,
                        'target_seeds': self.lifecycle.target_seeds,
                    }
                    self.journal.note(RESET, at, self._start | progress)
        return outputs


class _NotedWord(PersonsWord):
    """A person's word; what is read of it, from a file that another node may delete, is noted."""

    def __init__(self, word: PersonsWord, note: Callable[[bool], None]) -> None:
        self._word, self._note = word, note

    @property
    def given(self) -> bool:
        given = self._word.given
        self._note(given)
        return given

    def give(self) -> None:
        try:
            self._word.give()
        except OSError:
            self._note(False)
            raise
        self._note(True)

    def take_back(self, by_servo: bool = False) -> None:
        self._word.take_back(by_servo)

    @property
    def request(self) -> str:
        return self._word.request
