"""npz: a file for each episode, read by numpy alone.

metadata.json                 the run, the arrays and their units, the episodes
episode_000000.npz            and so on
"""

from pathlib import Path

import numpy as np

from ur5_rl_bags.export.episodes import Episode
from ur5_rl_bags.export.source import About
from ur5_rl_graph.whole_file import write_json

ARRAYS = {
    'frames': '(F, H, W, 3) uint8, RGB, each camera frame once, oldest first',
    'frame_times_ns': '(F,) int64, capture, nanoseconds since the epoch',
    'shown': '(T+1, 3) int64, which frames observation k shows, oldest first: frames[shown[k]]',
    'proprio': '(T+1, 15) float32: 5 joint angles [rad], 5 joint velocities / max_joint_velocity, '
    'previous action in [-1, 1]',
    'actions': '(T, 5) float32 in [-1, 1], joint velocity / max_joint_velocity, as it was asked for',
    'executed_actions': '(T, 5) float32 in [-1, 1], what the arm made of it',
    'action_changed': '(T,) bool, whether it is not the one asked for',
    'rewards': '(T,) float32, of the step from observation k to k+1',
    'terminated': '(T,) bool, the task itself ended: the value of observation k+1 is 0',
    'truncated': '(T,) bool, the episode ended otherwise: the value goes on',
    'stamps_ns': '(T,) int64, time of observation k+1, nanoseconds since the epoch',
}
"""What is in a file: T steps, T + 1 observations."""


class NpzFiles:
    """Writes episodes into a folder."""

    def __init__(self, folder: Path, about: About) -> None:
        """Begins in an empty folder."""
        self._folder, self._about = folder, about
        self._episodes: list[dict] = []

    def add(self, episode: Episode) -> None:
        """Writes an episode."""
        name = f'episode_{len(self._episodes):06d}.npz'
        np.savez_compressed(self._folder / name, **{array: getattr(episode, array) for array in ARRAYS})
        target = [None if np.isnan(metres) else metres for metres in episode.summary.target]
        row = {'file': name, 'steps': len(episode)} | episode.outcome() | {'target': target}
        self._episodes.append(row)

    def close(self) -> None:
        """Completes it."""
        about = self._about.described()
        write_json(self._folder / 'metadata.json', about | {'arrays': ARRAYS, 'episodes': self._episodes})
