"""Episodes of a policy that acts without noise in virtual time."""

from collections.abc import Callable
from pathlib import Path

from ur5_rl_graph.data import Observation
from ur5_rl_video.moments import Episode, Moment
from virtual_time.environment import Shot
from virtual_time.lab import evaluation_lab

KEPT = 100
"""Camera frames among which those of an observation are found."""


def act(
    checkpoint: Path, parameters: dict, seed: int, episodes: int, title: str, take: Callable[[Episode], None]
) -> None:
    """Has a saved policy act; `take` gets each episode when it is over.

    Args:
        checkpoint: of the policy.
        parameters: of all nodes, as of the launch file 'evaluate'.
        seed: of the targets and the noise of the sensors.
        episodes: how many.
        title: of the episodes, before their numbers.
        take: gets them.

    Raises:
        ValueError, OSError: no such checkpoint, one of another setting, no off-screen OpenGL.
    """
    gathering = Gathering(title, take)
    with evaluation_lab(parameters, seed, episodes) as lab:
        lab.evaluate(checkpoint)
        lab.watch(gathering.shot, gathering.observed)
        lab.run(lambda: None)


class Gathering:
    """Makes episodes of camera frames and of the observations that show them."""

    def __init__(self, title: str, take: Callable[[Episode], None]) -> None:
        """Starts before the first frame."""
        self._title, self._take = title, take
        self._shots: dict[int, Shot] = {}
        self._moments: list[Moment] = []

    def shot(self, shot: Shot) -> None:
        """Takes a camera frame."""
        self._shots[shot.stamp_ns] = shot
        if len(self._shots) > KEPT:
            del self._shots[min(self._shots)]

    def observed(self, observation: Observation) -> None:
        """Takes an observation of frames that were shot; the last one of an episode hands that on."""
        shots = [self._shots[int(stamp)] for stamp in observation.frame_ids]
        images = tuple(shot.picture for shot in shots)
        newest = shots[-1]
        reward = float(observation.reward)
        so_far = reward + (self._moments[-1].so_far if self._moments else 0.0)
        self._moments.append(Moment(observation.step, images, newest.q, newest.target, reward, so_far))
        if observation.truncated or observation.terminated:
            moments, self._moments = self._moments, []
            self._take(Episode(f'{self._title}, episode {observation.episode}', moments, so_far))
