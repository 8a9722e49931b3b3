"""The figures of a run so far: counts, statistics and episodes, of what comes and of what its tables hold."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from run_reading import table
from run_reading.timing import CycleStatistics, UpdateStatistics, WeightsAges
from run_recorder.run_curve import RunCurve
from ur5_rl_graph import run_files
from ur5_rl_graph.whole_file import read_values


class RunFigures:
    """Takes episodes, action cycles and reports of the learner.

    Attributes:
        curve: the finished episodes.
        cycles, updating, weights_ages: statistics, the last of what this recorder has heard itself.
        episode: number of the newest episode.
        untold_steps: of episodes that ended while nobody recorded it.
        aborted, total_steps, updates: how many there were.
        updates_per_s: in the newest report of the learner.
    """

    def __init__(self, curve: RunCurve, action_cycle_s: float) -> None:
        """Starts at zero."""
        self.curve = curve
        self.cycles, self.updating = CycleStatistics(1e3 * action_cycle_s), UpdateStatistics()
        self.weights_ages = WeightsAges(action_cycle_s)
        self.aborted = self.episode = self.untold_steps = self.total_steps = self.updates = 0
        self.updates_per_s = 0.0
        self._steps_at_end = 0  # of the newest episode

    @property
    def lost(self) -> dict[str, int]:
        """What the episodes tell of losses, by what it is in words."""
        return {'episodes aborted': self.aborted, 'steps of episodes that nobody recorded': self.untold_steps}

    def recall(self, folder: Path, tell: Callable[[str], object]) -> float:
        """Takes what the tables in a folder hold; returns the time of the run that they tell of [s].

        Args:
            folder: of the run.
            tell: gets a line on what is damaged.
        """
        elapsed_s = 0.0
        for name, take in (
            (run_files.EPISODES, self._recall_episodes),
            (run_files.CYCLES, self._recall_cycles),
            (run_files.LEARNER, self._recall_updates),
        ):
            for rows in table.read_parts(folder / name, tell):
                take(rows)
                elapsed_s = max(elapsed_s, float(rows.get('elapsed_s', '0')[-1]))
        self._recall_outcome(folder / run_files.OUTCOME)
        return elapsed_s

    def episode_ended(
        self,
        number: int,
        aborted: bool,
        end_s: float,
        value: float,
        total_steps: int,
        steps: int,
        duration_s: float,
    ) -> None:
        """Takes an episode; an aborted one is no part of the learning curve.

        Args:
            number: of the episode.
            aborted: whether it was.
            end_s: when it ended [s since the epoch].
            value: its return.
            total_steps: of the run at its end. Steps tell of a loss, a number that is left out does not: an
                episode may end before its first step, and one in which the environment dies does not count.
            steps: of the episode.
            duration_s: of it.
        """
        self.untold_steps += max(0, total_steps - steps - self._steps_at_end)
        self.episode, self._steps_at_end = number, total_steps
        if aborted:
            self.aborted += 1
        else:
            self.curve.add(end_s, value, total_steps, duration_s)

    def _recall_episodes(self, rows: dict[str, list[str]]) -> None:
        names = ('episode', 'aborted', 'end', 'return', 'total_steps', 'steps', 'duration_s')
        for row in zip(*(map(float, rows.get(name, [])) for name in names), strict=True):
            number, aborted, end_s, value, total_steps, steps, duration_s = row
            self.total_steps = max(self.total_steps, int(total_steps))
            self.episode_ended(
                int(number), aborted > 0, end_s, value, int(total_steps), int(steps), duration_s
            )

    def _recall_cycles(self, rows: dict[str, list[str]]) -> None:
        names = ('cycle_ms', 'response_ms', 'image_to_command_ms', 'overrun')
        columns = (map(float, rows.get(name, [])) for name in names)
        for cycle, response, image, overrun in zip(*columns, strict=True):
            self.cycles.add(cycle, response, image, overrun > 0)

    def _recall_outcome(self, path: Path) -> None:
        """A run that was closed had more than its tables, which hear of it once a second or an episode."""
        with suppress(ValueError, OSError):
            kept = read_values(path, {'steps': int, 'updates': int})
            self.total_steps = max(self.total_steps, kept['steps'])
            self.updates = max(self.updates, kept['updates'])

    def _recall_updates(self, rows: dict[str, list[str]]) -> None:
        names = ('updates_per_s', 'update_ms')
        for report in zip(*(map(float, rows.get(name, [])) for name in names), strict=True):
            self.updating.add(*report)
        self.updates = int(float(rows['updates'][-1]))
